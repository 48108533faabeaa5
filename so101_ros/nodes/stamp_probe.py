"""Note when stamped messages arrive."""

from collections.abc import Iterable

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState
from trajectory_msgs.msg import JointTrajectory

from so101_ros.benchmark.arrivals import Arrivals
from so101_ros.nodes import qos
from so101_ros.nodes.raw_messages import ignore, take_all
from so101_ros.recording.cdr import stamp_of


class StampProbe:
    """Subscribe like any consumer, and keep stamps and times of arrival."""

    def __init__(self, node: Node) -> None:
        """Listen to nothing yet.

        Args:
            node: Owns the subscriptions; not to be spun.
        """
        self._node = node
        self._subscriptions: dict[str, Subscription] = {}
        self._stamps: dict[str, list[tuple[int, int]]] = {}

    def listen(self, message_type: type, topic: str, profile: QoSProfile) -> None:
        """Subscribe to a topic whose messages begin with a header or a time."""
        self._stamps[topic] = []
        self._subscriptions[topic] = self._node.create_subscription(
            message_type, topic, ignore, profile, raw=True
        )

    def drain(self) -> None:
        """Note what has arrived since the last call."""
        for topic, subscription in self._subscriptions.items():
            noted = self._stamps[topic]
            noted.extend(
                (stamp_of(raw), received_ns) for raw, received_ns in take_all(subscription)
            )

    def clear(self) -> None:
        """Forget everything that has arrived."""
        self.drain()
        for noted in self._stamps.values():
            noted.clear()

    @property
    def topics(self) -> list[str]:
        """The topics that are listened to."""
        return list(self._subscriptions)

    def silent(self) -> list[str]:
        """List the topics of which nothing has arrived."""
        return [topic for topic, noted in self._stamps.items() if not noted]

    def arrivals(self, topic: str) -> Arrivals:
        """What has arrived on a topic."""
        pairs = np.array(self._stamps[topic], dtype=np.int64).reshape(-1, 2)
        return Arrivals(pairs[:, 0], pairs[:, 1])


def probe_loop(node: Node, image_topics: Iterable[str]) -> StampProbe:
    """Listen to both ends of the control loop and to images.

    Args:
        node: Owns the subscriptions; not to be spun.
        image_topics: Topics of raw images.

    Returns:
        A probe of ``joint_states``, ``joint_trajectory`` and the images.
    """
    probe = StampProbe(node)
    probe.listen(JointState, "joint_states", qos.JOINT_STATE)
    probe.listen(JointTrajectory, "joint_trajectory", qos.COMMAND)
    for topic in image_topics:
        probe.listen(Image, topic, qos.SENSOR_IMAGE)
    return probe


def probe_delays(node: Node, image_topic: str) -> StampProbe:
    """Listen to the time, and to what may be late.

    Args:
        node: Owns the subscriptions; not to be spun.
        image_topic: Topic of a raw image.

    Returns:
        A probe of ``/clock``, ``joint_states``, ``sim/paper_pose``, ``policy/ik/action`` and the
        image.
    """
    probe = StampProbe(node)
    probe.listen(Clock, "/clock", qos.CLOCK)
    probe.listen(JointState, "joint_states", qos.JOINT_STATE)
    probe.listen(PoseStamped, "sim/paper_pose", qos.POSE)
    probe.listen(JointTrajectory, "policy/ik/action", qos.POLICY_ACTION)
    probe.listen(Image, image_topic, qos.SENSOR_IMAGE)
    return probe
