"""Keep every message of a lock-step graph by its stamp, and notice when one is missing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rclpy.node import Node
from rclpy.serialization import deserialize_message
from rclpy.subscription import Subscription

from so101_ros.errors import GraphError
from so101_ros.nodes import qos
from so101_ros.nodes.raw_messages import ignore, take_all
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.cdr import stamp_of

ReadStamp = Callable[[bytes], int]
"""Reads the stamp in [ns] of a serialized message."""


@dataclass(slots=True)
class _Stream:
    message_type: type
    subscription: Subscription
    read_stamp: ReadStamp
    messages: dict[int, bytes] = field(default_factory=dict)
    newest_ns: int = -1


class TickLog:
    """Messages of several topics, by stamp; the first of each stamp counts."""

    def __init__(self, node: Node) -> None:
        """Listen to nothing yet.

        Args:
            node: Owns the subscriptions; not to be spun.
        """
        self._node = node
        self._streams: dict[str, _Stream] = {}

    @property
    def topics(self) -> tuple[str, ...]:
        """What is listened to."""
        return tuple(self._streams)

    def listen(self, message_type: type, topic: str, read_stamp: ReadStamp = stamp_of) -> None:
        """Subscribe to a topic, and lose nothing of it.

        Args:
            message_type: Its type.
            topic: Its name.
            read_stamp: Finds the stamp in a serialized message.
        """
        subscription = self._node.create_subscription(
            message_type, topic, ignore, qos.EVERYTHING, raw=True
        )
        self._streams[topic] = _Stream(message_type, subscription, read_stamp)

    def drain(self) -> None:
        """Take in what has arrived since the last call."""
        for stream in self._streams.values():
            for message, _ in take_all(stream.subscription):
                stamp_ns = stream.read_stamp(message)
                stream.messages.setdefault(stamp_ns, message)
                stream.newest_ns = max(stream.newest_ns, stamp_ns)

    def clear(self) -> None:
        """Forget everything that has arrived."""
        self.drain()
        for stream in self._streams.values():
            stream.messages.clear()
            stream.newest_ns = -1

    def silent(self) -> list[str]:
        """List the topics of which nothing has arrived."""
        return [topic for topic, stream in self._streams.items() if not stream.messages]

    def has_complete_tick(self) -> bool:
        """Whether all topics have a message of the same stamp."""
        stamps = [stream.messages.keys() for stream in self._streams.values()]
        return bool(set(stamps[0]).intersection(*stamps[1:]))

    def has(self, topic: str, stamp_ns: int) -> bool:
        """Whether a message has arrived.

        Args:
            topic: What is listened to.
            stamp_ns: Stamp of the message, in [ns].

        Raises:
            GraphError: If it never will: a later one has arrived.
        """
        stream = self._streams[topic]
        if stamp_ns in stream.messages:
            return True
        if stream.newest_ns > stamp_ns:
            raise GraphError(
                f"the message on {topic} stamped {stamp_ns / NANOSECONDS:.3f} s is missing, a "
                "later one has arrived: somebody else has reset the simulation, or this machine is "
                "too busy to receive everything"
            )
        return False

    def read(self, topic: str, stamp_ns: int) -> Any:
        """Unpack a message that has arrived.

        Args:
            topic: What is listened to.
            stamp_ns: Stamp of the message, in [ns].
        """
        stream = self._streams[topic]
        return deserialize_message(stream.messages[stamp_ns], stream.message_type)
