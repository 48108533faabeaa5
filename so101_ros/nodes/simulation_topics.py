"""What the simulator tells the graph."""

import array
import json

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, String

from so101_ros.nodes import convert, qos
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.simulator import Simulator


class SimulationTopics:
    """Publish a simulator: time and joints at every control tick, the rest at policy ticks."""

    def __init__(self, node: Node, simulator: Simulator) -> None:
        """Announce the topics.

        Args:
            node: Who publishes.
            simulator: What is published.
        """
        self._simulator = simulator
        self._clock = node.create_publisher(Clock, "/clock", qos.CLOCK_SOURCE)
        self._joints = node.create_publisher(JointState, "joint_states", qos.JOINT_STATE)
        self._paper = node.create_publisher(PoseStamped, "ground_truth/paper_pose", qos.POSE)
        self._state = node.create_publisher(Float64MultiArray, "sim/state", qos.STATE)
        self._scene = node.create_publisher(String, "sim/scene", qos.LATCHED)

    def publish_episode(self) -> None:
        """Publish how the current episode began, and its first tick."""
        episode = self._simulator.episode
        scene = {
            "seed": episode.seed,
            "episode": episode.number,
            "epoch_ns": episode.start_ns,
            "scene": self._simulator.backend.config.to_dict(),
        }
        self._scene.publish(String(data=json.dumps(scene)))
        self.publish_tick()

    def publish_tick(self) -> None:
        """Publish the current control tick."""
        backend = self._simulator.backend
        self._clock.publish(Clock(clock=convert.ns_to_stamp(backend.stamp_ns)))
        if self._simulator.at_policy_tick:
            # The pose goes first: whoever answers joint states has it by then.
            self._paper.publish(convert.pose_to_ros(backend.paper, backend.stamp_ns))
            self._publish_state()
        self._joints.publish(convert.joint_state_to_ros(backend.joint_state))

    def _publish_state(self) -> None:
        backend = self._simulator.backend
        data = array.array("d", [backend.stamp_ns / NANOSECONDS])
        data.frombytes(backend.state.tobytes())
        self._state.publish(Float64MultiArray(data=data))
