"""A picture that is published raw and as JPEG, each only for those who look."""

from dataclasses import dataclass

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CompressedImage, Image

from so101_ros.nodes import convert_images, qos


@dataclass(frozen=True, slots=True)
class ImageFormats:
    """How a picture is published.

    Attributes:
        raw: Whether it is published as it is.
        compressed: Whether it is published as JPEG, on the topic ``<raw topic>/compressed``.
        jpeg_quality: 1 to 100.
    """

    raw: bool = True
    compressed: bool = True
    jpeg_quality: int = 90


class ImageTopics:
    """Publish the pictures of one source.

    Attributes:
        formats: How they are published; which topics there are is decided once.
    """

    def __init__(self, node: Node, topic: str, formats: ImageFormats) -> None:
        """Announce the topics.

        Args:
            node: Who publishes.
            topic: Of the raw picture.
            formats: How the pictures are published.
        """
        self.formats = formats
        self._raw = node.create_publisher(Image, topic, qos.SENSOR_IMAGE) if formats.raw else None
        self._compressed = (
            node.create_publisher(CompressedImage, f"{topic}/compressed", qos.SENSOR_IMAGE)
            if formats.compressed
            else None
        )

    @property
    def wanted(self) -> bool:
        """Whether anybody looks."""
        return _has_listener(self._raw) or _has_listener(self._compressed)

    def publish(self, rgb: np.ndarray, stamp_ns: int, frame_id: str) -> None:
        """Publish a picture in the formats that somebody listens to.

        Args:
            rgb: RGB pixels. Shape (height, width, 3), uint8.
            stamp_ns: When it was taken, in [ns].
            frame_id: Optical frame of the camera.
        """
        if self._raw is not None and _has_listener(self._raw):
            self._raw.publish(convert_images.image_to_ros(rgb, stamp_ns, frame_id))
        if self._compressed is not None and _has_listener(self._compressed):
            quality = self.formats.jpeg_quality
            self._compressed.publish(
                convert_images.compressed_to_ros(rgb, stamp_ns, frame_id, quality)
            )


def _has_listener(publisher: Publisher | None) -> bool:
    return publisher is not None and publisher.get_subscription_count() > 0
