"""Write serialized messages into a rosbag2 folder."""

from pathlib import Path

from rosbags.interfaces import Connection
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.rosbag2.errors import WriterError
from rosbags.typesys import Stores, get_typestore

from so101_ros.errors import RecordingError
from so101_ros.recording.topic_qos import TopicQos

_METADATA_VERSION = 8  # read by rosbag2 from Iron on


class BagWriter:
    """A rosbag2 folder (MCAP storage) that is complete whenever it is closed.

    Message definitions and quality of service are stored with the messages, so that any MCAP or
    rosbag2 reader understands the bag without this package.

    Attributes:
        path: The bag's folder.
        counts: Messages written so far, by topic.
    """

    def __init__(self, path: Path) -> None:
        """Create the folder.

        Args:
            path: Folder that does not exist yet.

        Raises:
            RecordingError: If the path exists or cannot be created.
        """
        self.path = path
        self.counts: dict[str, int] = {}
        self._connections: dict[str, Connection] = {}
        self._typestore = get_typestore(Stores.ROS2_JAZZY)
        try:
            self._writer = Writer(
                path, version=_METADATA_VERSION, storage_plugin=StoragePlugin.MCAP
            )
            self._writer.open()
        except (WriterError, OSError) as err:
            raise RecordingError(
                f"cannot write a bag to {path}: {err}. Give a folder that does not exist yet."
            ) from err

    def __enter__(self) -> "BagWriter":
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Complete the bag, whatever ended the recording."""
        self.close()

    def add_topic(self, topic: str, type_name: str, qos: TopicQos) -> None:
        """Announce a topic before its first message.

        Args:
            topic: Resolved name, for example ``"/joint_states"``.
            type_name: Message type, for example ``"sensor_msgs/msg/JointState"``.
            qos: How the topic is offered.

        Raises:
            RecordingError: If the type is unknown or the topic was added before.
        """
        if topic in self._connections:
            raise RecordingError(f"topic {topic!r} is already in the bag; add every topic once")
        if type_name not in self._typestore.fielddefs:
            raise RecordingError(
                f"topic {topic!r} has the unknown message type {type_name!r}; a bag can hold the "
                "types of ROS 2's common interfaces, named like 'sensor_msgs/msg/JointState'"
            )
        self._connections[topic] = self._writer.add_connection(
            topic,
            type_name,
            typestore=self._typestore,
            offered_qos_profiles=[qos.to_rosbags()],
        )
        self.counts[topic] = 0

    def write(self, topic: str, received_ns: int, message: bytes) -> None:
        """Append one message.

        Args:
            topic: A topic that was added.
            received_ns: When it arrived, in [ns] since 1970.
            message: The message as CDR, with its encapsulation header.

        Raises:
            RecordingError: If the topic was not added.
        """
        connection = self._connections.get(topic)
        if connection is None:
            raise RecordingError(
                f"topic {topic!r} was not added to the bag; it has {sorted(self._connections)}"
            )
        self._writer.write(connection, received_ns, message)
        self.counts[topic] += 1

    def close(self) -> None:
        """Write the index and the metadata; further calls do nothing."""
        if self._writer.storage is not None:
            self._writer.close()
