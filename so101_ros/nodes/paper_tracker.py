"""Node: see where the sheet is.

Subscribes to ``camera/top/image_raw`` and ``camera/top/camera_info`` (or another camera's).
Publishes ``paper_pose`` and ``paper_tracker/pose_with_covariance`` whenever the sheet's pose is
certain, ``frame_pose`` (the tape frame in the camera's optical frame), ``paper_tracker/image`` for
those who look, and ``diagnostics``, which name what is wrong when there is no pose.

    ros2 run so101_ros paper_tracker
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseStamped, PoseWithCovarianceStamped
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from so101_ros.cameras.rectifier import Rectifier
from so101_ros.epoch import EpochTracker
from so101_ros.errors import ConfigError, ObservationError
from so101_ros.nodes import convert, convert_images, convert_perception, qos
from so101_ros.nodes.diagnostics import DiagnosticReporter, Report
from so101_ros.nodes.newest_image import NewestImage
from so101_ros.nodes.parameters import declare, on_change
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.runtime import run
from so101_ros.nodes.tracker_parameters import TrackerParameters
from so101_ros.nodes.tracker_pictures import TrackerPictures
from so101_ros.nodes.tracker_report import TrackerReport
from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Tracking
from so101_ros.rates import NANOSECONDS


@dataclass(frozen=True, slots=True)
class _Eye:
    """A lens and what looks through it."""

    rectifier: Rectifier
    tracker: PaperTracker

    @classmethod
    def behind(cls, info: CameraInfo, settings: TrackerSettings) -> "_Eye":
        """Look through a lens.

        Raises:
            ObservationError: If nothing can be measured through it.
        """
        rectifier = Rectifier(convert_images.camera_info_from_ros(info))
        try:
            return cls(rectifier, PaperTracker(rectifier.intrinsics, settings))
        except ConfigError as err:
            raise ObservationError(str(err)) from err


class PaperTrackerNode(Node):
    """Turn images into poses."""

    def __init__(self) -> None:
        """Read the parameters and wait for a camera."""
        super().__init__("paper_tracker")
        # One image at a time is small work: threads would only take the other nodes' cores.
        cv2.setNumThreads(1)
        self._settings = settings = declare(self, TrackerParameters)
        camera = f"camera/{settings.camera}"
        self._refusals = Refusals(self)
        self._info: CameraInfo | None = None
        self._eye: _Eye | None = None
        self._blindness = f"none has come on {camera}/camera_info"
        self._epochs = EpochTracker()
        self._last_ns: int | None = None
        self._pose = self.create_publisher(PoseStamped, "paper_pose", qos.POSE)
        self._uncertain = self.create_publisher(
            PoseWithCovarianceStamped, "paper_tracker/pose_with_covariance", qos.POSE
        )
        self._frame = self.create_publisher(PoseStamped, "frame_pose", qos.POSE)
        self._pictures = TrackerPictures(self, settings.image_rate_hz, settings.jpeg_quality)
        # Messages that wait together are taken in this order: the lens before the image.
        self.create_subscription(
            CameraInfo, f"{camera}/camera_info", self._on_info, qos.SENSOR_IMAGE
        )
        self._images = NewestImage(self, f"{camera}/image_raw", self._on_image)
        self._report = TrackerReport(self._images.topic, self._refusals)
        self._reporter = DiagnosticReporter(self, self._read_report)
        on_change(self, settings, self._apply)

    def _on_info(self, msg: CameraInfo) -> None:
        """Begin anew with another lens; without a usable one nothing is seen."""
        msg.header.stamp = Time()
        if msg == self._info:
            return
        self._info, self._eye = msg, None
        try:
            self._eye = _Eye.behind(msg, self._settings.settings)
        except ObservationError as err:
            self._blindness = str(err)

    def _on_image(self, msg: Image) -> None:
        began_s = time.perf_counter()
        try:
            image, tracking = self._look(msg)
        except ObservationError as err:
            self._refusals.add(self._images.topic, err)
            self._report.add_refused()
            return
        self._publish(tracking, msg.header.frame_id)
        self._count(tracking, time.perf_counter() - began_s)
        self._pictures.show(image, tracking, msg.header.frame_id)

    def _look(self, msg: Image) -> tuple[np.ndarray, Tracking]:
        """Find the sheet; returns the image, free of distortion, and what was seen."""
        if self._eye is None:
            raise ObservationError(f"there is no usable camera_info: {self._blindness}")
        stamp_ns = self._take_stamp(msg, self._eye.tracker)
        image = self._eye.rectifier.rectify(convert_images.image_from_ros(msg))
        return image, self._eye.tracker.update(image, stamp_ns)

    def _take_stamp(self, msg: Image, tracker: PaperTracker) -> int:
        """Read an image's stamp; a gap begins an epoch, in which the sheet may lie elsewhere."""
        stamp_ns = convert.stamp_to_ns(msg.header.stamp)
        if stamp_ns == self._last_ns:
            raise ObservationError(
                f"every image must have a stamp of its own, got {stamp_ns} ns again. Let the "
                "camera's driver stamp each when it is taken"
            )
        self._last_ns = stamp_ns
        if self._epochs.begins_at(stamp_ns):
            (tracker.forget_camera if self._settings.forget_camera else tracker.reset)()
        return stamp_ns

    def _publish(self, tracking: Tracking, frame_id: str) -> None:
        stamp_ns, paper, frame = tracking.stamp_ns, tracking.paper, tracking.frame
        if paper is not None:
            pose = convert_perception.paper_pose(paper, self._settings.paper_thickness)
            self._pose.publish(convert.pose_to_ros(pose, stamp_ns))
            self._uncertain.publish(convert_perception.covariance_to_ros(paper, pose, stamp_ns))
        if frame is not None:
            self._frame.publish(convert.pose_to_ros(frame.frame_in_camera, stamp_ns, frame_id))

    def _count(self, tracking: Tracking, processing_s: float) -> None:
        age_ns = self.get_clock().now().nanoseconds - tracking.stamp_ns
        self._report.add(tracking, processing_s, age_ns / NANOSECONDS)

    def _read_report(self) -> Report:
        return self._report.read(self._images.dropped)

    def _apply(self, settings: TrackerParameters) -> None:
        self._settings = settings
        self._pictures.change(settings.image_rate_hz, settings.jpeg_quality)
        if self._eye is not None:
            self._eye.tracker.settings = settings.settings


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(PaperTrackerNode, args)


if __name__ == "__main__":
    sys.exit(main())
