"""How a topic was offered, as far as a bag has to remember it."""

from dataclasses import dataclass

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)

_UNLIMITED = QosTime(9223372036, 854775807)  # what rosbag2 writes for an infinite duration


@dataclass(frozen=True, slots=True)
class TopicQos:
    """Quality of service of a recorded topic.

    Attributes:
        reliable: Whether delivery is reliable; otherwise best effort.
        transient_local: Whether late subscribers receive the last messages.
        depth: Messages kept.
    """

    reliable: bool = True
    transient_local: bool = False
    depth: int = 10

    def to_rosbags(self) -> Qos:
        """The same profile in the terms of a bag's metadata."""
        return Qos(
            history=QosHistory.KEEP_LAST,
            depth=self.depth,
            reliability=QosReliability.RELIABLE if self.reliable else QosReliability.BEST_EFFORT,
            durability=(
                QosDurability.TRANSIENT_LOCAL if self.transient_local else QosDurability.VOLATILE
            ),
            deadline=_UNLIMITED,
            lifespan=_UNLIMITED,
            liveliness=QosLiveliness.AUTOMATIC,
            liveliness_lease_duration=_UNLIMITED,
            avoid_ros_namespace_conventions=False,
        )
