"""The newest image of a camera, however long the last one took."""

from collections.abc import Callable

from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from so101_ros.nodes import qos
from so101_ros.nodes.raw_messages import take_all


class NewestImage:
    """Hand over images one at a time; those that were overtaken while one was looked at are gone.

    Attributes:
        topic: Where they come from.
        dropped: Images that were overtaken.
    """

    def __init__(self, node: Node, topic: str, on_image: Callable[[Image], None]) -> None:
        """Subscribe.

        Args:
            node: Who listens.
            topic: Of raw images.
            on_image: Called with every image that is the newest.
        """
        self.topic = topic
        self.dropped = 0
        self._on_image = on_image
        self._subscription = node.create_subscription(
            Image, topic, self._take, qos.SENSOR_IMAGE, raw=True
        )

    def _take(self, message: bytes) -> None:
        for newer, _ in take_all(self._subscription):
            self.dropped += 1
            message = newer
        self._on_image(deserialize_message(message, Image))
