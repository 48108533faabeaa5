"""Show the output of several nodes in one terminal."""

import os
from collections.abc import Sequence
from typing import TextIO

_COLOURS = (36, 33, 35, 32, 34)  # ANSI foreground: cyan, yellow, magenta, green, blue


class LogLines:
    """Write lines with the node's name in front, in its own colour on a terminal."""

    def __init__(self, stream: TextIO, executables: Sequence[str]) -> None:
        """Lay out the names.

        Args:
            stream: Takes the lines. Colours are left out if it is no terminal or NO_COLOR is set.
            executables: Every node that will write.
        """
        self._stream = stream
        width = max(map(len, executables))
        coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self._prefixes = {
            name: _prefix(name.ljust(width), _COLOURS[i % len(_COLOURS)] if coloured else None)
            for i, name in enumerate(executables)
        }

    def write(self, executable: str, line: str) -> None:
        """Write one line.

        Args:
            executable: Who wrote it.
            line: The line, without its end.
        """
        self._stream.write(f"{self._prefixes[executable]} {line}\n")
        self._stream.flush()


def _prefix(name: str, colour: int | None) -> str:
    return f"{name} |" if colour is None else f"\033[{colour}m{name} |\033[0m"
