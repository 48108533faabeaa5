"""What the code of others raised, in one line that every file and terminal can hold."""

import traceback
from pathlib import Path

from so101_ros.errors import So101Error

LONGEST = 500
"""Characters of a line; what is longer is cut, and the traceback has the rest."""


def describe_error(err: BaseException) -> str:
    """Name what was raised, and what it says.

    Args:
        err: Anything; the messages of this package speak for themselves.
    """
    try:
        text = str(err)
    except Exception as failure:  # Foreign code: its __str__ may fail as well.
        text = f"(its message cannot be read: {type(failure).__name__})"
    return one_line(text if isinstance(err, So101Error) else f"{type(err).__name__}: {text}")


def describe_place(err: BaseException) -> str:
    """Say like :func:`describe_error` what was raised, and in which line of which file."""
    frames = traceback.extract_tb(err.__traceback__)
    if not frames or isinstance(err, SyntaxError):  # which names the place itself
        return describe_error(err)
    return f"{describe_error(err)} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"


def one_line(text: str) -> str:
    """Write a text without line breaks, unprintable characters and what nobody would read."""
    line = " ".join(text[: 4 * LONGEST].split())
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
