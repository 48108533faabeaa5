"""The provider behind a server, as it meets good servers, bad ones and none."""

import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import zmq
from groot_servers import hold_server, make_request, profile_of, scripted_server

from so101_ros.errors import GrootError
from so101_ros.groot.contract_json import contract_to_json
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.wire.codec import MAX_MESSAGE_BYTES
from so101_ros.groot.wire.dialect import N15, N16, N17, UNSAFE_PICKLE, Dialect
from so101_ros.groot.wire.endpoints import Endpoint
from so101_ros.groot.wire.modality import modalities_of
from so101_ros.groot.wire.server_provider import ServerProvider

_NOWHERE = "tcp://127.0.0.1:9"  # where "discard" lived; nobody listens
_Q = np.array([0.1, -0.2, 0.3, -0.4, 0.5, 0.6])
_WAIT_S = 10.0  # for what must come, however busy the machine is


@pytest.fixture(params=list(Generation))
def generation(request: pytest.FixtureRequest) -> Generation:
    """Each release."""
    return request.param


def _ask(provider: ServerProvider, generation: Generation) -> np.ndarray:
    profile = profile_of(generation)
    return profile.targets(provider.infer(make_request(profile, _Q)), _Q)


def _upstream(dialect: Dialect, generation: Generation) -> "_Upstream":
    return _Upstream(dialect, generation)


class _Upstream:
    """Answers like a server of upstream's: no contract, no list of endpoints."""

    def __init__(self, dialect: Dialect, generation: Generation) -> None:
        self._dialect = dialect
        self._contract = profile_of(generation).contract("upstream")
        self.asked: list[dict] = []
        self.action: object = None

    def __call__(self, data: bytes) -> bytes:
        try:
            message = self._dialect.codec.unpack(data)
        except GrootError:
            return b"ERROR"
        self.asked.append(message)
        return self._dialect.codec.pack(self._answer(message))

    def _answer(self, message: dict) -> object:
        if message["endpoint"] == "ping":
            return {"status": "ok", "message": "Server is running"}
        if message["endpoint"] == "get_modality_config":
            return modalities_of(self._contract, prefixed=self._dialect.layout.prefixed)
        if self.action is not None:
            return self.action
        observation = self._dialect.layout.read_observation(message["data"])
        rows = {"arm_0": np.tile(observation.request.state["arm_0"], (16, 1))}
        return self._dialect.layout.write_answer(rows, batch=True)


def test_our_server_tells_everything(generation: Generation) -> None:
    """Over a real socket, in every dialect: the contract, and the answer that holds the arm."""
    with hold_server(generation) as server:
        provider = ServerProvider(server.address, generation, "new_embodiment", timeout_s=_WAIT_S)
        contract = provider.describe()
        expected = profile_of(generation).contract("anywhere")
        assert contract_to_json(contract) == contract_to_json(expected)
        assert contract.source == server.address
        np.testing.assert_allclose(_ask(provider, generation), np.tile(_Q, (16, 1)), atol=1e-6)
        provider.close()
        provider.close()
    assert [each.endpoint for each in server.served] == [
        "get_modality_config",
        "ping",
        "get_contract",
        "get_action",
    ]
    assert not any(each.error for each in server.served)


@pytest.mark.parametrize(
    ("dialect", "generation"),
    [
        (N15, Generation.N15),
        (N16, Generation.N16),
        (N16, Generation.N17),  # the first release of N1.7
        (N17, Generation.N17),
    ],
)
def test_upstreams_servers_are_recognised(dialect: Dialect, generation: Generation) -> None:
    """With and without an expectation; they are asked nothing that they do not know."""
    upstream = _upstream(dialect, generation)
    with scripted_server(upstream) as address:
        for expected in (generation, None):
            provider = ServerProvider(address, expected, timeout_s=_WAIT_S)
            contract = provider.describe()
            assert contract.generation is (expected or dialect.generations[0])
            assert contract.embodiment_tag is None
            assert contract.video == {"image_cam_0": None, "image_cam_1": None}
            assert contract.horizon == 16
            np.testing.assert_allclose(_ask(provider, generation), np.tile(_Q, (16, 1)), atol=1e-6)
            provider.close()
    assert {each["endpoint"] for each in upstream.asked} == {
        "get_modality_config",
        "ping",
        "get_action",
    }
    assert all("api_token" not in each for each in upstream.asked)


def test_an_answer_needs_no_description_first(generation: Generation) -> None:
    """The dialect is found out then."""
    with hold_server(generation) as server:
        provider = ServerProvider(server.address, timeout_s=_WAIT_S)
        assert _ask(provider, generation).shape == (16, 6)
        provider.close()


def test_no_server_is_no_long_wait_and_one_line() -> None:
    """It names the address, and how to start one."""
    provider = ServerProvider(_NOWHERE, timeout_s=0.2)
    for ask in (provider.describe, lambda: _ask(provider, Generation.N15)):
        with pytest.raises(GrootError) as found:
            ask()
        assert str(found.value) == (
            "no GR00T server answers at tcp://127.0.0.1:9. Start one with `so101 groot serve` (a "
            "checkpoint) or `so101 groot mock` (a stand-in), or name another address"
        )
    provider.close()


def test_a_server_that_comes_later_is_found() -> None:
    """By the same provider."""
    with hold_server() as server:
        address = server.address
    provider = ServerProvider(address, timeout_s=0.2)
    with pytest.raises(GrootError, match="no GR00T server answers"):
        provider.describe()
    with hold_server(address=address):
        assert _wait_for(provider).shape == (16, 6)
        provider.close()


def test_a_restart_between_two_questions_is_noticed() -> None:
    """What is there now may be another model: the question is not asked before that is checked."""
    with hold_server() as server:
        address = server.address
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        assert _ask(provider, Generation.N15).shape == (16, 6)
    with hold_server(address=address) as server:
        with pytest.raises(GrootError, match="was restarted since the last question"):
            _ask(provider, Generation.N15)
        assert not server.served
        assert _ask(provider, Generation.N15).shape == (16, 6)
        provider.close()


def test_a_provider_closes_while_its_failure_is_under_way() -> None:
    """As ``finally`` and ``closing`` do; the server is there, and silent."""
    with zmq.Context() as context, context.socket(zmq.REP) as silent:
        port = silent.bind_to_random_port("tcp://127.0.0.1")
        provider = ServerProvider(f"tcp://127.0.0.1:{port}", timeout_s=0.2)
        with pytest.raises(GrootError, match="did not answer"), closing(provider):
            provider.describe()
        silent.close(linger=0)


def _wait_for(provider: ServerProvider) -> np.ndarray:
    give_up_s = time.monotonic() + _WAIT_S
    while True:
        try:
            return _ask(provider, Generation.N15)
        except GrootError:
            if time.monotonic() > give_up_s:
                raise


@pytest.fixture
def mock_process() -> Iterator[subprocess.Popen[str]]:
    """Start a mock that takes a minute for an answer."""
    words = "groot mock --answers hold --port 0 --delay-ms 60000"
    process = subprocess.Popen(
        [sys.executable, "-m", "so101_ros.cli", *words.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_server_that_dies_midway_is_noticed_at_once(
    mock_process: subprocess.Popen[str],
) -> None:
    """Not when the time is over; and one that takes its place is found."""
    assert mock_process.stdout is not None
    address = mock_process.stdout.readline().split()[-1]
    provider = ServerProvider(address, Generation.N15, timeout_s=30.0)
    provider.describe()
    killer = threading.Timer(0.3, mock_process.send_signal, [signal.SIGKILL])
    killer.start()
    began_s = time.monotonic()
    with pytest.raises(GrootError, match=rf"at {address} went away during get_action. Look at its"):
        _ask(provider, Generation.N15)
    assert time.monotonic() - began_s < 25.0
    killer.join()
    with hold_server(address=address):
        assert _wait_for(provider).shape == (16, 6)
    provider.close()


def test_a_late_reply_is_never_taken_for_that_of_a_later_question() -> None:
    """The socket of a question that was given up is gone."""
    upstream = _upstream(N15, Generation.N15)
    late: list[bytes] = []

    def reply(data: bytes) -> bytes | None:
        answer = upstream(data)
        if upstream.asked[-1]["endpoint"] == "get_action" and not late:
            late.append(answer)
            return None
        return answer

    with scripted_server(reply) as address:
        provider = ServerProvider(address, Generation.N15, timeout_s=0.5)
        provider.describe()
        with pytest.raises(GrootError, match=r"did not answer get_action within 0.5 s. It may"):
            _ask(provider, Generation.N15)
        profile = profile_of(Generation.N15)
        other = make_request(profile, -_Q)
        found = profile.targets(provider.infer(other), -_Q)
        np.testing.assert_allclose(found, np.tile(-_Q, (16, 1)), atol=1e-6)
        provider.close()


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        (Generation.N17, Generation.N15),
        (Generation.N15, Generation.N17),
        (Generation.N17, Generation.N16),
    ],
)
def test_another_release_is_refused(spoken: Generation, expected: Generation) -> None:
    """The message says which was found, and which the profile says."""
    with hold_server(spoken) as server:
        provider = ServerProvider(server.address, expected, timeout_s=_WAIT_S)
        with pytest.raises(
            GrootError,
            match=rf"speaks {spoken.value}, the profile is for {expected.value}: start a server "
            rf"of that release, or take a profile whose generation is {spoken.value}",
        ):
            provider.describe()
        provider.close()


def test_another_robot_is_refused() -> None:
    """Where the server tells."""
    with hold_server() as server:
        provider = ServerProvider(server.address, embodiment_tag="gr1", timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match="a model of 'new_embodiment', the profile is for 'gr"):
            provider.describe()
        provider.close()


def test_a_token_lets_in_and_a_wrong_one_does_not() -> None:
    """The message says where it is given, and does not repeat it."""
    with hold_server(token="right") as server:
        provider = ServerProvider(server.address, token="right", timeout_s=_WAIT_S)
        assert _ask(provider, Generation.N15).shape == (16, 6)
        provider.close()
        for wrong in ("", "wrong"):
            provider = ServerProvider(server.address, token=wrong, timeout_s=_WAIT_S)
            with pytest.raises(GrootError, match="refuses the token") as err:
                provider.describe()
            assert "wrong" not in str(err.value)
            provider.close()


def test_an_error_reply_is_quoted_in_one_line() -> None:
    """And shortened: upstream's can be pages."""
    upstream = _upstream(N17, Generation.N17)
    upstream.action = {"error": "CUDA error:\n  out of memory" + "!" * 1000}
    with scripted_server(upstream) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match="get_action with an error: 'CUDA error: out of") as e:
            _ask(provider, Generation.N17)
        assert "\n" not in str(e.value)
        assert len(str(e.value)) < 450
        upstream.action = None
        assert _ask(provider, Generation.N17).shape == (16, 6)
        provider.close()


def test_a_reply_that_is_no_action_says_what_it_is() -> None:
    """As when a server is of another release than its metadata says."""
    upstream = _upstream(N15, Generation.N15)
    upstream.action = [{"arm_0": np.zeros((1, 16, 6))}, {}]
    with scripted_server(upstream) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match=r"is no action: N1\.5 answers a map, got a list"):
            _ask(provider, Generation.N15)
        provider.close()


def test_values_that_are_no_numbers_are_left_to_the_profile() -> None:
    """Which names them."""
    upstream = _upstream(N16, Generation.N16)
    upstream.action = [{"arm_0": np.full((1, 16, 6), np.nan, np.float32)}, {}]
    with scripted_server(upstream) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match="'arm_0' has values that are no finite numbers"):
            _ask(provider, Generation.N16)
        provider.close()


@pytest.mark.parametrize("generation", [None, Generation.N15])
def test_a_server_that_does_not_tell_its_keys_is_refused(generation: Generation | None) -> None:
    """Nothing can be checked then."""
    with hold_server(tells_keys=False) as server:
        provider = ServerProvider(server.address, generation, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match="does not say which keys its model has"):
            provider.describe()
        if generation is None:
            with pytest.raises(GrootError, match="does not say which keys its model has"):
                _ask(provider, Generation.N15)
        else:
            assert _ask(provider, Generation.N15).shape == (16, 6)
        provider.close()


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (b"ERROR", "speaks pickle, as phospho's do, which can run code here. Run the tag n1.5-rel"),
        (UNSAFE_PICKLE.codec.pack({"error": "no"}), "speaks pickle"),
        (b"PK\x03\x04torch", "speaks torch.save, as releases of before September 2025"),
        (b"HTTP/1.1 400 Bad Request", "is nothing of GR00T's: .* Is it another program's port?"),
        (b"", "is nothing of GR00T's"),
        (b"\xdd\xff\xff\xff\xff", "is nothing of GR00T's"),
        (b"\x80", "does not say which keys"),
        (b"\xc0", "does not say which keys"),
    ],
)
def test_other_servers_are_told_apart(reply: bytes, complaint: str) -> None:
    """Pickles are recognised without being read."""
    with scripted_server(lambda _: reply) as address:
        provider = ServerProvider(address, Generation.N15, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match=complaint):
            provider.describe()
        provider.close()


@pytest.mark.parametrize("envelope", [True, False])
def test_pickles_are_spoken_only_on_request_and_with_a_warning(envelope: bool) -> None:
    """By phosphobot's servers, which answer in an envelope, and the fork's, which do not."""
    upstream = _upstream(UNSAFE_PICKLE, Generation.N15)

    def reply(data: bytes) -> bytes:
        answer = upstream(data)
        if answer == b"ERROR" or not envelope:
            return answer
        content = {"status": "ok", "result": UNSAFE_PICKLE.codec.unpack(answer)}
        return UNSAFE_PICKLE.codec.pack(content)

    with scripted_server(reply) as address:
        with pytest.warns(RuntimeWarning, match="unsafe_pickle is on: messages are pickles"):
            provider = ServerProvider(
                address, Generation.N15, timeout_s=_WAIT_S, unsafe_pickle=True
            )
        assert provider.describe().horizon == 16
        np.testing.assert_allclose(_ask(provider, Generation.N15), np.tile(_Q, (16, 1)), atol=1e-6)
        provider.close()
    assert {each["version"] for each in upstream.asked} == {2}


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (b"ERROR", "answers get_modality_config with ERROR: see its log"),
        (
            UNSAFE_PICKLE.codec.pack(
                {"status": "error", "error_type": "KeyError", "message": "'arm'"}
            ),
            "with an error: \"KeyError: 'arm'\"",
        ),
        (b"\x80\x04cbuiltins\nexec\n.", "wants builtins.exec: only arrays"),
    ],
)
@pytest.mark.filterwarnings("ignore:unsafe_pickle")
def test_errors_of_pickled_servers_are_quoted(reply: bytes, complaint: str) -> None:
    """Old and new ones; and no pickle runs code."""
    with scripted_server(lambda _: reply) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S, unsafe_pickle=True)
        with pytest.raises(GrootError, match=complaint):
            provider.describe()
        provider.close()


def test_no_warning_without_pickles() -> None:
    """The usual way is silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ServerProvider().close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://:5555",
        "tcp://a:99999",
        "http://a:1",
        "tcp://a b:1",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is opened."""
    with pytest.raises(GrootError, match="no address of a GR00T server; it must look like tcp://"):
        ServerProvider(address)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan"), float("inf")])
def test_every_wait_has_an_end(timeout_s: float) -> None:
    """A client that may hang would hold the arm for ever."""
    with pytest.raises(GrootError, match="timeout_s must be above 0 s"):
        ServerProvider(timeout_s=timeout_s)


def test_a_reply_beyond_all_measure_is_not_received() -> None:
    """The connection is closed instead of filling the memory."""
    with scripted_server(lambda _: bytes(MAX_MESSAGE_BYTES + 1)) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        with pytest.raises(GrootError, match=r"went away during|did not answer"):
            provider.describe()
        provider.close()


def test_the_prompt_of_the_request_is_what_the_model_reads() -> None:
    """Under the key that the server names."""
    upstream = _upstream(N17, Generation.N17)
    with scripted_server(upstream) as address:
        provider = ServerProvider(address, timeout_s=_WAIT_S)
        request = make_request(profile_of(Generation.N17), _Q)
        provider.infer(replace(request, prompt="pick it up"))
        provider.close()
    sent = next(each for each in upstream.asked if each["endpoint"] == Endpoint.GET_ACTION.value)
    assert sent["data"]["observation"]["language"] == {
        "annotation.human.task_description": [["pick it up"]]
    }
