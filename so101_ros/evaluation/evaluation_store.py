"""The folder of an evaluation: what is finished stays, whatever ends the program.

``run.json``       what every episode in the folder was run with
``episodes.csv``   one line per episode, written when it is finished
``traces/``        everything that happened in each episode, ``POLICY/seed_000000.npz``
``errors/``        where in its code a policy failed, one text per episode
"""

import fcntl
import json
import os
import re
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO
from zipfile import BadZipFile

import numpy as np

from so101_ros.errors import ConfigError, RecordingError
from so101_ros.evaluation.episode import EpisodeResult, EpisodeTrace, EvaluatedEpisode
from so101_ros.evaluation.episodes_csv import HEADER, read_journal, to_line, to_row
from so101_ros.evaluation.whole_file import whole_file
from so101_ros.policies.replay import trace_path

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")

# What tells a folder of ours comes last, so that a removal that was cut short can be repeated.
_FILES = ("episodes.csv", "results.json", "graph.log", "run.json")
_FOLDERS = ("traces", "errors", "plots", "videos")


class EvaluationStore:
    """Keep episodes in a folder, and know those that are there already.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path, conditions: Mapping[str, Any], *, fresh: bool = False) -> None:
        """Open a folder, new or of an earlier run under the same conditions.

        Args:
            folder: Made if it does not exist.
            conditions: What every episode in the folder must share, as plain data.
            fresh: Whether to remove the files of an earlier evaluation first, and nothing else.

        Raises:
            ConfigError: If the folder cannot be written, is in use, or holds episodes that were
                run under other conditions.
        """
        self.folder = folder
        self._results: dict[tuple[str, int], EpisodeResult] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder / ".lock")
            if fresh:
                _remove_evaluation(folder)
            _check_conditions(folder / "run.json", conditions)
            self._journal = self._open_journal(folder / "episodes.csv")
            # The last step: a folder that was refused must not look like one of ours.
            if not (folder / "run.json").exists():
                _note_conditions(folder / "run.json", conditions)
        except OSError as err:
            raise ConfigError(
                f"--out {folder} cannot be written: {err.strerror}; give another path"
            ) from err
        except RecordingError as err:
            raise ConfigError(f"--out {folder}: {err}") from err

    def __enter__(self) -> "EvaluationStore":
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._journal.close()
        self._lock.close()

    def has(self, policy: str, seed: int) -> bool:
        """Whether an episode is finished."""
        return (policy, seed) in self._results

    def results(self, policy: str, seeds: range) -> list[EpisodeResult]:
        """The finished episodes of a policy, by seed.

        Args:
            policy: Who was tried.
            seeds: The seeds to look for.
        """
        return [self._results[policy, seed] for seed in seeds if self.has(policy, seed)]

    def add(self, episode: EvaluatedEpisode) -> None:
        """Keep an episode; it is safe when this returns.

        Raises:
            OSError: If it cannot be written.
        """
        result = episode.result
        self._save_trace(result, episode.trace)
        if episode.traceback:
            path = self.folder / "errors" / f"{folder_name(result.policy)}_{_file_name(result)}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(episode.traceback)
        # The line comes last: an episode counts as finished only with everything else in place.
        self._journal.write(to_line(to_row(result)))
        self._journal.flush()
        os.fsync(self._journal.fileno())
        self._results[result.policy, result.seed] = result

    def trace(self, policy: str, seed: int) -> EpisodeTrace:
        """Read what happened in a finished episode.

        Raises:
            RecordingError: If its file is missing or damaged.
        """
        path = self._trace_path(policy, seed)
        try:
            with np.load(path) as arrays:
                return EpisodeTrace.from_arrays(arrays)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as err:
            raise RecordingError(f"{path} is no recorded episode: {err}") from err

    def _save_trace(self, result: EpisodeResult, trace: EpisodeTrace) -> None:
        path = self._trace_path(result.policy, result.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            np.savez_compressed(stream, **trace.to_arrays())

    def _trace_path(self, policy: str, seed: int) -> Path:
        return trace_path(self.folder / "traces" / folder_name(policy), seed)

    def _open_journal(self, path: Path) -> TextIO:
        """Read what is finished, cut a torn last line off, and go on behind it."""
        path.touch()
        journal = read_journal(path)
        for result in journal.results:
            self._results[result.policy, result.seed] = result
        os.truncate(path, journal.intact_bytes)
        stream = path.open("a", encoding="utf-8")
        if journal.intact_bytes == 0:
            stream.write(to_line(HEADER))
            stream.flush()
        return stream


def _remove_evaluation(folder: Path) -> None:
    if not (folder / "run.json").is_file():
        return
    for name in _FOLDERS:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


def _note_conditions(path: Path, conditions: Mapping[str, Any]) -> None:
    with whole_file(path) as stream:
        stream.write((json.dumps(conditions, indent=2) + "\n").encode())


def _check_conditions(path: Path, conditions: Mapping[str, Any]) -> None:
    """Refuse to mix episodes that cannot be compared."""
    if not path.exists():
        return
    try:
        before = json.loads(path.read_text())
    except ValueError as err:
        raise RecordingError(f"{path.name} is damaged: {err}") from err
    differing = [
        f"{name} was {before.get(name)}, now {value}"
        for name, value in conditions.items()
        if before.get(name) != value
    ]
    if differing:
        raise RecordingError(
            f"it holds episodes run under other conditions ({'; '.join(differing)}); give another "
            "path, or start over there with --fresh"
        )


def _lock(path: Path) -> TextIO:
    stream = path.open("w")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        stream.close()
        raise RecordingError("another evaluation writes there; wait for it") from err
    return stream


def folder_name(policy: str) -> str:
    """Name of a policy as a file's name; a checksum keeps those apart that would look alike."""
    safe = _UNSAFE.sub("_", policy).strip("_")
    return safe if safe == policy else f"{safe}-{zlib.crc32(policy.encode()):08x}"


def _file_name(result: EpisodeResult) -> str:
    return f"seed_{result.seed:06d}"
