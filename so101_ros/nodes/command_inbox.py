"""Commands on their way to the arm: one sender only, and nothing malformed."""

from collections import Counter
from collections.abc import Callable

from rclpy.event_handler import QoSSubscriptionMatchedInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.errors import CommandError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.publisher_watch import publisher_names
from so101_ros.nodes.refusals import shorten
from so101_ros.trajectory import JointTrajectory

TOPIC = "joint_trajectory"


class CommandInbox:
    """Hand on the commands of a single sender; refuse everything else, and count it.

    Attributes:
        accepted: Commands that were handed on and taken.
        refused: Refused commands by reason: ``conflict``, ``malformed`` or ``stale``.
        last_refusal: Why the last one was refused; empty if none was.
    """

    def __init__(self, node: Node, follow: Callable[[JointTrajectory], None]) -> None:
        """Subscribe.

        Args:
            node: Who receives.
            follow: Takes a command, or raises :class:`~so101_ros.errors.CommandError`.
        """
        self.accepted = 0
        self.refused: Counter[str] = Counter(conflict=0, malformed=0, stale=0)
        self.last_refusal = ""
        self._node = node
        self._follow = follow
        self._matched = 0
        self._subscription = node.create_subscription(
            JointTrajectoryMsg,
            TOPIC,
            self._on_command,
            qos.COMMAND,
            event_callbacks=SubscriptionEventCallbacks(matched=self._on_matched),
        )

    @property
    def conflict(self) -> bool:
        """Whether more than one sender has the topic."""
        # The graph knows a sender before the event is handled, or after: trust the larger number.
        known = self._node.count_publishers(self._subscription.topic_name)
        return max(known, self._matched) > 1

    @property
    def senders(self) -> list[str]:
        """Names of the nodes that publish commands, sorted."""
        return publisher_names(self._node, self._subscription.topic_name)

    def _on_matched(self, info: QoSSubscriptionMatchedInfo) -> None:
        self._matched = info.current_count

    def _on_command(self, msg: JointTrajectoryMsg) -> None:
        if self.conflict:
            self._refuse(
                "conflict",
                f"{len(self.senders)} publishers on {TOPIC}: {', '.join(self.senders)}; stop all "
                "but one",
            )
            return
        try:
            command = convert.trajectory_from_ros(msg)
        except CommandError as err:
            self._refuse("malformed", str(err))
            return
        try:
            self._follow(command)
        except CommandError as err:
            self._refuse("stale", str(err))
            return
        self.accepted += 1

    def _refuse(self, reason: str, text: str) -> None:
        self.refused[reason] += 1
        self.last_refusal = shorten(text)
        self._node.get_logger().warning(
            f"refused a command: {self.last_refusal}", throttle_duration_sec=1.0
        )
