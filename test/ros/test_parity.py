"""The graph in lock-step and the loop without ROS are the same experiment, bit for bit."""

from __future__ import annotations

import json
import os

import numpy as np
from geometry_msgs.msg import PoseStamped
from harness import Probe
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from so101_ros.bringup.process_graph import ProcessGraph
from so101_ros.evaluation.rollout import Rollout
from so101_ros.graph import BringUp, build_graph
from so101_ros.nodes import convert, qos
from so101_ros.policies.press_and_drag import PressAndDragPolicy

SEED = 7
TICKS = 60  # policy ticks to compare: approach, press and the start of the drag
EVERYTHING = QoSProfile(depth=5000)


def test_same_seed_same_motion_in_graph_and_rollout(domain_id: int, probe: Probe) -> None:
    """Joints and sheet agree exactly at every policy tick after a reset with the same seed."""
    states = probe.collect(JointState, "joint_states", EVERYTHING)
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", EVERYTHING)
    scenes = probe.collect(String, "sim/scene", qos.LATCHED)
    bring_up = BringUp(cameras="off", lock_step=True, real_time_factor=0.0, seed=SEED)
    environment = {**os.environ, "ROS_DOMAIN_ID": str(domain_id)}
    with ProcessGraph(build_graph(bring_up), environment):
        probe.spin_until(lambda: len(poses) > 10)  # an episode is under way
        assert probe.trigger("sim/reset").success
        probe.spin_until(lambda: json.loads(scenes[-1].data)["episode"] == 2)
        start_ns = json.loads(scenes[-1].data)["epoch_ns"]
        end_ns = start_ns + TICKS * 1_000_000_000 // 30
        probe.spin_until(lambda: convert.stamp_to_ns(states[-1].header.stamp) > end_ns)

    expected_q, expected_paper = _roll_out()
    by_stamp = {convert.stamp_to_ns(msg.header.stamp) - start_ns: msg for msg in states}
    poses_by_stamp = {convert.stamp_to_ns(msg.header.stamp) - start_ns: msg for msg in poses}
    for elapsed_ns, q in expected_q.items():
        np.testing.assert_array_equal(convert.joint_state_from_ros(by_stamp[elapsed_ns]).q, q)
        pose = convert.pose_from_ros(poses_by_stamp[elapsed_ns])
        np.testing.assert_array_equal(pose.position, expected_paper[elapsed_ns])


def _roll_out() -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Joint positions and sheet positions by time since the start, in [ns]."""
    rollout = Rollout(PressAndDragPolicy())
    rollout.begin(SEED)
    backend = rollout.world.simulator.backend
    start_ns = rollout.world.simulator.episode.start_ns
    q, paper = {}, {}
    for _ in range(TICKS):
        q[backend.stamp_ns - start_ns] = backend.joint_state.q
        paper[backend.stamp_ns - start_ns] = backend.paper.position
        rollout.step()
    return q, paper
