"""Ways out of ``so101 eval`` where a policy leaves none."""

import signal
import time
from pathlib import Path

import pytest
from eval_process import start_eval, wait_while_running

from so101_ros.cli.stop_flag import TWICE_S

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
    process = start_eval(tmp_path / "out", *options, folders=[tmp_path])
    try:
        wait_while_running(process, (tmp_path / "hanging.hangs").exists)
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
    process = start_eval(tmp_path / "out", "--episodes", "3", before=["nohup"])
    wait_while_running(process, (tmp_path / "out" / "traces").exists)
    process.send_signal(signal.SIGHUP)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
