"""Where commands write."""

from rich.console import Console

_FILE_WIDTH = 110  # characters; a file is as wide as a table needs


def make_console() -> Console:
    """Open standard output: as wide as the terminal, or as wide as our tables in a file or pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)
