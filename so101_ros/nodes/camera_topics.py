"""What one camera tells the graph."""

from dataclasses import dataclass

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from so101_ros.nodes import convert_images, qos
from so101_ros.simulation.pinhole import Intrinsics, optical_frame


@dataclass(frozen=True, slots=True)
class ImageFormats:
    """Which images a camera publishes.

    Attributes:
        raw: Whether ``image_raw`` is published.
        compressed: Whether ``image_raw/compressed`` is published.
        jpeg_quality: 1 to 100.
    """

    raw: bool = True
    compressed: bool = True
    jpeg_quality: int = 90


class CameraTopics:
    """Publish the images of one camera, each only for those who listen.

    Attributes:
        name: Name of the camera.
        frames: Images published, raw and compressed of one moment counted once.
    """

    def __init__(self, node: Node, name: str, formats: ImageFormats) -> None:
        """Announce the topics.

        Args:
            node: Who publishes.
            name: Name of the camera.
            formats: Which images to publish.
        """
        self.name = name
        self.frames = 0
        self._frame_id = optical_frame(name)
        self._quality = formats.jpeg_quality
        topic = f"camera/{name}/image_raw"
        self._info = node.create_publisher(
            CameraInfo, f"camera/{name}/camera_info", qos.SENSOR_IMAGE
        )
        self._raw = node.create_publisher(Image, topic, qos.SENSOR_IMAGE) if formats.raw else None
        self._compressed = (
            node.create_publisher(CompressedImage, f"{topic}/compressed", qos.SENSOR_IMAGE)
            if formats.compressed
            else None
        )

    @property
    def wanted(self) -> bool:
        """Whether anybody listens to the images."""
        return _has_listener(self._raw) or _has_listener(self._compressed)

    def publish_info(self, intrinsics: Intrinsics, stamp_ns: int) -> None:
        """Publish the camera's intrinsics.

        Args:
            intrinsics: The pinhole model.
            stamp_ns: Stamp of the image of the same moment, in [ns].
        """
        self._info.publish(convert_images.camera_info_to_ros(intrinsics, stamp_ns, self._frame_id))

    def publish_image(self, rgb: np.ndarray, stamp_ns: int) -> None:
        """Publish an image in the formats that somebody listens to.

        Args:
            rgb: RGB pixels. Shape (height, width, 3), uint8.
            stamp_ns: When it was taken, in [ns].
        """
        self.frames += 1
        if self._raw is not None and _has_listener(self._raw):
            self._raw.publish(convert_images.image_to_ros(rgb, stamp_ns, self._frame_id))
        if self._compressed is not None and _has_listener(self._compressed):
            self._compressed.publish(
                convert_images.compressed_to_ros(rgb, stamp_ns, self._frame_id, self._quality)
            )


def _has_listener(publisher: Publisher | None) -> bool:
    return publisher is not None and publisher.get_subscription_count() > 0
