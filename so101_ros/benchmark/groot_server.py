"""A model behind ``so101 groot serve``, in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from so101_ros.errors import GrootError
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.wire.server_provider import ServerProvider

_READY_S = 400.0  # loading, compiling, comparing
_READY = "ready on "


def time_server(
    checkpoint: Path,
    optimize: Optimize,
    measure: Callable[[ServerProvider], float],
    report: Callable[[str], None],
) -> float:
    """Serve a checkpoint and measure it from outside.

    Args:
        checkpoint: Its folder.
        optimize: What runs in place of the stock network.
        measure: Asks the server.
        report: Gets what the server says.

    Returns:
        What was measured.

    Raises:
        GrootError: If the server does not come up.
    """
    command = [sys.executable, "-m", "so101_ros.cli", "groot", "serve", "--port", "0"]
    options = ["--checkpoint", str(checkpoint), "--optimize", optimize.value]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            provider = ServerProvider(_wait(process, report), timeout_s=10.0)
            try:
                return measure(provider)
            finally:
                provider.close()
        finally:
            process.terminate()


def _wait(process: "subprocess.Popen[str]", report: Callable[[str], None]) -> str:
    """Read the server's address from what it says."""
    assert process.stdout is not None
    until_s = time.monotonic() + _READY_S
    for line in process.stdout:
        report(line.rstrip())
        if line.startswith(_READY):
            return line.removeprefix(_READY).split()[0]
        if time.monotonic() > until_s:
            break
    raise GrootError("so101 groot serve did not come up; its own output says why")
