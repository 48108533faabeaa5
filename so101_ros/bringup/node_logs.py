"""Keep what the nodes of a graph write."""

from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path

_TAIL = 8  # lines: an error with a short traceback


class NodeLogs:
    """Write every line into a file and remember the last ones of each node.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        """Open the file.

        Args:
            path: The file to write.
            append: Whether what it holds is kept.

        Raises:
            OSError: If it cannot be written.
        """
        self.path = path
        self._file = path.open("a" if append else "w", encoding="utf-8")
        self._tails: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_TAIL))

    def __enter__(self) -> "NodeLogs":
        """Return the logs themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        with suppress(OSError):
            self._file.close()

    def write(self, executable: str, line: str) -> None:
        """Take one line.

        Args:
            executable: Who wrote it.
            line: The line, without its end.
        """
        self._tails[executable].append(line)
        # Called from the threads that read the nodes; whoever writes results tells of a full disk.
        with suppress(OSError):
            self._file.write(f"{executable} | {line}\n")
            self._file.flush()

    def tail(self, executable: str) -> list[str]:
        """The last lines of a node, oldest first."""
        return list(self._tails[executable])
