"""Cartesian teleoperation through the whole graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from harness import Probe
from std_msgs.msg import Float64

from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import ProcessGraph
from so101_ros.graph import build_graph
from so101_ros.nodes import qos

Lines = list[str]


@pytest.fixture
def lines(own_domain: None) -> Iterator[Lines]:
    """A running graph in Cartesian mode, and what its nodes log."""
    written: Lines = []
    entries = build_graph(BringUp(mode="cartesian", cameras="off"))
    with ProcessGraph(entries, on_line=lambda _, line: written.append(line)):
        yield written


def _position(pose: PoseStamped) -> np.ndarray:
    point = pose.pose.position
    return np.array([point.x, point.y, point.z])


def test_the_hand_goes_where_it_is_sent_and_no_further(
    lines: Lines, probe: Probe, wait: Callable[[Callable[[], object]], None]
) -> None:
    """From tool_pose a target 3 cm away is reached; one out of reach is refused in the log."""
    poses = probe.collect(PoseStamped, "tool_pose", qos.POSE)
    target_pose = probe.publisher(PoseStamped, "target_pose", qos.POSE)
    gripper_target = probe.publisher(Float64, "gripper_target", qos.POSE)
    wait(lambda: poses)
    target, start = poses[-1], _position(poses[-1])
    target.pose.position.y -= 0.03
    target_pose.publish(target)
    gripper_target.publish(Float64(data=0.8))
    wait(lambda: np.linalg.norm(_position(poses[-1]) - start - [0.0, -0.03, 0.0]) < 0.008)

    target.pose.position.x += 0.5
    target_pose.publish(target)
    wait(lambda: any("arm holds: target_pose is out of reach" in line for line in lines))
    held, count = _position(poses[-1]), len(poses)
    wait(lambda: len(poses) > count + 15)
    assert np.linalg.norm(_position(poses[-1]) - held) < 0.002


@pytest.fixture
def wait(probe: Probe) -> Callable[[Callable[[], object]], None]:
    """Wait for the graph, which takes a while to start on a busy machine."""
    return lambda predicate: probe.spin_until(predicate, 60.0)
