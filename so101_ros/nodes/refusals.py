"""Messages that a node refused, counted by topic."""

from collections import Counter
from collections.abc import Mapping

from rclpy.node import Node

from so101_ros.errors import So101Error

_LOG_PERIOD_S = 1.0
_LONGEST_REASON = 400  # characters; a message of thousands of joints has a reason as long


class Refusals:
    """Count refused messages and remember why the last one was refused."""

    def __init__(self, node: Node) -> None:
        """Begin with none.

        Args:
            node: Who refuses; its log names every reason, at most once a second.
        """
        self._node = node
        self._counts: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._unread = ""

    def add(self, topic: str, reason: So101Error) -> None:
        """Count a refused message.

        Args:
            topic: Where it came from.
            reason: What is wrong with it.
        """
        text = shorten(str(reason))
        self._counts[topic] += 1
        self._reasons[topic] = text
        self._unread = f"refused {topic}: {text}"
        self._node.get_logger().warning(self._unread, throttle_duration_sec=_LOG_PERIOD_S)

    def read_latest(self) -> str:
        """The latest refusal since the last reading; empty if there was none."""
        latest, self._unread = self._unread, ""
        return latest

    def values(self) -> Mapping[str, object]:
        """Counts and last reasons, for a report."""
        return {
            f"refused {topic}": f"{count} (last: {self._reasons[topic]})"
            for topic, count in self._counts.items()
        }


def shorten(reason: str) -> str:
    """Cut a reason to what fits into a log and a report."""
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]} ..."
