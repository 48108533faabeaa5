"""What the tracker sees, drawn into the image, for those who look."""

import numpy as np
from rclpy.node import Node

from so101_ros.nodes.image_topics import ImageFormats, ImageTopics
from so101_ros.perception.overlay import draw_overlay
from so101_ros.perception.tracking import Tracking
from so101_ros.rates import NANOSECONDS

_TOPIC = "paper_tracker/image"
_EARLY = 0.1  # of a period: images come at multiples of their own period, stamped to nanoseconds


class TrackerPictures:
    """Publish annotated images on ``paper_tracker/image``, thinned out."""

    def __init__(self, node: Node, rate_hz: float, jpeg_quality: int) -> None:
        """Announce the topics.

        Args:
            node: Who publishes.
            rate_hz: Most pictures per second of the images' stamps.
            jpeg_quality: Of the compressed ones, 1 to 100.
        """
        self._topics = ImageTopics(node, _TOPIC, ImageFormats(jpeg_quality=jpeg_quality))
        self._rate_hz = rate_hz
        self._last_ns: int | None = None

    def change(self, rate_hz: float, jpeg_quality: int) -> None:
        """Publish at another rate or quality from now on."""
        self._rate_hz = rate_hz
        self._topics.formats = ImageFormats(jpeg_quality=jpeg_quality)

    def show(self, image: np.ndarray, tracking: Tracking, frame_id: str) -> None:
        """Draw into an image and publish it, if one is due and somebody looks.

        Args:
            image: RGB pixels that the tracker has seen. Shape (height, width, 3), uint8.
            tracking: What it said.
            frame_id: Optical frame of the camera.
        """
        if self._is_due(tracking.stamp_ns) and self._topics.wanted:
            self._last_ns = tracking.stamp_ns
            self._topics.publish(draw_overlay(image, tracking), tracking.stamp_ns, frame_id)

    def _is_due(self, stamp_ns: int) -> bool:
        if self._last_ns is None or stamp_ns < self._last_ns:
            return True
        return (stamp_ns - self._last_ns) * self._rate_hz >= (1.0 - _EARLY) * NANOSECONDS
