"""Ways out of ``so101 eval`` where a policy leaves none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from so101_ros.cli.stop_flag import TWICE_S

_ROOT = Path(__file__).parents[1]

_HANGS = """\
import pathlib, time
from so101_ros.policies.hold import HoldPolicy

class Hangs(HoldPolicy):
    def __init__(self, config):
        pass
    def act(self, observation):
        pathlib.Path(__file__).with_suffix(".hangs").touch()
        time.sleep(3600.0)
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_policy_that_hangs_can_be_left(tmp_path: Path, jobs: str) -> None:
    """The first Ctrl-C says how: by the second."""
    (tmp_path / "hanging.py").write_text(_HANGS)
    options = ["--policy", "hanging:Hangs", "--episodes", "2", "--jobs", jobs]
    process = _start(tmp_path, options)
    try:
        _wait(process, (tmp_path / "hanging.hangs").exists)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline() == "\n"
        assert "Ctrl-C again" in process.stderr.readline()
        time.sleep(1.1 * TWICE_S)  # nothing tells a moment that is over
        process.send_signal(signal.SIGINT)
        screen, complaint = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "the same command goes on" in " ".join(screen.split())
    assert "Traceback" not in complaint


def test_a_run_may_outlive_its_terminal(tmp_path: Path) -> None:
    """As nohup wants it, SIGHUP is ignored."""
    process = _start(tmp_path, ["--episodes", "3"], ["nohup"])
    _wait(process, (tmp_path / "out" / "traces").exists)
    process.send_signal(signal.SIGHUP)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint


def _start(
    folder: Path, options: list[str], before: list[str] | None = None
) -> "subprocess.Popen[str]":
    command = [*(before or []), sys.executable, "-m", "so101_ros.cli", "eval", "--no-videos"]
    paths = [str(_ROOT), str(folder), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [*command, "--out", str(folder / "out"), *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait(process: "subprocess.Popen[str]", done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60.0
    while not done():
        assert process.poll() is None and time.monotonic() < end_s, process.communicate()
        time.sleep(0.01)  # files are all that can be watched from here
