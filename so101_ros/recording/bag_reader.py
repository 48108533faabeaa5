"""Read a bag back: stamps of every topic, poses of the sheet, camera images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Connection
from rosbags.rosbag2.errors import ReaderError
from rosbags.typesys import Stores, get_typestore

from so101_ros.errors import RecordingError
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.cdr import stamp_of

_STAMPED = ("std_msgs/msg/Header", "builtin_interfaces/msg/Time")


@dataclass(frozen=True, slots=True)
class CompressedFrame:
    """One recorded camera image.

    Attributes:
        stamp_ns: When it was taken, on the simulation's clock, in [ns].
        encoded: The image file (JPEG). Shape (n,).
    """

    stamp_ns: int
    encoded: np.ndarray


class BagReader:
    """A rosbag2 folder, opened for reading.

    Attributes:
        path: The bag's folder.
    """

    def __init__(self, path: Path) -> None:
        """Open the bag.

        Args:
            path: The bag's folder.

        Raises:
            RecordingError: If it is no complete bag.
        """
        self.path = path
        try:
            self._reader = AnyReader([path], default_typestore=get_typestore(Stores.ROS2_JAZZY))
            self._reader.open()
        except (AnyReaderError, ReaderError, OSError) as err:
            raise RecordingError(
                f"cannot read the bag {path}: {err}. Give a folder with metadata.yaml in it."
            ) from err

    def __enter__(self) -> "BagReader":
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._reader.close()

    @property
    def counts(self) -> dict[str, int]:
        """Number of messages by topic."""
        return {connection.topic: connection.msgcount for connection in self._reader.connections}

    def received_ns(self, topic: str) -> np.ndarray:
        """When the messages of a topic arrived, in [ns] since 1970. Shape (n,).

        Raises:
            RecordingError: If the topic is not in the bag.
        """
        times = [time for _, time, _ in self._reader.messages([self._connection(topic)])]
        return np.array(times, dtype=np.int64)

    def stamps_ns(self, topic: str) -> np.ndarray:
        """Stamps of a topic's messages in [ns]. Shape (n,).

        Raises:
            RecordingError: If the topic is not in the bag or its messages carry no stamp.
        """
        connection = self._connection(topic)
        if not self._is_stamped(connection.msgtype):
            raise RecordingError(f"{topic} of type {connection.msgtype} carries no stamps")
        stamps = [stamp_of(message) for _, _, message in self._reader.messages([connection])]
        return np.array(stamps, dtype=np.int64)

    def poses(self, topic: str) -> tuple[np.ndarray, list[Pose]]:
        """Read a topic of stamped poses.

        Args:
            topic: Resolved name of the topic.

        Returns:
            Stamps in [ns], shape (n,), and the n poses.

        Raises:
            RecordingError: If the topic is not in the bag.
        """
        stamps, poses = [], []
        for _, _, raw in self._reader.messages([self._connection(topic)]):
            message: Any = self._reader.deserialize(raw, "geometry_msgs/msg/PoseStamped")
            at, turn = message.pose.position, message.pose.orientation
            stamps.append(_nanoseconds(message.header.stamp))
            poses.append(
                Pose(np.array([at.x, at.y, at.z]), np.array([turn.w, turn.x, turn.y, turn.z]))
            )
        return np.array(stamps, dtype=np.int64), poses

    def frames(
        self, topic: str, received_from_ns: int, received_until_ns: int
    ) -> Iterator[CompressedFrame]:
        """Read the compressed images that arrived in a span of time.

        Args:
            topic: Resolved name of the topic.
            received_from_ns: Begin of the span in [ns] since 1970.
            received_until_ns: End of the span in [ns] since 1970.

        Yields:
            The images in the order of their arrival.

        Raises:
            RecordingError: If the topic is not in the bag.
        """
        span = {"start": received_from_ns, "stop": received_until_ns}
        for _, _, raw in self._reader.messages([self._connection(topic)], **span):
            message: Any = self._reader.deserialize(raw, "sensor_msgs/msg/CompressedImage")
            yield CompressedFrame(_nanoseconds(message.header.stamp), message.data)

    def _connection(self, topic: str) -> Connection:
        for connection in self._reader.connections:
            if connection.topic == topic:
                return connection
        raise RecordingError(f"the bag {self.path} has no topic {topic!r}; it has {[*self.counts]}")

    def _is_stamped(self, type_name: str) -> bool:
        _, fields = self._reader.typestore.fielddefs[type_name]
        return bool(fields) and fields[0][1][1] in _STAMPED


def _nanoseconds(stamp: Any) -> int:
    # The class of a stamp is made by rosbags at run time.
    return stamp.sec * NANOSECONDS + stamp.nanosec
