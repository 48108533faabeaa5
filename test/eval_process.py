"""``so101 eval`` in a process of its own, as its users start it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_HERE = Path(__file__).parent


def start_eval(
    out: Path,
    *options: str,
    before: Sequence[str] = (),
    folders: Sequence[Path] = (_HERE,),
    environment: Mapping[str, str] | None = None,
) -> "subprocess.Popen[str]":
    """Start the command without videos; its output is piped.

    Args:
        out: Folder of the evaluation.
        options: Further words of the command line.
        before: Words in front of the command.
        folders: Where its policies' modules are found.
        environment: Variables besides those of this process.
    """
    command = [*before, sys.executable, "-m", "so101_ros.cli", "eval", "--out", str(out)]
    paths = [*map(str, (_HERE.parent, *folders)), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [*command, "--no-videos", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_while_running(process: "subprocess.Popen[str]", done: Callable[[], bool]) -> None:
    """Wait until something is there; a process that ends before is a failure."""
    end_s = time.monotonic() + 120.0
    while not done():
        assert process.poll() is None and time.monotonic() < end_s, process.communicate()
        time.sleep(0.01)  # files are all that can be watched from here
