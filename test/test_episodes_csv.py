"""Episodes as lines of a CSV file, and as the journal of a run."""

import csv
import io
from pathlib import Path

import pytest
from episode_results import make_result, make_results
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import RecordingError
from so101_ros.evaluation.episode import Ending, EpisodeResult
from so101_ros.evaluation.episodes_csv import HEADER, from_row, read_journal, to_line, to_row
from so101_ros.task.measures import PaperMeasures

floats = st.floats(allow_nan=False)
maybe = st.none() | floats
texts = st.text(st.characters(exclude_categories=["Cs"]))
results = st.builds(
    EpisodeResult,
    policy=texts,
    seed=st.integers(0, 2**63),
    ending=st.sampled_from(Ending),
    message=texts,
    ticks=st.integers(0, 400),
    unavailable_ticks=st.integers(0, 400),
    clipped_ticks=st.integers(0, 400),
    episode_return=floats,
    time_to_success_s=maybe,
    final=st.builds(PaperMeasures, distance_to_goal=floats, yaw_error=floats, margin=floats),
    min_distance=floats,
    inference_mean_s=maybe,
    inference_p50_s=maybe,
    inference_p99_s=maybe,
    wall_s=floats,
)


def _content(episodes: list[EpisodeResult]) -> bytes:
    lines = [to_line(HEADER), *(to_line(to_row(episode)) for episode in episodes)]
    return "".join(lines).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "episodes.csv"


@given(result=results)
def test_a_row_comes_back_bit_for_bit(result: EpisodeResult) -> None:
    """Every field, whatever the texts hold."""
    assert from_row(to_row(result)) == result


@given(result=results)
def test_an_episode_is_one_line_for_every_csv_reader(result: EpisodeResult) -> None:
    """A line break in a message does not break the journal, nor a comma the columns."""
    line = to_line(to_row(result))
    assert line.count("\n") == 1
    assert "\r" not in line
    (row,) = csv.reader(io.StringIO(line, newline=""))
    assert from_row(row) == result


def test_other_tools_find_their_columns() -> None:
    """A reader that knows no more than the header gets numbers with units in their names."""
    failed = make_result(7, Ending.POLICY_ERROR, message='ValueError: a "b",\nc')
    (row,) = csv.DictReader(io.StringIO(_content([failed]).decode(), newline=""))
    assert tuple(row) == HEADER
    assert (row["seed"], row["ending"], row["time_to_success_s"]) == ("7", "policy_error", "")
    assert float(row["final_distance_to_goal_m"]) == failed.final.distance_to_goal
    assert row["message"] == 'ValueError: a "b",\\nc'


def test_a_file_comes_back(path: Path) -> None:
    """In the order of its lines, and all of it is intact."""
    episodes = make_results(2, 1, 1)
    path.write_bytes(_content(episodes))
    assert read_journal(path) == (episodes, path.stat().st_size)


def test_a_run_killed_at_any_byte_keeps_its_finished_episodes(path: Path) -> None:
    """Wherever the writer was stopped, what was finished is read and can be appended to."""
    first, second = make_result(0), make_result(1, Ending.TIME_LIMIT, message="time limit, gone")
    whole = _content([first, second])
    head, one = len(_content([])), len(_content([first]))
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        expected = ([first], one) if size >= one else ([], head if size >= head else 0)
        assert read_journal(path) == expected, size
        path.write_bytes(whole[: read_journal(path).intact_bytes] + whole[expected[1] :])
        assert read_journal(path).results == [first, second]


def test_a_tear_inside_a_character_is_overlooked(path: Path) -> None:
    """A last line that is not even UTF-8 is a torn line."""
    content = _content([make_result(0), make_result(1, message="ü")])
    path.write_bytes(content[: content.index("ü".encode()) + 1])
    assert read_journal(path).results == [make_result(0)]


def test_damage_is_not_a_tear(path: Path) -> None:
    """A broken line before the last would lose an episode silently."""
    lines = _content(make_results(3)).splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2][:20] + b"\n", lines[3]]))
    with pytest.raises(RecordingError, match=r"episodes\.csv is damaged: not an episode's row"):
        read_journal(path)


@pytest.mark.parametrize(
    ("column", "text"), [("seed", "x"), ("ending", "won"), ("wall_s", ""), ("ticks", "1.5")]
)
def test_refuses_what_a_column_does_not_hold(column: str, text: str) -> None:
    """A number is never made up."""
    row = to_row(make_result())
    row[HEADER.index(column)] = text
    with pytest.raises(RecordingError, match="not an episode's row"):
        from_row(row)


def test_refuses_another_files_columns(path: Path) -> None:
    """Someone else's table is not a journal."""
    path.write_text("a,b\n1,2\n")
    with pytest.raises(RecordingError, match=r"other columns than an .* 'a,b'"):
        read_journal(path)


def test_a_missing_file_is_an_error(path: Path) -> None:
    """Whether there is a journal is asked before it is read."""
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_journal(path)


def test_a_lone_surrogate_can_be_written(path: Path) -> None:
    """Python lets a broken file name into a message; the file stays UTF-8."""
    path.write_bytes(_content([make_result(message="no file \udcff.onnx")]))
    assert read_journal(path).results[0].message == "no file \\udcff.onnx"


@pytest.mark.parametrize("damage", ["ik\r0", "x" * 200_000, "", '"', "ik,0,success"])
def test_a_line_that_is_no_episode_is_told_with_what_to_do(path: Path, damage: str) -> None:
    """Whatever another program has made of it; also lines that no csv reader takes."""
    path.write_bytes(_content([make_result(0)]) + damage.encode() + b"\n")
    with pytest.raises(RecordingError, match=r"is damaged: .*remove that line"):
        read_journal(path)
