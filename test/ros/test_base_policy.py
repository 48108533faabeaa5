"""The node that hosts any policy: what it answers, and what it says when a policy fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from drivers import RATES, NodeBench, TickSource
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import HOME_Q
from so101_ros.nodes import convert, policy_status, qos
from so101_ros.nodes.diagnostics import ERROR, OK, WARN
from so101_ros.nodes.policy_status import TickReport, report_from_ros
from so101_ros.pose import Pose, yaw_to_quaternion

PAPER = Pose(np.array([0.30, 0.0, 0.0005]), yaw_to_quaternion(0.1))
BAD_POLICIES = {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}"}

Start = Callable[..., NodeProcess]


class Bench(NodeBench):
    """The node between stand-ins for the backend and the blender."""

    def __init__(self, probe: Probe) -> None:
        """Wait for the node and connect to it."""
        super().__init__(probe, "base_policy")
        self.actions = probe.collect(JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION)
        self.statuses = probe.collect(DiagnosticStatus, policy_status.IK_TOPIC, qos.STATUS)
        self.paper = probe.publisher(PoseStamped, "paper_pose", qos.POSE)
        self.ticks = TickSource(probe, self.clock)
        self.wait_until_heard()

    def tick(self) -> tuple[JointTrajectoryMsg, TickReport]:
        """Play one policy tick in lock-step; returns the answer and what is said of it."""
        self.paper.publish(convert.pose_to_ros(PAPER, self.clock.stamp_ns))
        self.ticks.send()
        stamp_ns = self.joints.send()
        self.probe.spin_until(
            lambda: self.statuses and report_from_ros(self.statuses[-1]).stamp_ns == stamp_ns
        )
        # What is said follows the answer, on another topic: it may be read before it.
        self.probe.spin_until(
            lambda: self.actions and convert.stamp_to_ns(self.actions[-1].header.stamp) == stamp_ns
        )
        for _ in range(RATES.control_ticks_per_policy - 1):
            self.clock.tick += 1
            self.joints.send()
        self.clock.tick += 1
        return self.actions[-1], report_from_ros(self.statuses[-1])

    def reset(self) -> None:
        """Let the gap of a reset pass."""
        self.clock.tick += RATES.control_hz


def test_every_tick_is_answered_and_reported(start_node: Start, probe: Probe) -> None:
    """The report has the stamp of the observation, the seed in use and the policy's own time."""
    start_node("base_policy", {"policy": "zero", "lock_step": True, "seed": 3})
    bench = Bench(probe)
    for _ in range(3):
        action, report = bench.tick()
        np.testing.assert_array_equal(convert.trajectory_from_ros(action).rows[-1], HOME_Q)
        assert (report.level, report.message, report.seed) == (OK, "", 3)
        assert report.stamp_ns == convert.stamp_to_ns(action.header.stamp)
        assert report.inference_s > 0.0
    assert bench.values()["policy"] == "zero"


def test_a_new_seed_is_for_the_next_episode(start_node: Start, probe: Probe) -> None:
    """The same seed gives the same answers; the running episode keeps its own."""
    start_node("base_policy", {"policy": "random", "lock_step": True, "seed": 1})
    bench = Bench(probe)
    first = [bench.tick()[0].points for _ in range(3)]
    assert probe.set_parameter("base_policy", "seed", 2).successful
    assert bench.tick()[1].seed == 1
    bench.reset()
    action, report = bench.tick()
    assert report.seed == 2 and action.points != first[0]
    assert probe.set_parameter("base_policy", "seed", 1).successful
    bench.reset()
    assert [bench.tick()[0].points for _ in range(3)] == first


def test_a_policy_that_fails_is_not_asked_again_in_the_episode(
    start_node: Start, probe: Probe
) -> None:
    """The node lives, declines every tick, says why, and tries the next episode."""
    policy = "bad_policies:RaisesAtOddSeeds"
    node = start_node(
        "base_policy", {"policy": policy, "lock_step": True, "seed": 1}, environment=BAD_POLICIES
    )
    bench = Bench(probe)
    levels = [bench.tick()[1].level for _ in range(10)]
    assert set(levels) == {OK}
    for _ in range(3):
        action, report = bench.tick()
        assert list(action.points) == []
        assert (report.level, report.message) == (ERROR, "RuntimeError: out of memory")
        assert "bad_policies.py" in report.traceback
    bench.wait_for_report(ERROR, "the policy failed: RuntimeError: out of memory")
    assert node.output.count("Traceback") == 2  # the policy's own, and what became of it, once
    assert probe.set_parameter("base_policy", "seed", 2).successful
    bench.reset()
    assert bench.tick()[1].level == OK
    bench.wait_for_report(OK, policy)


def test_no_answer_is_a_warning_with_its_reason(start_node: Start, probe: Probe) -> None:
    """An oracle in a graph that does not let it cheat holds the arm, and says what is missing."""
    start_node("base_policy", {"policy": "oracle", "lock_step": True})
    bench = Bench(probe)
    action, report = bench.tick()
    assert list(action.points) == []
    assert report.level == WARN
    assert "start mujoco_sim with allow_place_paper:=true" in report.message


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"policy": "dance"}, "policy 'dance' is unknown. Allowed: ik, groot, hybrid, zero"),
        ({"policy": "groot"}, "policy 'groot' sees images, which this process has not"),
        ({"policy": "replay:/nowhere"}, "/nowhere holds no recorded episode"),
        ({"policy": "nowhere:Policy"}, "policy 'nowhere:Policy' cannot be found"),
        ({"robot_model": "/nowhere/so101.xml"}, "robot_model='/nowhere/so101.xml' is not a file"),
    ],
)
def test_bad_parameters_end_the_node_with_one_line(start_node: Start, parameters: dict, text: str):
    """Exit code 2, and the reason without a traceback."""
    process = start_node("base_policy", parameters)
    assert process.wait() == 2
    assert text in process.output and "Traceback" not in process.output


def test_the_policy_cannot_be_changed_while_the_node_runs(start_node: Start, probe: Probe) -> None:
    """What an evaluation was told of the graph stays true."""
    start_node("base_policy")
    result = probe.set_parameter("base_policy", "policy", "random")
    assert not result.successful
    assert "read-only" in result.reason
