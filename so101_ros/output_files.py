"""Files that a command writes: none is replaced unasked, and each is whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from so101_ros.errors import ConfigError


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse to write over a file, or over a folder, before work is spent on it.

    Args:
        path: What would be written.
        overwrite: Whether a file may be replaced.

    Raises:
        ConfigError: If something is there that may not be replaced.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder. Give the name of a file in it")
    if path.exists() and not overwrite:
        raise ConfigError(f"{path} exists. Give another name, or --force to replace it")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place, and put it there when it is on the disk.

    So it is whole or not there at all, whatever ends the program or the machine.

    Args:
        path: The file; what it held before stays until the ``with`` block ends, and for good if
            that raises.

    Yields:
        Where to write.

    Raises:
        OSError: If the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
