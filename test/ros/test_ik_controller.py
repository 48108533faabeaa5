"""The base policy as a process: what it answers, and when it says nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from drivers import RATES, NodeBench, TickSource, settle
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe
from std_msgs.msg import Float64
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import GRIPPER, HOME_Q
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import OK, WARN
from so101_ros.observation import JointState, Observation
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import Pose, yaw_to_quaternion

PAPER = Pose(np.array([0.30, 0.0, 0.0005]), yaw_to_quaternion(0.1))

Start = Callable[..., NodeProcess]


class Bench(NodeBench):
    """A controller between stand-ins for the backend and the blender."""

    def __init__(self, probe: Probe) -> None:
        """Wait for the controller and connect to it."""
        super().__init__(probe, "ik_controller")
        self.actions = probe.collect(JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION)
        self.paper = probe.publisher(PoseStamped, "paper_pose", qos.POSE)
        self.ticks = TickSource(probe, self.clock)
        self.wait_until_heard()

    def send_paper(self, paper: Pose = PAPER) -> None:
        """Publish the sheet at the current tick."""
        self.ticks.send()
        self.paper.publish(convert.pose_to_ros(paper, self.clock.stamp_ns))

    def pass_policy_tick(self, q: np.ndarray = HOME_Q) -> None:
        """Publish the joint states up to the next policy tick, without the last."""
        for _ in range(RATES.control_ticks_per_policy - 1):
            self.clock.tick += 1
            self.joints.send(q)
        self.clock.tick += 1

    def wait_for_action(self, stamp_ns: int) -> JointTrajectoryMsg:
        """Wait for the answer to a joint state."""
        self.probe.spin_until(lambda: self.stamps()[-1:] == [stamp_ns])
        return self.actions[-1]

    def stamps(self) -> list[int]:
        """Stamps of all answers so far, in [ns]."""
        return [convert.stamp_to_ns(message.header.stamp) for message in self.actions]


def test_every_policy_tick_is_answered_as_the_policy_itself_would(start_node: Start, probe: Probe):
    """In lock-step the process gives, bit for bit, what the policy gives without ROS."""
    start_node("ik_controller", {"lock_step": True, "seed": 3})
    bench = Bench(probe)
    policy = PressAndDragPolicy()
    policy.reset(3)
    expected = []
    for _ in range(10):
        stamp_ns = bench.joints.send()
        bench.send_paper()
        joints = JointState(stamp_ns, np.array(HOME_Q), np.zeros(6))
        expected.append(policy.act(Observation(joints, PAPER)))
        action = convert.trajectory_from_ros(bench.wait_for_action(stamp_ns))
        np.testing.assert_array_equal(action.rows, expected[-1].rows)
        bench.pass_policy_tick()
    assert bench.stamps() == [action.stamp_ns for action in expected]


def test_lock_step_pairs_by_stamp_whatever_arrives_first(start_node: Start, probe: Probe):
    """The pose of another tick is not this tick's pose."""
    start_node("ik_controller", {"lock_step": True})
    bench = Bench(probe)
    bench.send_paper()
    first_ns = bench.joints.send()
    bench.wait_for_action(first_ns)
    bench.pass_policy_tick()
    second_ns = bench.joints.send()
    bench.ticks.send()
    bench.wait_for_report(OK, "waiting for all that belongs to this tick")
    assert bench.stamps() == [first_ns]
    bench.send_paper()
    bench.wait_for_action(second_ns)


def test_without_a_paper_pose_nothing_is_published(start_node: Start, probe: Probe):
    """No pose, or one that is too old: the report says so and the blender falls back."""
    start_node("ik_controller", {"paper_timeout_s": 0.1})
    bench = Bench(probe)
    bench.joints.send()
    bench.wait_for_report(WARN, "no paper pose")
    assert bench.actions == []
    bench.pass_policy_tick()
    bench.send_paper()
    seen_ns = bench.joints.send()
    bench.wait_for_action(seen_ns)
    for _ in range(6):
        bench.pass_policy_tick()
        bench.joints.send()
        settle(probe, "ik_controller")
    bench.wait_for_report(WARN, "no paper pose")
    assert bench.stamps()[-1] - seen_ns <= 100_000_001


def test_a_pose_from_before_a_reset_is_not_used(start_node: Start, probe: Probe):
    """After a gap the sheet lies elsewhere; the old pose, though young, is dropped."""
    start_node("ik_controller", {"paper_timeout_s": 10.0})
    bench = Bench(probe)
    bench.send_paper()
    bench.wait_for_action(bench.joints.send())
    bench.clock.tick += RATES.control_hz // 2
    bench.joints.send()
    bench.wait_for_report(WARN, "no paper pose")
    assert len(bench.actions) == 1
    assert bench.values()["epoch"] == "2"


def test_a_pose_of_another_clock_is_not_used(start_node: Start, probe: Probe):
    """A tracker that stamps with wall time would never be stale, not even when it has died."""
    start_node("ik_controller")
    bench = Bench(probe)
    bench.paper.publish(convert.pose_to_ros(PAPER, bench.clock.stamp_ns + 1_000_000_000))
    bench.joints.send()
    bench.wait_for_report(WARN, "no paper pose")
    assert bench.actions == []


def test_an_epoch_resets_the_policy(start_node: Start, probe: Probe):
    """The same observations give the same answers in every episode."""
    start_node("ik_controller", {"lock_step": True})
    bench = Bench(probe)
    rollouts = []
    for _ in range(2):
        rows = []
        for _ in range(8):
            stamp_ns = bench.joints.send()
            bench.send_paper()
            rows.append(convert.trajectory_from_ros(bench.wait_for_action(stamp_ns)).rows)
            bench.pass_policy_tick()
        bench.clock.tick += RATES.control_hz // 2
        rollouts.append(rows)
    np.testing.assert_array_equal(rollouts[0], rollouts[1])


def test_lock_step_gives_a_lost_answer_again(start_node: Start, probe: Probe):
    """A joint state that comes again gets the same answer; the policy is not asked twice."""
    start_node("ik_controller", {"lock_step": True})
    bench = Bench(probe)
    policy = PressAndDragPolicy()
    for _ in range(3):
        stamp_ns = bench.joints.send()
        bench.send_paper()
        joints = JointState(stamp_ns, np.array(HOME_Q), np.zeros(6))
        expected = policy.act(Observation(joints, PAPER)).rows
        for _ in range(2):
            action = convert.trajectory_from_ros(bench.wait_for_action(stamp_ns))
            np.testing.assert_array_equal(action.rows, expected)
            bench.actions.clear()
            bench.joints.send()
        bench.wait_for_action(stamp_ns)
        bench.pass_policy_tick()


def test_lock_step_declines_instead_of_stopping_time(start_node: Start, probe: Probe):
    """With no answer to give, an empty chunk carries the stamp that is waited for."""
    start_node("ik_controller", {"lock_step": True, "mode": "cartesian"})
    bench = Bench(probe)
    bench.ticks.send(paper=False)
    action = bench.wait_for_action(bench.joints.send())
    assert list(action.points) == []


def test_cartesian_mode_moves_the_jaw_as_told(start_node: Start, probe: Probe):
    """Without a target nothing moves; with one, only what was asked for."""
    start_node("ik_controller")
    bench = Bench(probe)
    gripper = probe.publisher(Float64, "gripper_target", qos.POSE)
    assert probe.set_parameter("ik_controller", "mode", "cartesian").successful
    bench.joints.send()
    bench.wait_for_report(WARN, "no target_pose or gripper_target has been received")
    gripper.publish(Float64(data=HOME_Q[GRIPPER] + 0.3))
    bench.pass_policy_tick()
    action = convert.trajectory_from_ros(bench.wait_for_action(bench.joints.send()))
    assert action.rows[-1, GRIPPER] > HOME_Q[GRIPPER] + 0.01
    np.testing.assert_allclose(action.rows[:, :GRIPPER], np.tile(HOME_Q[:GRIPPER], (2, 1)))


def test_malformed_targets_are_refused_and_named(start_node: Start, probe: Probe):
    """A jaw angle out of range and a pose in another frame reach no policy."""
    start_node("ik_controller", {"mode": "cartesian"})
    bench = Bench(probe)
    probe.publisher(Float64, "gripper_target", qos.POSE).publish(Float64(data=float("nan")))
    target = convert.pose_to_ros(PAPER, 0)
    target.header.frame_id = "base_link"
    probe.publisher(PoseStamped, "target_pose", qos.POSE).publish(target)
    probe.spin_until(lambda: "refused target_pose" in bench.values())
    values = bench.values()
    assert "'world'" in values["refused target_pose"]
    assert "got nan" in values["refused gripper_target"]
    bench.joints.send()
    bench.wait_for_report(WARN, "no target_pose or gripper_target has been received")
    assert bench.actions == []


def test_an_unknown_mode_is_rejected_live(start_node: Start, probe: Probe):
    """The reason lists what is allowed."""
    start_node("ik_controller")
    Bench(probe)
    result = probe.set_parameter("ik_controller", "mode", "dance")
    assert not result.successful
    assert "mode='dance'" in result.reason and "['task', 'cartesian']" in result.reason


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"mode": "dance"}, "mode='dance' is not allowed: it must be one of ['task', 'cartesian']"),
        ({"robot_model": "/nowhere/so101.xml"}, "robot_model='/nowhere/so101.xml' is not a file"),
        ({"policy_hz": 50}, "control_hz=120 must be a multiple of policy_hz=50"),
    ],
)
def test_bad_parameters_end_the_node_with_one_line(start_node: Start, parameters: dict, text: str):
    """Exit code 2, and the reason without a traceback."""
    process = start_node("ik_controller", parameters)
    assert process.wait() == 2
    assert text in process.output and "Traceback" not in process.output
