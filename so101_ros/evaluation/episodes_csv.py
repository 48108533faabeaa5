r"""Results of episodes as lines of a CSV file, exact to the last bit.

The file is a table for other tools and the journal of a run: a line is written when its episode is
finished, so that a killed run leaves at most one torn line, the last. Line breaks in texts are
written as ``\n``, so that every episode is one line.
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from so101_ros.errors import RecordingError
from so101_ros.evaluation.episode import Ending, EpisodeResult
from so101_ros.task.measures import PaperMeasures

HEADER = (
    "policy",
    "seed",
    "ending",
    "ticks",
    "unavailable_ticks",
    "clipped_ticks",
    "episode_return",
    "time_to_success_s",
    "final_distance_to_goal_m",
    "final_yaw_error_rad",
    "final_margin_m",
    "min_distance_to_goal_m",
    "inference_mean_s",
    "inference_p50_s",
    "inference_p99_s",
    "wall_s",
    "message",
)
"""Names of the columns."""

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}


class Journal(NamedTuple):
    """What a CSV file holds.

    Attributes:
        results: The episodes, in their order in the file.
        intact_bytes: Size of the file without a torn last line, in bytes: what to cut it to before
            anything is appended.
    """

    results: list[EpisodeResult]
    intact_bytes: int


def to_row(result: EpisodeResult) -> list[str]:
    """Write one episode as texts, in the order of :data:`HEADER`; None is an empty text."""
    return [
        _escape(result.policy),
        str(result.seed),
        result.ending.value,
        str(result.ticks),
        str(result.unavailable_ticks),
        str(result.clipped_ticks),
        _write_float(result.episode_return),
        _write_float(result.time_to_success_s),
        _write_float(result.final.distance_to_goal),
        _write_float(result.final.yaw_error),
        _write_float(result.final.margin),
        _write_float(result.min_distance),
        _write_float(result.inference_mean_s),
        _write_float(result.inference_p50_s),
        _write_float(result.inference_p99_s),
        _write_float(result.wall_s),
        _escape(result.message),
    ]


def from_row(row: Sequence[str]) -> EpisodeResult:
    """Read what :func:`to_row` wrote.

    Args:
        row: Texts in the order of :data:`HEADER`.

    Returns:
        The same episode, with the same floats.

    Raises:
        RecordingError: If a text is missing or not what its column holds.
    """
    try:
        return _parse(dict(zip(HEADER, row, strict=True)))
    except ValueError as err:
        raise RecordingError(f"not an episode's row: {list(row)} ({err})") from err


def to_line(texts: Sequence[str]) -> str:
    """Write :data:`HEADER` or a row as one line of the file, with its line break."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(texts)
    return line.getvalue()


def read_journal(path: Path) -> Journal:
    """Read a file, and overlook a last line that was torn by the end of its writer.

    Args:
        path: The CSV file, in UTF-8.

    Returns:
        The episodes, and how much of the file is intact.

    Raises:
        RecordingError: If the file cannot be read, has other columns, or is damaged before its
            last line.
    """
    try:
        content = path.read_bytes()
    except OSError as err:
        raise RecordingError(f"{path} cannot be read: {err.strerror}") from err
    _check_header(path, content)
    intact = content[: content.rfind(b"\n") + 1]
    lines = intact.decode("utf-8", "replace").split("\n")[1:-1]
    return Journal([_read_line(path, line) for line in lines], len(intact))


def _check_header(path: Path, content: bytes) -> None:
    header, line_break, _ = content.decode("utf-8", "replace").partition("\n")
    torn = not line_break and to_line(HEADER).startswith(header)
    if not torn and tuple(_split(header)) != HEADER:
        raise RecordingError(
            f"{path} has other columns than an episodes.csv of this version: {header!r}; "
            "give another path"
        )


def _read_line(path: Path, line: str) -> EpisodeResult:
    try:
        return from_row(_split(line))
    except RecordingError as err:
        raise RecordingError(
            f"{path} is damaged: {err}; remove that line to run its episode again, or give another "
            "path"
        ) from err


def _split(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error as err:
        raise RecordingError(f"not a line of a table: {line[:80]!r} ({err})") from err


def _parse(texts: dict[str, str]) -> EpisodeResult:
    return EpisodeResult(
        policy=_unescape(texts["policy"]),
        seed=int(texts["seed"]),
        ending=Ending(texts["ending"]),
        message=_unescape(texts["message"]),
        ticks=int(texts["ticks"]),
        unavailable_ticks=int(texts["unavailable_ticks"]),
        clipped_ticks=int(texts["clipped_ticks"]),
        episode_return=float(texts["episode_return"]),
        time_to_success_s=_read_float(texts["time_to_success_s"]),
        final=PaperMeasures(
            distance_to_goal=float(texts["final_distance_to_goal_m"]),
            yaw_error=float(texts["final_yaw_error_rad"]),
            margin=float(texts["final_margin_m"]),
        ),
        min_distance=float(texts["min_distance_to_goal_m"]),
        inference_mean_s=_read_float(texts["inference_mean_s"]),
        inference_p50_s=_read_float(texts["inference_p50_s"]),
        inference_p99_s=_read_float(texts["inference_p99_s"]),
        wall_s=float(texts["wall_s"]),
    )


def _write_float(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _read_float(text: str) -> float | None:
    return float(text) if text else None


def _escape(text: str) -> str:
    """Write a text in one line that UTF-8 can hold."""
    line = text.translate(str.maketrans(_ESCAPES))
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _unescape(text: str) -> str:
    return re.sub(r"\\.", lambda found: _UNESCAPES.get(found[0], found[0]), text)
