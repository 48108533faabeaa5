"""What others raised, in one line that every file and terminal can hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.policies.foreign_error import LONGEST, describe_error, describe_place, one_line


class _Mute(Exception):
    """Its text cannot be had."""

    def __str__(self) -> str:
        raise ValueError("not even this")


@pytest.mark.parametrize(
    ("err", "line"),
    [
        (KeyError("video.front"), "KeyError: 'video.front'"),
        (RuntimeError("out of\nmemory"), "RuntimeError: out of memory"),
        (SystemExit(3), "SystemExit: 3"),
        (ConfigError("--jobs must be at least 1"), "--jobs must be at least 1"),
        (_Mute(), "_Mute: (its message cannot be read: ValueError)"),
        (OSError("\udcff\x1b[2J"), "OSError: \\udcff\\x1b[2J"),
    ],
)
def test_an_error_is_one_line(err: BaseException, line: str) -> None:
    """Its type and its text; the package's own errors speak for themselves."""
    assert describe_error(err) == line


@given(st.text(st.characters()))
def test_any_text_becomes_a_short_printable_line(text: str) -> None:
    """Whatever it holds, also what UTF-8 cannot."""
    line = one_line(text)
    assert line.isprintable() and len(line.encode("utf-8")) <= 4 * LONGEST


def test_a_text_that_nobody_would_read_is_cut() -> None:
    """And says that it was."""
    line = describe_error(RuntimeError("x" * 300_000))
    assert len(line) == LONGEST and line.startswith("RuntimeError: xx") and line.endswith("x...")


def test_the_place_is_told() -> None:
    """File and line, as the first thing that its author looks for."""
    try:
        raise RuntimeError("lost")
    except RuntimeError as err:
        assert describe_place(err).startswith("RuntimeError: lost (test_foreign_error.py, line ")
