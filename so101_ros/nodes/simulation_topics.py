"""What the simulator tells the graph."""

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, String

from so101_ros.nodes import convert, convert_simulation, qos
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
        self._clock = node.create_publisher(Clock, "/clock", qos.CLOCK)
        self._joints = node.create_publisher(JointState, "joint_states", qos.JOINT_STATE)
        self._paper = node.create_publisher(PoseStamped, "ground_truth/paper_pose", qos.POSE)
        self._state = node.create_publisher(Float64MultiArray, "sim/state", qos.STATE)
        self._scene = node.create_publisher(String, "sim/scene", qos.LATCHED)

    def publish_episode(self) -> None:
        """Publish how the current episode began, and its first tick."""
        simulator = self._simulator
        self._scene.publish(
            convert_simulation.scene_to_ros(simulator.episode, simulator.backend.config)
        )
        self.publish_tick()

    def publish_tick(self) -> None:
        """Publish the current control tick."""
        backend = self._simulator.backend
        self._clock.publish(Clock(clock=convert.ns_to_stamp(backend.stamp_ns)))
        if self._simulator.at_policy_tick:
            # The pose goes first: whoever answers joint states has it by then.
            self._paper.publish(convert.pose_to_ros(backend.paper, backend.stamp_ns))
            self._state.publish(convert_simulation.state_to_ros(backend.stamp_ns, backend.state))
        self._joints.publish(convert.joint_state_to_ros(backend.joint_state))
