"""A demo does not measure a mixture of two graphs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from harness import NodeProcess, Probe
from rosgraph_msgs.msg import Clock

from so101_ros.nodes import qos

ROOT = Path(__file__).resolve().parents[2]


def test_a_second_simulation_on_the_domain_is_refused(
    start_node: Callable[..., NodeProcess], probe: Probe, domain_id: int, tmp_path: Path
) -> None:
    """The demo ends before its first episode and says how to get out of it."""
    clocks = probe.collect(Clock, "/clock", qos.CLOCK)
    start_node("mujoco_sim")
    probe.spin_until(lambda: clocks)
    line = ["demo", "--episodes", "1", "--no-video", "--out", str(tmp_path / "demo")]
    result = subprocess.run(
        [sys.executable, "-m", "so101_ros.cli", *line],
        env={**os.environ, "ROS_DOMAIN_ID": str(domain_id), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 1
    assert "2 nodes publish /clock: another graph runs on this ROS domain" in result.stderr
    assert "ROS_DOMAIN_ID" in result.stderr
