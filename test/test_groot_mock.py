"""The mock of GR00T's servers: paces, faults, and the command."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from groot_servers import ANY_PORT, hold_server, make_request, our_server, profile_of
from rich.console import Console

from so101_ros.cli import groot_display, main
from so101_ros.cli.groot_display import RequestDisplay
from so101_ros.errors import ConfigError, GrootError
from so101_ros.groot.mock.faults import SLOW_S, Fault, FaultTimes, FaultyProvider
from so101_ros.groot.mock.provider import HoldProvider, PacedProvider
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.replay.recorded_chunks import RecordedChunks
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire.server import ServerOptions
from so101_ros.groot.wire.server_provider import ServerProvider
from so101_ros.groot.wire.service import Served

_Q = np.array([0.1, -0.2, 0.3, -0.4, 0.5, 0.6])
_WAIT_S = 20.0
_PROFILE = profile_of(Generation.N15)


@pytest.mark.parametrize("name", ["paper_return", "lerobot_so101"])
def test_who_holds_says_where_the_arm_is(name: str) -> None:
    """In the model's units, whatever they are."""
    profile = load_profile(name)
    provider = HoldProvider(profile)
    answer = provider.infer(make_request(profile, _Q))
    np.testing.assert_allclose(profile.targets(answer, _Q), np.tile(_Q, (16, 1)), atol=1e-5)
    assert provider.describe().horizon == profile.horizon


def test_a_pace_includes_the_others_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So 192 ms are 192 ms with every source of answers."""
    now_s = 100.0
    waits: list[float] = []

    class Slow(HoldProvider):
        def infer(self, request: GrootRequest) -> GrootAnswer:
            nonlocal now_s
            now_s += 0.15
            return super().infer(request)

    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    for inference_s in (0.192, 0.1):
        PacedProvider(Slow(_PROFILE), inference_s, waits.append).infer(make_request(_PROFILE, _Q))
    assert waits == pytest.approx([0.042, 0.0])


@pytest.mark.parametrize(
    ("times", "wrong"),
    [
        (FaultTimes(), [1, 2, 3, 4, 5, 6]),
        (FaultTimes(after=3), [4, 5, 6]),
        (FaultTimes(every=2), [2, 4, 6]),
        (FaultTimes(after=1, every=3), [4]),
    ],
)
def test_faults_come_when_they_should(times: FaultTimes, wrong: list[int]) -> None:
    """Also through the provider that spoils answers."""
    assert [number for number in range(1, 7) if times.has(number)] == wrong
    provider = FaultyProvider(HoldProvider(_PROFILE), Fault.ERROR, times)
    failed = []
    for number in range(1, 7):
        try:
            provider.infer(make_request(_PROFILE, _Q))
        except GrootError:
            failed.append(number)
    assert failed == wrong


@pytest.mark.parametrize("numbers", [(-1, 1), (0, 0), (0, -3)])
def test_times_that_mean_nothing_are_refused(numbers: tuple[int, int]) -> None:
    """Instead of never going wrong."""
    with pytest.raises(ConfigError, match="a fault may begin after 0 requests or more, and come"):
        FaultTimes(*numbers)


_COMPLAINTS = {
    Fault.SLOW: r"did not answer get_action within 0\.5 s",
    Fault.DEAD: r"did not answer get_action within 0\.5 s",
    Fault.ERROR: r"answers get_action with an error: 'this mock was told to fail",
    Fault.WRONG_KEY: r"its keys are not the profile's\. It has arm_0_renamed \(16, 6\)",
    Fault.WRONG_SHAPE: r"the shape of 'arm_0' is not the profile's\. It has arm_0 \(16, 7\)",
    Fault.WRONG_HORIZON: r"the shape of 'arm_0' is not the profile's\. It has arm_0 \(8, 6\)",
    Fault.NAN: r"'arm_0' has values that are no finite numbers",
}


@pytest.mark.parametrize("fault", _COMPLAINTS)
def test_each_fault_has_its_message(fault: Fault) -> None:
    """Through a real socket; and the next request is answered."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(0.6)  # longer than the client waits

    provider = FaultyProvider(HoldProvider(_PROFILE), fault, FaultTimes(every=2), sleep)
    with our_server(provider, ServerOptions(ANY_PORT)) as server:
        client = ServerProvider(server.address, Generation.N15, timeout_s=_WAIT_S)
        request = make_request(_PROFILE, _Q)
        assert _PROFILE.targets(client.infer(request), _Q).shape == (16, 6)
        hasty = ServerProvider(server.address, Generation.N15, timeout_s=0.5)
        hasty.describe()
        with pytest.raises(GrootError, match=_COMPLAINTS[fault]):
            _PROFILE.targets(hasty.infer(request), _Q)
        assert _PROFILE.targets(client.infer(request), _Q).shape == (16, 6)
        client.close()
        hasty.close()
    assert waits == ([SLOW_S] if fault is Fault.SLOW else [])


def test_radians_as_degrees_are_sixty_times_too_large() -> None:
    """No message here: the guard of the arm and the check of its range meet it."""
    provider = FaultyProvider(HoldProvider(_PROFILE), Fault.WRONG_UNIT, FaultTimes())
    found = _PROFILE.targets(provider.infer(make_request(_PROFILE, _Q)), _Q)
    np.testing.assert_allclose(found[0], np.rad2deg(_Q), rtol=1e-5)


def test_no_fault_changes_what_the_model_remembers() -> None:
    """A spoilt answer is a copy."""
    rows = np.zeros((16, 6), np.float32)

    class Remembering(HoldProvider):
        def infer(self, request: GrootRequest) -> GrootAnswer:
            return {"arm_0": rows}

    for fault in _COMPLAINTS:
        if fault not in (Fault.DEAD, Fault.ERROR, Fault.SLOW):
            provider = FaultyProvider(Remembering(_PROFILE), fault, FaultTimes())
            provider.infer(make_request(_PROFILE, _Q))
    assert not rows.any()


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_mock() -> Iterator[Start]:
    """Start the command on a free port; whatever runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "so101_ros.cli", "groot", "mock", "--port", "0", *words.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    """Read the line that every program can read."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"ready on (tcp://127\.0\.0\.1:\d+)\n", line)
    assert found, line
    return found[1]


def _end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> tuple[str, str]:
    """End it, and return the rest of its output and its errors."""
    process.send_signal(number)
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait(_WAIT_S) == 0, err
    assert "Traceback" not in err
    return out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("dialect", ["n15", "n16", "n17"])
def test_the_command_speaks_every_dialect(
    start_mock: Start, dialect: str, number: signal.Signals
) -> None:
    """From the first line to a clean end; it says that it is a mock."""
    process = start_mock(f"--answers hold --dialect {dialect}")
    generation = Generation(dialect)
    provider = ServerProvider(_address(process), generation, timeout_s=_WAIT_S)
    assert provider.describe().embodiment_tag == "new_embodiment"
    profile = profile_of(generation)
    found = profile.targets(provider.infer(make_request(profile, _Q)), _Q)
    np.testing.assert_allclose(found, np.tile(_Q, (16, 1)), atol=1e-6)
    provider.close()
    assert _end(process, number)[0] == (
        "this is a mock: no model answers, but hold; profile paper_return, dialect "
        f"{dialect}, at least 0 ms; Ctrl-C ends it\nended after 1 answers, 0 errors\n"
    )


def test_the_command_takes_its_time_and_stops_in_the_middle_of_it(start_mock: Start) -> None:
    """A minute for an answer: too long for the client, and no reason not to end at once."""
    process = start_mock("--answers hold --delay-ms 60000")
    provider = ServerProvider(_address(process), Generation.N15, timeout_s=0.5)
    provider.describe()
    with pytest.raises(GrootError, match=r"did not answer get_action within 0\.5 s"):
        provider.infer(make_request(_PROFILE, _Q))
    provider.close()
    _end(process)


def test_the_command_serves_on_when_nobody_reads_its_lines(start_mock: Start) -> None:
    """A script may want the first one alone."""
    process = start_mock("--answers hold")
    address = _address(process)
    assert process.stdout is not None
    process.stdout.close()
    provider = ServerProvider(address, timeout_s=_WAIT_S)
    assert provider.infer(make_request(_PROFILE, _Q))["arm_0"].shape == (16, 6)
    provider.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(_WAIT_S) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stdout = None


def test_the_command_wants_its_token(start_mock: Start) -> None:
    """From the environment, where other users do not see it."""
    process = start_mock("--answers hold --token-env SECRET", SECRET="abc")
    address = _address(process)
    good = ServerProvider(address, token="abc", timeout_s=_WAIT_S)
    assert good.describe().horizon == 16
    good.close()
    bad = ServerProvider(address, token="cba", timeout_s=_WAIT_S)
    with pytest.raises(GrootError, match="refuses the token"):
        bad.describe()
    bad.close()
    assert "abc" not in "".join(_end(process))


def test_the_command_records_and_plays(start_mock: Start, tmp_path: Path) -> None:
    """What the first one answered, the second one answers."""
    path = tmp_path / "chunks.npz"
    process = start_mock(f"--answers hold --record {path}")
    provider = ServerProvider(_address(process), timeout_s=_WAIT_S)
    for step in range(3):
        provider.infer(make_request(_PROFILE, _Q * step))
    provider.close()
    assert f"{path} holds 3 answers\n" in _end(process)[0]
    assert len(RecordedChunks.load(path)) == 3
    process = start_mock(f"--answers replay:{path}")
    provider = ServerProvider(_address(process), timeout_s=_WAIT_S)
    for step in (0, 1, 2, 0):
        found = _PROFILE.targets(provider.infer(make_request(_PROFILE, _Q)), _Q)
        np.testing.assert_allclose(found[0], _Q * step, atol=1e-6)
    provider.close()
    _end(process)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--fault wrong_dialect", "speaks n17, the profile is for n15"),
        ("--fault wrong_dialect --dialect n17", "speaks n15, the profile is for n17"),
        ("--fault no_metadata", "does not say which keys its model has"),
        ("--unsafe-pickle", "speaks pickle"),
    ],
)
def test_faults_of_the_server_are_found_before_anything_moves(
    start_mock: Start, words: str, complaint: str
) -> None:
    """When it is asked what it is."""
    process = start_mock(f"--answers hold {words}")
    expected = Generation.N17 if "n17" in words else Generation.N15
    provider = ServerProvider(_address(process), expected, timeout_s=_WAIT_S)
    with pytest.raises(GrootError, match=complaint):
        provider.describe()
    provider.close()
    _end(process)


def test_the_command_goes_wrong_on_purpose_and_says_so(start_mock: Start) -> None:
    """In its first lines, and for each kind of error once."""
    process = start_mock("--answers hold --fault error --fault-after 1")
    provider = ServerProvider(_address(process), timeout_s=_WAIT_S)
    provider.infer(make_request(_PROFILE, _Q))
    for _ in range(3):
        with pytest.raises(GrootError, match="told to fail"):
            provider.infer(make_request(_PROFILE, _Q))
    provider.close()
    out, err = _end(process)
    assert "it will go wrong on purpose: error\n" in out
    assert out.endswith("ended after 1 answers, 3 errors\n")
    assert "so101 groot: get_action got an error: this mock was told to fail" in err


@pytest.mark.filterwarnings("ignore:unsafe_pickle")
def test_the_command_warns_of_pickles(start_mock: Start) -> None:
    """Each time it starts; then it speaks as phospho's servers do."""
    process = start_mock("--answers hold --unsafe-pickle")
    provider = ServerProvider(_address(process), timeout_s=_WAIT_S, unsafe_pickle=True)
    found = _PROFILE.targets(provider.infer(make_request(_PROFILE, _Q)), _Q)
    np.testing.assert_allclose(found[0], _Q, atol=1e-6)
    provider.close()
    _, err = _end(process, signal.SIGTERM)
    assert "unsafe_pickle is on: messages are pickles, and whoever can send one may run" in err


def test_rates_are_said_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of answers; other messages do not count."""
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    display = RequestDisplay(Console(width=110))
    for seconds in (0.1, 0.2, 0.3):
        display.count(Served("get_action", seconds, ""))
    display.count(Served("ping", 5.0, ""))
    display.count(Served("get_action", 5.0, "no"))
    display.count(Served("get_action", 5.0, "no"))
    assert capsys.readouterr().out == ""
    now_s += groot_display._PERIOD_S
    display.count(Served("get_action", 0.2, ""))
    assert capsys.readouterr().out == (
        "4 answers, 0.8 per second, 200 ms at the median, 2 errors\n"
    )


def test_the_same_error_is_said_once_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A client that is wrong asks again and again."""
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    display = RequestDisplay(Console())
    for _ in range(5):
        display.count(Served("get_action", 0.1, "no\nreason"))
    assert capsys.readouterr().err == "so101 groot: get_action got an error: no reason\n"
    display.count(Served("", 0.1, "other"))
    now_s += 1.0
    display.count(Served("", 0.1, "other"))
    assert capsys.readouterr().err == "so101 groot: a message got an error: other\n" * 2


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--port 70000", "--port must be 0 to 65535, got 70000"),
        ("--delay-ms -1", "--delay-ms must be 0 to 60000, got -1.0"),
        ("--delay-ms nan", "--delay-ms must be 0 to 60000, got nan"),
        ("--answers model", "--answers 'model' is unknown. Allowed: ik, hold, replay:FILE"),
        ("--answers replay:", "--answers 'replay:' is unknown"),
        ("--answers replay:none.npz", "none.npz is not a file. Record one with"),
        ("--fault sad", "--fault 'sad' is unknown. Allowed: slow, wrong_key, wrong_shape"),
        ("--fault nan --fault-every 0", "come every 1 or more, got after 0, every 0"),
        ("--token-env NOT_SET_HERE", "the environment has no such variable, or it is empty"),
        ("--profile nobody", "profile 'nobody' is unknown"),
        ("--dialect n99", "argument --dialect: invalid choice: 'n99'"),
        ("--dialect n17 --unsafe-pickle", "--unsafe-pickle is spoken by servers of n15 alone"),
        ("--host 192.0.2.1", "no server can listen at tcp://192.0.2.1:0"),
        ("--record .", "is a folder. Give the name of a file in it"),
    ],
)
def test_bad_input_is_one_line(
    words: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, before a port is taken."""
    command = ["groot", "mock", "--port", "0", "--answers", "hold", *words.split()]
    try:
        code = main.run(command)
    except SystemExit as end:
        code = end.code
    captured = capsys.readouterr()
    assert code == 2
    assert complaint in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """As when a mock runs already."""
    with hold_server() as server:
        port = server.address.rpartition(":")[2]
        assert main.run(["groot", "mock", "--answers", "hold", "--port", port]) == 2
    assert "Address already in use" in capsys.readouterr().err


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Every fault, with what it does."""
    with pytest.raises(SystemExit):
        main.run(["groot", "mock", "--help"])
    shown = capsys.readouterr().out
    for fault in Fault:
        assert f"{fault.value} " in shown
