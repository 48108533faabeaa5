"""Images of several cameras that were taken together."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from so101_ros.nodes import convert_images, qos
from so101_ros.nodes.diagnostics import RateMeter
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.cdr import stamp_of

_KEPT = 4  # of each camera: one more than a camera may be behind another


@dataclass(frozen=True, slots=True)
class ImageSet:
    """One image of every camera, still as messages.

    Attributes:
        stamp_ns: When the oldest of them was taken, in [ns].
        messages: Serialized images by camera.
    """

    stamp_ns: int
    messages: Mapping[str, bytes]

    def decode(self) -> dict[str, np.ndarray]:
        """Read the pixels.

        Returns:
            RGB pixels by camera. Shape (height, width, 3) each, uint8.

        Raises:
            ObservationError: If an image is malformed.
        """
        return {
            camera: convert_images.image_from_ros(deserialize_message(message, Image))
            for camera, message in self.messages.items()
        }


class SynchronisedImages:
    """Keep the last images of some cameras; nothing is decoded before it is needed."""

    def __init__(self, node: Node, cameras: Sequence[str]) -> None:
        """Subscribe.

        Args:
            node: Who listens.
            cameras: Names of the cameras.
        """
        self.rates = {camera: RateMeter() for camera in cameras}
        self._kept: dict[str, deque[tuple[int, bytes]]] = {
            camera: deque(maxlen=_KEPT) for camera in cameras
        }
        for camera in cameras:
            node.create_subscription(
                Image,
                f"camera/{camera}/image_raw",
                partial(self._take, camera),
                qos.SENSOR_IMAGE,
                raw=True,
            )

    def newest(self, oldest_ns: int, tolerance_s: float) -> ImageSet | None:
        """Find the newest images that were taken together.

        Args:
            oldest_ns: Images that were taken before that time are not wanted, in [ns].
            tolerance_s: How far apart they may be, in [s].

        Returns:
            The images; None if there are none.
        """
        first, *others = self._kept.values()
        for stamp_ns, _ in reversed(first):
            chosen = [_nearest(kept, stamp_ns) for kept in (first, *others)]
            stamps_ns = [each[0] for each in chosen if each is not None]
            if len(stamps_ns) < len(chosen) or min(stamps_ns) < oldest_ns:
                return None
            if max(stamps_ns) - min(stamps_ns) <= tolerance_s * NANOSECONDS:
                images = [each[1] for each in chosen if each is not None]
                return ImageSet(min(stamps_ns), dict(zip(self._kept, images, strict=True)))
        return None

    def describe_lack(self, now_ns: int) -> str:
        """Say why :meth:`newest` found nothing.

        Args:
            now_ns: Now, in [ns].
        """
        ages = [_describe_age(camera, kept, now_ns) for camera, kept in self._kept.items()]
        return f"no images that were taken together: {', '.join(ages)}"

    def _take(self, camera: str, message: bytes) -> None:
        self.rates[camera].tick()
        self._kept[camera].append((stamp_of(message), message))


def _nearest(kept: deque[tuple[int, bytes]], stamp_ns: int) -> tuple[int, bytes] | None:
    return min(kept, key=lambda each: abs(each[0] - stamp_ns), default=None)


def _describe_age(camera: str, kept: deque[tuple[int, bytes]], now_ns: int) -> str:
    if not kept:
        return f"none has come on camera/{camera}/image_raw"
    return f"the newest of {camera} is {(now_ns - kept[-1][0]) / NANOSECONDS:.2f} s old"
