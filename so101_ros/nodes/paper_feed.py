"""Where the sheet is, as a policy's node hears it."""

from collections.abc import Callable

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node

from so101_ros.epoch import EpochTracker
from so101_ros.errors import ObservationError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.refusals import Refusals
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS


class PaperFeed:
    """Keep the latest pose on ``paper_pose``."""

    def __init__(self, node: Node, refusals: Refusals, on_pose: Callable[[], None]) -> None:
        """Subscribe.

        Args:
            node: Who listens.
            refusals: Counts malformed poses.
            on_pose: Called after every pose that was kept.
        """
        self._latest: tuple[int, Pose] | None = None
        self._refusals = refusals
        self._on_pose = on_pose
        node.create_subscription(PoseStamped, "paper_pose", self._take, qos.POSE)

    def at(self, stamp_ns: int) -> Pose | None:
        """The pose of exactly that time in [ns], if it is the latest."""
        if self._latest is None or self._latest[0] != stamp_ns:
            return None
        return self._latest[1]

    def near(
        self, now_ns: int, epochs: EpochTracker, timeout_s: float
    ) -> tuple[Pose | None, int | None]:
        """The latest pose and its stamp, unless it is stale, of an earlier epoch or another clock.

        Args:
            now_ns: Stamp of the joint state that it goes with, in [ns].
            epochs: Follows the joint states.
            timeout_s: Age at which a pose is stale, in [s].
        """
        if self._latest is None or epochs.is_stale(self._latest[0]):
            return None, None
        stamp_ns, pose = self._latest
        age_s = (now_ns - stamp_ns) / NANOSECONDS
        # A pose may overtake its joint state, but not by more than it may lag behind it.
        return (pose, stamp_ns) if abs(age_s) <= timeout_s else (None, None)

    def _take(self, msg: PoseStamped) -> None:
        try:
            self._latest = (convert.stamp_to_ns(msg.header.stamp), convert.pose_from_ros(msg))
        except ObservationError as err:
            self._refusals.add("paper_pose", err)
            return
        self._on_pose()
