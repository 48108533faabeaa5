"""Show the output of several nodes in one terminal."""

import os
from collections.abc import Callable, Sequence
from typing import TextIO

_COLOURS = (36, 33, 35, 32, 34)  # ANSI foreground: cyan, yellow, magenta, green, blue


class LogLines:
    """Write lines with the node's name in front, in its own colour on a terminal."""

    def __init__(
        self, stream: TextIO | None, executables: Sequence[str], on_lost: Callable[[OSError], None]
    ) -> None:
        """Lay out the names.

        Args:
            stream: Takes the lines; None to show nothing, which is what Python calls a standard
                output that is closed. Colours are left out if it is no terminal or NO_COLOR is set.
            executables: Every node that will write.
            on_lost: Called once if the stream takes no more lines, as after ``| head``.
        """
        self._stream = stream
        self._on_lost = on_lost
        width = max(map(len, executables))
        coloured = stream is not None and stream.isatty() and "NO_COLOR" not in os.environ
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
        self.say(f"{self._prefixes[executable]} {line}")

    def say(self, line: str) -> None:
        """Write one line of the command's own.

        Args:
            line: The line, without its end.
        """
        if self._stream is None:
            return
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except OSError as err:
            _discard(self._stream)
            self._stream = None
            self._on_lost(err)


def _discard(stream: TextIO) -> None:
    """Let a stream end nowhere, so that Python does not fail again when it closes it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _prefix(name: str, colour: int | None) -> str:
    return f"{name} |" if colour is None else f"\033[{colour}m{name} |\033[0m"
