"""Recorded answers: the file, the provider that plays it, and the one that makes it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groot_servers import make_request, profile_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from so101_ros.errors import ConfigError, GrootError, RecordingError
from so101_ros.groot.contract_json import contract_to_json
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.replay import provider as replay
from so101_ros.groot.replay.provider import RecordingProvider, ReplayProvider
from so101_ros.groot.replay.recorded_chunks import RecordedChunks
from so101_ros.groot.request import GrootAnswer, GrootRequest

_CONTRACT = profile_of(Generation.N15).contract("a test")
_Q = np.linspace(-0.5, 0.5, 6)


def _answers(count: int) -> RecordedChunks:
    rows = np.arange(count * 16 * 6, dtype=np.float32).reshape(count, 16, 6)
    return RecordedChunks(_CONTRACT, {"arm_0": rows})


def _request(q: np.ndarray = _Q) -> GrootRequest:
    return make_request(profile_of(Generation.N15), q)


@settings(deadline=None)
@given(
    rows=hnp.arrays(
        st.sampled_from([np.float32, np.float64]), hnp.array_shapes(min_dims=3, max_dims=3)
    ),
    keys=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, rows: np.ndarray, keys: list[str]
) -> None:
    """Values, names, and what the model said of itself."""
    path = tmp_path_factory.mktemp("recording") / "chunks.npz"
    RecordedChunks(_CONTRACT, dict.fromkeys(keys, rows)).save(path)
    found = RecordedChunks.load(path)
    assert list(found.rows) == keys
    assert len(found) == len(rows)
    for key in keys:
        np.testing.assert_array_equal(found.rows[key], rows)
    assert found.contract.source == str(path)
    assert found.contract.video == _CONTRACT.video


def test_a_name_that_a_file_would_cut_is_refused() -> None:
    """Rather than found under another one."""
    with pytest.raises(RecordingError, match=r"cannot hold keys with NUL in them, got \['a\\x00b'"):
        RecordedChunks(_CONTRACT, {"a\0b": np.zeros((1, 1, 1))})


def test_answers_come_in_order_and_from_the_start_again(tmp_path: Path) -> None:
    """Whatever is asked; each is a copy."""
    chunks = _answers(3)
    chunks.save(tmp_path / "chunks.npz")
    provider = ReplayProvider(tmp_path / "chunks.npz")
    for index in (0, 1, 2, 0, 1):
        answer = provider.infer(_request())
        np.testing.assert_array_equal(answer["arm_0"], chunks.rows["arm_0"][index])
        answer["arm_0"][:] = -1.0
    assert provider.describe().horizon == 16
    assert provider.describe().action == {"arm_0": 6}
    provider.close()


def test_a_recording_that_is_not_repeated_has_an_end(tmp_path: Path) -> None:
    """It stays at its end."""
    _answers(1).save(tmp_path / "chunks.npz")
    provider = ReplayProvider(tmp_path / "chunks.npz", repeat=False)
    provider.infer(_request())
    for _ in range(2):
        with pytest.raises(GrootError, match=r"chunks\.npz is at its end, after 1 answers"):
            provider.infer(_request())


def _write(path: Path, **changes: Any) -> None:
    """Save a good file with something else in it; None leaves it out."""
    content = {
        "format": "so101 groot chunks 1",
        "contract": json.dumps(contract_to_json(_CONTRACT)),
        "action.arm_0": np.zeros((2, 16, 6)),
        **changes,
    }
    np.savez(path, **{key: value for key, value in content.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": None}, "format is not a file in the archive"),
        ({"format": "so101 groot chunks 9"}, "its format is 'so101 groot chunks 9', not"),
        ({"contract": None}, "contract is not a file in the archive"),
        ({"contract": "{"}, "Expecting property name"),
        ({"contract": "[1]"}, "holds no contract of a GR00T model"),
        ({"action.arm_0": None}, "must have the shape"),
        ({"action.arm_0": np.zeros((2, 96))}, "must have the shape"),
        ({"action.arm_0": np.zeros((0, 16, 6))}, "must have the shape"),
        ({"action.arm_0": np.full((2, 16, 6), "a")}, r"action\.arm_0 are no numbers"),
        ({"action.hand": np.zeros((2, 15, 1))}, "as many for each key"),
        ({"action.arm_0": np.full((2, 16, 6), {})}, "allow_pickle=False"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, changes: Any, complaint: str) -> None:
    """Named, with what is wrong and how to make one."""
    path = tmp_path / "chunks.npz"
    _write(path, **changes)
    with pytest.raises(RecordingError, match=complaint) as found:
        ReplayProvider(path)
    assert str(path) in str(found.value)
    assert "so101 groot mock --record" in str(found.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"text", b"\x80\x04."])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    """Cut ones and pickles too."""
    path = tmp_path / "chunks.npz"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="holds no answers of a GR00T model"):
        ReplayProvider(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    """As a full disk or a broken copy leaves it."""
    path = tmp_path / "chunks.npz"
    _answers(5).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RecordingError, match="holds no answers of a GR00T model"):
        ReplayProvider(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And so is a folder."""
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(RecordingError, match=rf"{path} is not a file\. Record one with"):
            ReplayProvider(path)


class _Model(HoldProvider):
    """Answers of the shape that is asked for."""

    def __init__(self) -> None:
        super().__init__(profile_of(Generation.N15))
        self.steps = 16
        self.closed = False

    def describe(self) -> ModelContract:
        return _CONTRACT

    def infer(self, request: GrootRequest) -> GrootAnswer:
        return {"arm_0": np.tile(request.state["arm_0"], (self.steps, 1))}

    def close(self) -> None:
        self.closed = True


def test_what_was_answered_is_played_again(tmp_path: Path) -> None:
    """All of it, once the recorder is closed."""
    path = tmp_path / "chunks.npz"
    model = _Model()
    recorder = RecordingProvider(model, path)
    poses = [_Q * step for step in range(5)]
    told = [recorder.infer(_request(q))["arm_0"] for q in poses]
    assert recorder.describe() is _CONTRACT
    recorder.close()
    assert model.closed
    player = ReplayProvider(path, repeat=False)
    for rows in told:
        np.testing.assert_array_equal(player.infer(_request())["arm_0"], rows)
    assert len(recorder) == 5


def test_the_file_is_whole_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first answer on."""
    monkeypatch.setattr(replay, "_SAVE_PERIOD_S", 0.0)
    path = tmp_path / "chunks.npz"
    recorder = RecordingProvider(_Model(), path)
    assert not path.exists()
    for count in range(1, 5):
        recorder.infer(_request())
        assert len(RecordedChunks.load(path)) == count
    assert [each.name for each in tmp_path.iterdir()] == ["chunks.npz"]


def test_it_is_not_written_at_every_answer(tmp_path: Path) -> None:
    """Answers must not wait for the disk; the last ones come when it is closed."""
    path = tmp_path / "chunks.npz"
    recorder = RecordingProvider(_Model(), path)
    for _ in range(3):
        recorder.infer(_request())
    assert len(RecordedChunks.load(path)) == 1
    recorder.close()
    assert len(RecordedChunks.load(path)) == 3


def test_answers_of_another_shape_are_counted_and_left_out(tmp_path: Path) -> None:
    """They are answered all the same."""
    model = _Model()
    recorder = RecordingProvider(model, tmp_path / "chunks.npz")
    recorder.infer(_request())
    model.steps = 8
    assert recorder.infer(_request())["arm_0"].shape == (8, 6)
    assert (len(recorder), recorder.left_out) == (1, 1)


def test_a_recording_is_replaced_only_on_request(tmp_path: Path) -> None:
    """It may be the only one of a day with the robot."""
    path = tmp_path / "chunks.npz"
    _answers(2).save(path)
    with pytest.raises(ConfigError, match=r"exists\. Give another name, or --force"):
        RecordingProvider(_Model(), path)
    recorder = RecordingProvider(_Model(), path, overwrite=True)
    assert len(RecordedChunks.load(path)) == 2
    recorder.infer(_request())
    assert len(RecordedChunks.load(path)) == 1


def test_a_recording_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the reason."""
    recorder = RecordingProvider(_Model(), tmp_path / "none" / "chunks.npz")
    with pytest.raises(RecordingError, match=r"chunks\.npz cannot be written: No such file"):
        recorder.infer(_request())


_KILLED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import test_groot_replay as tests
from so101_ros.groot.replay import provider as replay
replay._SAVE_PERIOD_S = 0.0
recorder = replay.RecordingProvider(tests._Model(), Path(sys.argv[1]))
request = tests._request()
while True:
    recorder.infer(request)
    print("x", flush=True)
"""


def test_a_kill_leaves_a_file_that_can_be_played(tmp_path: Path) -> None:
    """At whatever moment it comes; written all the time here, to meet the worst one."""
    path = tmp_path / "chunks.npz"
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    answered = 20
    for _ in range(answered):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(RecordedChunks.load(path)) >= answered
