"""Make sure that a topic has one publisher only."""

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher

_PERIOD_S = 0.25


class PublisherWatch:
    """Look for other publishers on a topic, four times per wall second.

    Attributes:
        rivals: Names of the nodes that publish there too.
    """

    def __init__(self, node: Node, publisher: Publisher) -> None:
        """Start to look.

        Args:
            node: The node that must be alone.
            publisher: Its publisher.
        """
        self.rivals: tuple[str, ...] = ()
        self._node = node
        self._topic = publisher.topic_name
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(_PERIOD_S, self.look, clock=clock)

    def look(self) -> None:
        """Look now."""
        if self._node.count_publishers(self._topic) <= 1:
            self.rivals = ()
            return
        names = publisher_names(self._node, self._topic)
        own = self._node.get_fully_qualified_name()
        if own in names:
            names.remove(own)
        self.rivals = tuple(names)


def publisher_names(node: Node, topic: str) -> list[str]:
    """List the nodes that publish on a topic, by their full names, sorted.

    Args:
        node: Who looks.
        topic: Resolved name of the topic.
    """
    infos = node.get_publishers_info_by_topic(topic)
    return sorted(f"{info.node_namespace.rstrip('/')}/{info.node_name}" for info in infos)
