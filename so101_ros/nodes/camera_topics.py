"""What one camera tells the graph."""

from typing import NamedTuple

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo

from so101_ros.nodes import convert_images, qos
from so101_ros.nodes.image_topics import ImageFormats, ImageTopics
from so101_ros.simulation.pinhole import Intrinsics, optical_frame


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
        self._info = node.create_publisher(
            CameraInfo, f"camera/{name}/camera_info", qos.SENSOR_IMAGE
        )
        self._images = ImageTopics(node, f"camera/{name}/image_raw", formats)

    @property
    def wanted(self) -> bool:
        """Whether anybody listens to the images."""
        return self._images.wanted

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
        self._images.publish(rgb, stamp_ns, self._frame_id)


class Shot(NamedTuple):
    """What a camera has taken and not yet delivered.

    Attributes:
        camera: The camera.
        intrinsics: Its lens.
        stamp_ns: When it was taken, in [ns].
        image: RGB pixels, shape (height, width, 3), uint8; None if nobody wants them.
    """

    camera: CameraTopics
    intrinsics: Intrinsics
    stamp_ns: int
    image: np.ndarray | None

    def publish(self) -> None:
        """Deliver it."""
        self.camera.publish_info(self.intrinsics, self.stamp_ns)
        if self.image is not None:
            self.camera.publish_image(self.image, self.stamp_ns)
