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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO
from zipfile import BadZipFile, is_zipfile

import numpy as np

from so101_ros.errors import ConfigError, RecordingError
from so101_ros.evaluation.episode import EpisodeResult, EpisodeTrace, EvaluatedEpisode
from so101_ros.evaluation.episodes_csv import HEADER, Journal, read_journal, to_line, to_row
from so101_ros.output_files import whole_file
from so101_ros.policies.replay import trace_path

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")

# What tells a folder of ours comes last, so that a removal that was cut short can be repeated.
_FILES = ("episodes.csv", "results.json", "graph.log", "run.json")
_FOLDERS = ("traces", "errors", "plots", "videos")

_MOST_NAMED = 5  # conditions in a message


class EvaluationStore:
    """Keep episodes in a folder, and know those that are there already.

    Attributes:
        folder: The folder; absolute, so that a policy may change the current one.
    """

    def __init__(self, folder: Path, conditions: Mapping[str, Any], *, fresh: bool = False) -> None:
        """Open a folder, new or of an earlier run under the same conditions.

        Args:
            folder: Made if it does not exist.
            conditions: What every episode in the folder must share, as plain data.
            fresh: Whether to remove the files of an earlier evaluation first, and nothing else.

        Raises:
            ConfigError: If the folder cannot be written, is in use, or holds episodes that were
                run under other conditions, or that nobody can read.
        """
        self.folder = folder.absolute()
        self._results: dict[tuple[str, int], EpisodeResult] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder / ".lock")
            if fresh:
                _remove_evaluation(folder)
            journal = _read_journal(folder / "episodes.csv")
            _check_conditions(folder / "run.json", conditions, is_new=not journal.results)
            self._journal = self._open_journal(folder / "episodes.csv", journal)
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
        with suppress(OSError):  # a full disk has been told when the line was written
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
            RecordingError: If another program has taken the files away.
        """
        self._check_journal(self.folder / "episodes.csv")
        result = episode.result
        self._save_trace(result, episode.trace)
        if episode.traceback:
            path = self.folder / "errors" / f"{folder_name(result.policy)}_{_file_name(result)}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(episode.traceback, encoding="utf-8", errors="backslashreplace")
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
            raise RecordingError(
                f"{path} is no recorded episode: {err}; remove it, and the same command runs its "
                "episode again"
            ) from err

    def _save_trace(self, result: EpisodeResult, trace: EpisodeTrace) -> None:
        path = self._trace_path(result.policy, result.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            np.savez_compressed(stream, **trace.to_arrays())

    def _trace_path(self, policy: str, seed: int) -> Path:
        return trace_path(self.folder / "traces" / folder_name(policy), seed)

    def _open_journal(self, path: Path, journal: Journal) -> TextIO:
        """Take in what is finished, cut a torn last line off, and go on behind it.

        An episode whose trace is gone or torn runs again; its row must not be there twice then.
        """
        for result in journal.results:
            if is_zipfile(self._trace_path(result.policy, result.seed)):
                self._results[result.policy, result.seed] = result
        if len(self._results) < len(journal.results) or journal.intact_bytes == 0:
            _write_journal(path, self._results.values())
        else:
            os.truncate(path, journal.intact_bytes)
        return path.open("a", encoding="utf-8")

    def _check_journal(self, path: Path) -> None:
        """Notice when lines would go to a file that nobody finds any more."""
        ours = os.fstat(self._journal.fileno())
        if not path.exists() or not os.path.samestat(ours, path.stat()):
            raise RecordingError(
                f"{path} was removed or replaced by another program while the evaluation ran; the "
                "same command goes on with what is there now"
            )


def _read_journal(path: Path) -> Journal:
    path.touch()
    return read_journal(path)


def _write_journal(path: Path, results: Iterable[EpisodeResult]) -> None:
    lines = [to_line(HEADER), *(to_line(to_row(result)) for result in results)]
    with whole_file(path) as stream:
        stream.write("".join(lines).encode())


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


def _check_conditions(path: Path, conditions: Mapping[str, Any], *, is_new: bool) -> None:
    """Refuse to mix episodes that cannot be compared."""
    if not path.exists():
        if is_new:
            return
        raise RecordingError(
            f"{path.name} is missing, so nobody knows what its episodes were run with; give "
            "another path, or remove episodes.csv"
        )
    try:
        before = dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as err:
        raise RecordingError(
            f"{path.name} is damaged: {err}; give another path, or start over there with --fresh"
        ) from err
    if differing := list(_differences(before, conditions)):
        more = [f"and {len(differing) - _MOST_NAMED} more"] if len(differing) > _MOST_NAMED else []
        raise RecordingError(
            "it holds episodes run under other conditions "
            f"({'; '.join([*differing[:_MOST_NAMED], *more])}); give another path, or start over "
            "there with --fresh"
        )


def _differences(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Say what differs, entry by entry."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys((*now, *before)):
            below = f"{path}.{name}" if path else name
            yield from _differences(before.get(name), now.get(name), below)
    elif before != now:
        yield f"{path} was {before}, now {now}"


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
