"""What the simulator tells the graph."""

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, Int64MultiArray, String

from so101_ros.nodes import convert, convert_simulation, qos, sim_tick
from so101_ros.nodes.sim_tick import SimTick
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.simulator import Simulator
from so101_ros.simulation.truths import Exposure


class SimulationTopics:
    """Publish a simulator: time and joints at every control tick, the rest when it is there."""

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
        self._seen = node.create_publisher(PoseStamped, "sim/paper_pose", qos.POSE)
        self._tick = node.create_publisher(Int64MultiArray, sim_tick.TOPIC, qos.JOINT_STATE)
        self._seen_ns: int | None = None
        self._told_ns = -1
        self._state = node.create_publisher(Float64MultiArray, "sim/state", qos.STATE)
        self._scene = node.create_publisher(String, "sim/scene", qos.LATCHED)

    def publish_episode(self) -> None:
        """Publish how the current episode began, and its first tick."""
        simulator = self._simulator
        self._scene.publish(
            convert_simulation.scene_to_ros(simulator.episode, simulator.backend.config)
        )
        self._seen_ns = None
        # Also of the moments before the first observation has arrived.
        self._told_ns = self._simulator.episode.reset_ns - 1
        self.publish_tick()

    def publish_tick(self) -> None:
        """Publish the current control tick."""
        simulator = self._simulator
        backend = simulator.backend
        self._clock.publish(Clock(clock=convert.ns_to_stamp(backend.stamp_ns)))
        for exposure in simulator.exposures_after(self._told_ns):
            self._publish_exposure(exposure)
        # The pose goes first: whoever answers joint states has it by then.
        self._publish_seen()
        if simulator.at_policy_tick:
            self._tick.publish(sim_tick.tick_to_ros(self._describe_tick()))
        self._joints.publish(convert.joint_state_to_ros(simulator.joint_state))

    def repeat_tick(self) -> None:
        """Publish the current control tick again, with all that belongs to it."""
        self._seen_ns = None
        self._told_ns = min(self._told_ns, self._simulator.joint_state.stamp_ns - 1)
        self.publish_tick()

    def _publish_exposure(self, exposure: Exposure) -> None:
        stamp_ns = self._told_ns = exposure.stamp_ns
        self._paper.publish(convert.pose_to_ros(exposure.paper, stamp_ns))
        self._state.publish(convert_simulation.state_to_ros(stamp_ns, exposure.state))

    def _publish_seen(self) -> None:
        """Publish what the newest image tells of the sheet, once."""
        seen = self._simulator.paper_seen
        if seen.stamp_ns != self._seen_ns and seen.pose is not None:
            self._seen_ns = seen.stamp_ns
            self._seen.publish(convert.pose_to_ros(seen.pose, seen.stamp_ns))

    def _describe_tick(self) -> SimTick:
        simulator = self._simulator
        observation = simulator.observation
        return SimTick(
            simulator.stamp_ns,
            observation.stamp_ns,
            None if observation.paper is None else observation.paper_stamp_ns,
            round(simulator.backend.config.delay.inference_s * NANOSECONDS),
        )
