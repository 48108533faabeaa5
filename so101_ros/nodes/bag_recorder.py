"""Record every topic of a graph into a bag, at little cost.

Messages stay serialized, and they are fetched in batches instead of waking the process one by one:
at 700 messages per second, waiting for each would cost several times as much as writing them.
"""

import importlib
import time
from collections.abc import Callable
from operator import itemgetter

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from so101_ros.errors import RecordingError
from so101_ros.nodes.raw_messages import ignore, take_all
from so101_ros.recording.bag_writer import BagWriter
from so101_ros.recording.topic_qos import TopicQos

Tap = Callable[[bytes, int], None]
"""Takes a serialized message and when it arrived, on a monotonic clock, in [ns]."""

_LEFT_OUT = ("sensor_msgs/msg/Image",)  # recorded compressed: raw images would be 14 MB per second
_DEPTH = 1000  # more than arrives while a loaded machine keeps this process waiting


class BagRecorder:
    """Subscribe to what is published and write it down.

    The node must not be spun: :meth:`drain` takes the messages of its subscriptions.

    Attributes:
        bag: Where the messages go.
    """

    def __init__(self, node: Node, bag: BagWriter) -> None:
        """Record nothing yet.

        Args:
            node: Owns the subscriptions; for this recorder alone.
            bag: Where the messages go; closed by its owner.
        """
        self.bag = bag
        self._node = node
        self._subscriptions: dict[str, Subscription] = {}
        self._refused: set[str] = set()
        self._taps: dict[str, Tap] = {}

    def tap(self, topic: str, take: Tap) -> None:
        """Hand every recorded message of a topic also to somebody else.

        Args:
            topic: Resolved name.
            take: Called from :meth:`drain`.
        """
        self._taps[topic] = take

    def discover(self) -> None:
        """Subscribe to topics that have appeared since the last call."""
        for topic, type_names in self._node.get_topic_names_and_types():
            if topic in self._subscriptions or topic in self._refused:
                continue
            if type_names[0] not in _LEFT_OUT and self._node.count_publishers(topic):
                self._subscribe(topic, type_names[0])

    def missing(self, topics: tuple[str, ...]) -> list[str]:
        """List the topics of which no message has arrived."""
        return [topic for topic in topics if not self.bag.counts.get(topic)]

    def drain(self) -> None:
        """Write down everything that has arrived since the last call."""
        # Arrivals are stamped by the system's clock, which may be set while an episode runs.
        to_monotonic_ns = time.monotonic_ns() - time.time_ns()
        tapped: list[tuple[int, Tap, bytes]] = []
        for topic, subscription in self._subscriptions.items():
            tap = self._taps.get(topic)
            for message, received_ns in take_all(subscription):
                self.bag.write(topic, received_ns, message)
                if tap is not None:
                    tapped.append((received_ns + to_monotonic_ns, tap, message))
        for seen_ns, tap, message in sorted(tapped, key=itemgetter(0)):
            tap(message, seen_ns)

    def _subscribe(self, topic: str, type_name: str) -> None:
        try:
            message_type = _find_type(type_name)
            profile = self._offered(topic)
            self.bag.add_topic(topic, type_name, _describe(profile))
        except (ImportError, AttributeError, RecordingError) as err:
            self._refused.add(topic)
            self._node.get_logger().warning(f"{topic} is not recorded: {err}")
            return
        self._subscriptions[topic] = self._node.create_subscription(
            message_type, topic, ignore, profile, raw=True
        )

    def _offered(self, topic: str) -> QoSProfile:
        """Quality of service that every publisher of a topic can serve."""
        offers = [info.qos_profile for info in self._node.get_publishers_info_by_topic(topic)]
        reliable = all(offer.reliability == ReliabilityPolicy.RELIABLE for offer in offers)
        latched = all(offer.durability == DurabilityPolicy.TRANSIENT_LOCAL for offer in offers)
        return QoSProfile(
            depth=_DEPTH,
            reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
            durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        )


def _find_type(type_name: str) -> type:
    """Class of a message type such as ``sensor_msgs/msg/JointState``."""
    package, _, name = type_name.split("/")
    return getattr(importlib.import_module(f"{package}.msg"), name)


def _describe(profile: QoSProfile) -> TopicQos:
    return TopicQos(
        reliable=profile.reliability == ReliabilityPolicy.RELIABLE,
        transient_local=profile.durability == DurabilityPolicy.TRANSIENT_LOCAL,
    )
