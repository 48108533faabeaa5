"""What is finished stays, whatever ends the program."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from episode_results import make_result, make_trace

from so101_ros.errors import ConfigError, RecordingError
from so101_ros.evaluation.episode import Ending, EvaluatedEpisode
from so101_ros.evaluation.evaluation_store import EvaluationStore, folder_name

CONDITIONS = {"scene": {"friction": 0.2}, "through": "env"}
SEEDS = range(10)


def _episode(seed: int, policy: str = "ik", traceback: str = "") -> EvaluatedEpisode:
    ending = Ending.POLICY_ERROR if traceback else Ending.SUCCESS
    return EvaluatedEpisode(make_result(seed, ending, policy), make_trace(), traceback)


def test_episodes_are_there_after_a_restart(tmp_path: Path) -> None:
    """Results and traces, each by policy and seed."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(3))
        store.add(_episode(1))
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert store.has("ik", 3) and not store.has("ik", 2) and not store.has("zero", 3)
        assert store.results("ik", SEEDS) == [make_result(1), make_result(3)]
        np.testing.assert_array_equal(store.trace("ik", 1).paper, make_trace().paper)


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_line_is_run_again_and_harms_nobody(tmp_path: Path, cut: int) -> None:
    """As a kill in the middle of writing leaves it; what comes later is whole."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        store.add(_episode(1))
    journal = tmp_path / "episodes.csv"
    os.truncate(journal, journal.stat().st_size - cut)
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert store.has("ik", 0) and not store.has("ik", 1)
        store.add(_episode(1))
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert store.results("ik", SEEDS) == [make_result(0), make_result(1)]


def test_a_torn_header_is_written_again(tmp_path: Path) -> None:
    """A kill may come before the first episode."""
    with EvaluationStore(tmp_path, CONDITIONS):
        pass
    for size in (0, 10):
        os.truncate(tmp_path / "episodes.csv", size)
        with EvaluationStore(tmp_path, CONDITIONS) as store:
            store.add(_episode(size))
        with EvaluationStore(tmp_path, CONDITIONS) as store:
            assert store.has("ik", size)


def test_an_episode_counts_only_with_its_trace(tmp_path: Path) -> None:
    """When the trace cannot be written there is no line either."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        (tmp_path / "traces").write_text("in the way")
        with pytest.raises(OSError):
            store.add(_episode(0))
        assert not store.has("ik", 0)
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert not store.has("ik", 0)


def test_other_conditions_are_refused_with_the_difference(tmp_path: Path) -> None:
    """Episodes of two scenes must not be averaged."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
    with pytest.raises(ConfigError, match=r"through was env, now graph.*--fresh"):
        EvaluationStore(tmp_path, CONDITIONS | {"through": "graph"})


def test_two_evaluations_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second is told to wait; after the first has ended it may go on."""
    with EvaluationStore(tmp_path, CONDITIONS):
        with pytest.raises(ConfigError, match="another evaluation writes there"):
            EvaluationStore(tmp_path, CONDITIONS)
    with EvaluationStore(tmp_path, CONDITIONS):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way is bad input, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/eval cannot be written"):
        EvaluationStore(tmp_path / "file" / "eval", CONDITIONS)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a,b", "polynomial,degree"])
def test_a_foreign_table_is_not_overwritten(tmp_path: Path, text: str) -> None:
    """Somebody else's episodes.csv stays as it is, also after another try with --fresh."""
    (tmp_path / "episodes.csv").write_text(text)
    for fresh in (False, True):
        with pytest.raises(ConfigError, match="has other columns"):
            EvaluationStore(tmp_path, CONDITIONS, fresh=fresh)
        assert (tmp_path / "episodes.csv").read_text() == text


def test_where_a_policy_failed_can_be_read(tmp_path: Path) -> None:
    """One text per failed episode, none for the others."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        store.add(_episode(1, traceback="line 7: KeyError"))
    (path,) = (tmp_path / "errors").iterdir()
    assert path.name == "ik_seed_000001.txt" and path.read_text() == "line 7: KeyError"


def test_a_missing_trace_is_named(tmp_path: Path) -> None:
    """Somebody has removed or torn the file."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        path = tmp_path / "traces" / "ik" / "seed_000000.npz"
        whole = path.read_bytes()
        changed = whole[:60] + 20 * b"\xff" + whole[80:]
        for content in (whole[:50], b"", changed):
            path.write_bytes(content)
            with pytest.raises(RecordingError, match=r"seed_000000\.npz is no recorded episode"):
                store.trace("ik", 0)


def test_a_fresh_start_removes_our_files_and_no_others(tmp_path: Path) -> None:
    """A folder without an evaluation is left alone."""
    (tmp_path / "thesis.tex").write_text("important")
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "mine.png").write_text("")
    with EvaluationStore(tmp_path, CONDITIONS, fresh=True) as store:
        assert (tmp_path / "plots" / "mine.png").exists()
        store.add(_episode(0))
    with EvaluationStore(tmp_path, CONDITIONS | {"through": "graph"}, fresh=True) as store:
        assert not store.has("ik", 0)
        assert not (tmp_path / "traces").exists()
    assert (tmp_path / "thesis.tex").read_text() == "important"


def test_a_fresh_start_takes_nothing_from_a_run_that_goes_on(tmp_path: Path) -> None:
    """It is refused before anything is removed."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        with pytest.raises(ConfigError, match="another evaluation writes there"):
            EvaluationStore(tmp_path, CONDITIONS, fresh=True)
        store.add(_episode(1))
        assert store.trace("ik", 0).policy_hz == make_trace().policy_hz
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert store.has("ik", 0) and store.has("ik", 1)


def test_names_of_policies_make_different_folders() -> None:
    """Also those that differ only in what a folder's name cannot hold."""
    names = ["ik", "replay:out/a", "replay:out_a", "replay/out/a", "my.module:make"]
    folders = [folder_name(name) for name in names]
    assert folders[0] == "ik" and len(set(folders)) == len(names)
    assert not any("/" in folder or ":" in folder for folder in folders)


def test_an_episode_that_is_added_twice_counts_once(tmp_path: Path) -> None:
    """The later line wins, in memory and after a restart."""
    again = replace(make_result(0), ticks=77)
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        store.add(EvaluatedEpisode(again, make_trace()))
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert store.results("ik", SEEDS) == [again]


@pytest.mark.parametrize("size", [None, 0, 50])
def test_an_episode_without_its_trace_runs_again(tmp_path: Path, size: int | None) -> None:
    """It is not in the table twice then; the others stay."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
        store.add(_episode(1))
    path = tmp_path / "traces" / "ik" / "seed_000000.npz"
    path.write_bytes(path.read_bytes()[:size]) if size is not None else path.unlink()
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        assert not store.has("ik", 0) and store.has("ik", 1)
        store.add(_episode(0))
    rows = (tmp_path / "episodes.csv").read_text().splitlines()[1:]
    assert sorted(row.split(",")[1] for row in rows) == ["0", "1"]


def test_a_journal_that_was_taken_away_is_noticed(tmp_path: Path) -> None:
    """Removed with its folder, or replaced as editors do; nothing is written nowhere."""
    with EvaluationStore(tmp_path / "out", CONDITIONS) as store:
        store.add(_episode(0))
        journal = tmp_path / "out" / "episodes.csv"
        (tmp_path / "edited").write_bytes(journal.read_bytes())
        (tmp_path / "edited").replace(journal)
        with pytest.raises(RecordingError, match="removed or replaced by another program"):
            store.add(_episode(1))
        shutil.rmtree(tmp_path / "out")
        with pytest.raises(RecordingError, match="removed or replaced by another program"):
            store.add(_episode(1))
    assert not (tmp_path / "out").exists()


def test_a_policy_may_change_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Episodes stay where they were asked for."""
    monkeypatch.chdir(tmp_path)
    with EvaluationStore(Path("out"), CONDITIONS) as store:
        store.add(_episode(0))
        monkeypatch.chdir("/")
        store.add(_episode(1))
    assert len(list((tmp_path / "out" / "traces" / "ik").iterdir())) == 2


def test_a_traceback_may_hold_what_no_file_can(tmp_path: Path) -> None:
    """Names of files are bytes, and some are no text."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0, traceback="OSError: \udcff"))
    (path,) = (tmp_path / "errors").iterdir()
    assert path.read_text() == "OSError: \\udcff"


@pytest.mark.parametrize("content", ["[7]", "null", "7", '{"scene":', "\xff"])
def test_damaged_conditions_are_told(tmp_path: Path, content: str) -> None:
    """In one line that says what to do."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
    (tmp_path / "run.json").write_text(content, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"run\.json is damaged.*--fresh"):
        EvaluationStore(tmp_path, CONDITIONS)


def test_episodes_of_unknown_conditions_are_not_taken_over(tmp_path: Path) -> None:
    """Somebody has removed the file that says how they were run."""
    with EvaluationStore(tmp_path, CONDITIONS) as store:
        store.add(_episode(0))
    (tmp_path / "run.json").unlink()
    with pytest.raises(ConfigError, match=r"run\.json is missing.*remove episodes\.csv"):
        EvaluationStore(tmp_path, CONDITIONS | {"through": "graph"})
    assert not (tmp_path / "run.json").exists()
