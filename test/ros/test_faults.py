"""What goes wrong in a running graph is survived, and the diagnostics name it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

import numpy as np
import pytest
from drivers import Clock, JointSource, chunk, settle
from harness import NodeProcess, Probe
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import HOME_Q
from so101_ros.nodes import qos
from so101_ros.nodes.diagnostics import OK, STALE, WARN
from so101_ros.simulation.config import SceneConfig

FORGET_S = 12.0  # [s], the transport's own default is 20 s

Start = Callable[..., NodeProcess]


def _wait_for(probe: Probe, reports: list, level: bytes, text: str) -> None:
    probe.spin_until(lambda: any(each.level == level and text in each.message for each in reports))


def _values(report: object) -> dict[str, str]:
    return {value.key: value.value for value in report.values}  # type: ignore[attr-defined]


def _refused(reports: list, topic: str) -> str:
    return _values(reports[-1]).get(f"refused {topic}", "")


@pytest.mark.parametrize("node", ["residual_blender", "ik_controller", "task_monitor"])
def test_a_simulator_that_dies_is_missed(start_node: Start, probe: Probe, node: str) -> None:
    """Nobody goes on to report what was true before the joint states ended."""
    reports = probe.collect_diagnostics(node)
    simulator = start_node("mujoco_sim")
    process = start_node(node, remappings={"paper_pose": "ground_truth/paper_pose"})
    probe.spin_until(lambda: reports and reports[-1].level != STALE)
    simulator.send_signal(signal.SIGKILL)
    _wait_for(probe, reports, STALE, "no joint states for")
    assert process.is_running


def test_a_blender_that_dies_is_missed_and_its_successor_obeyed(
    start_node: Start, probe: Probe
) -> None:
    """The arm holds; the transport forgets the dead sender soon, so that the next one may lead."""
    reports = probe.collect_diagnostics("mujoco_sim")
    start_node("mujoco_sim")
    blender = start_node("residual_blender")
    probe.spin_until(lambda: reports and int(_values(reports[-1])["accepted_commands"]) > 0)
    blender.send_signal(signal.SIGKILL)
    _wait_for(probe, reports, WARN, "holding the last target; the last command came")
    probe.spin_until(lambda: probe.node.count_publishers("joint_trajectory") == 0, FORGET_S)
    start_node("residual_blender")
    reports.clear()
    _wait_for(probe, reports, OK, "following")


def test_lock_step_names_who_does_not_answer(start_node: Start, probe: Probe) -> None:
    """Time stands still for a policy with weight that is not there."""
    reports = probe.collect_diagnostics("residual_blender")
    start_node("mujoco_sim", {"lock_step": True})
    start_node("residual_blender", {"lock_step": True, "w_groot": 1.0})
    _wait_for(probe, reports, WARN, "lock-step: no answer of ik, groot to 1.000 s")


def test_a_second_arm_on_the_topic_is_refused_and_told(start_node: Start, probe: Probe) -> None:
    """Two poses of one moment, or stamps that jump to and fro, are not one arm."""
    reports = probe.collect_diagnostics("residual_blender")
    commands = probe.collect(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
    start_node("residual_blender")
    clock = Clock()
    joints = JointSource(probe, clock)
    policy = probe.publisher(JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION)
    policy.publish(chunk(clock.stamp_ns, HOME_Q))
    settle(probe, "residual_blender")
    joints.send()
    joints.send(HOME_Q + 0.5)
    probe.spin_until(lambda: reports and "second publisher" in _refused(reports, "joint_states"))

    def has_seen_jumps() -> bool:
        for tick in (40, 4_000):
            clock.tick = tick
            joints.send()
        return any("joint states jumped in time" in each.message for each in reports)

    probe.spin_until(has_seen_jumps)
    settle(probe, "residual_blender")
    assert any("come from /probe" in each.message for each in reports)
    for message in commands:
        rows = np.array([point.positions for point in message.points])
        np.testing.assert_allclose(rows, np.tile(HOME_Q, (len(rows), 1)))


def test_a_flood_of_names_is_refused_in_a_short_line(start_node: Start, probe: Probe) -> None:
    """Neither the reports nor the log carry a message of thousands of joints."""
    reports = probe.collect_diagnostics("residual_blender")
    process = start_node("residual_blender")
    policy = probe.publisher(JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION)
    message = chunk(0, HOME_Q)
    message.joint_names = ["joint"] * 20_000
    policy.publish(message)
    probe.spin_until(lambda: any("policy/ik/action" in str(each) for each in reports))
    longest = max(len(value) for each in reports for value in _values(each).values())
    assert longest < 600 and len(process.output) < 2_000


def _announce(scene: SceneConfig) -> str:
    """An episode in a scene, as on sim/scene."""
    episode = {"seed": 0, "episode": 1, "reset_ns": 0, "epoch_ns": 0}
    return json.dumps({**episode, "scene": scene.to_dict()})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "not a scene description"),
        ("[" * 100_000, "not a scene description"),
        (
            _announce(SceneConfig(robot_model="/nowhere.xml")),
            "'/nowhere.xml' is not a file",
        ),
    ],
)
def test_cameras_survive_a_scene_that_they_cannot_show(
    start_node: Start, probe: Probe, text: str, reason: str
) -> None:
    """One bad message does not end the graph; the next good one is shown."""
    reports = probe.collect_diagnostics("sim_cameras")
    process = start_node("sim_cameras")
    scene = probe.publisher(String, "sim/scene", qos.LATCHED)
    scene.publish(String(data=text))
    _wait_for(probe, reports, WARN, reason)
    scene.publish(String(data=_announce(SceneConfig())))
    _wait_for(probe, reports, OK, "waiting for sim/state")
    assert process.is_running
