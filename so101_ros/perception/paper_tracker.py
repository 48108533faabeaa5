"""Track the sheet in the images of the top camera."""

import math
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from so101_ros.errors import ConfigError, ObservationError
from so101_ros.perception.camera_anchor import CameraAnchor, Sight
from so101_ros.perception.frame_fit import FrameFit
from so101_ros.perception.image_checks import FreezeWatch, check_light
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.sheet_check import outline_px
from so101_ros.perception.sheet_edges import project_sheet
from so101_ros.perception.sheet_locator import LocatedSheet, NoSheet, SheetLocator
from so101_ros.perception.tape_frame import OUTER_SIZE, outline
from so101_ros.perception.tracking import (
    Condition,
    FrameEstimate,
    Outlines,
    PaperEstimate,
    Tracking,
)
from so101_ros.perception.unmixing import Shares, unmix
from so101_ros.perception.yaw_memory import YawMemory
from so101_ros.pose import PlanarPose, Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.pinhole import CameraModel, Intrinsics
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE
from so101_ros.task.measures import measure

_DRIFT = np.array([0.05, 0.05, 0.4])  # [m]/[s], [m]/[s], [rad]/[s]; how a sheet may move unseen


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    """The sheet when it was seen last."""

    paper: PaperEstimate
    stamp_ns: int


class PaperTracker:
    """Find the tape frame, the camera and the sheet, image by image."""

    def __init__(self, intrinsics: Intrinsics, settings: TrackerSettings | None = None) -> None:
        """Know nothing yet.

        Args:
            intrinsics: Of the camera; its images must be free of distortion.
            settings: What can be chosen; None for the defaults.

        Raises:
            ConfigError: If the focal length is not above 0, as in the camera_info of a camera
                that was never calibrated.
        """
        focal = intrinsics.fx, intrinsics.fy
        if not all(0.0 < each < math.inf for each in focal):
            raise ConfigError(
                f"the focal length must be above 0 px, got {focal}: this camera_info is not "
                "calibrated. Run so101 camera calibrate"
            )
        self.intrinsics = intrinsics
        self.settings = settings or TrackerSettings()
        self._anchor = CameraAnchor(intrinsics, self.settings)
        self._locator = SheetLocator(self.settings.paper_thickness, self.settings.least_visible)
        self._freeze = FreezeWatch(self.settings.frozen_s)
        self._yaw = YawMemory()
        self._last: _Remembered | None = None
        self._stamp_ns: int | None = None

    def reset(self) -> None:
        """Forget the sheet, as in a new episode; the camera stays where it is."""
        self._last = None
        self._yaw.reset()
        self._freeze.reset()
        self._stamp_ns = None

    def forget_camera(self) -> None:
        """Forget sheet and camera, as where the camera may have been hung elsewhere unseen."""
        self.reset()
        self._anchor = CameraAnchor(self.intrinsics, self.settings)

    def update(self, image: np.ndarray, stamp_ns: int) -> Tracking:
        """Take in an image.

        Args:
            image: RGB pixels. Shape (H, W, 3), uint8; without the last axis it is called mono.
            stamp_ns: Its stamp in [ns]; if it is before the last one, a new time has begun.

        Returns:
            Where the sheet is, or why that is not known.

        Raises:
            ObservationError: If it is no image of 8 bits per channel.
        """
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            self.reset()
        self._stamp_ns = stamp_ns
        refused = self._refuse(image, stamp_ns)
        if refused is not None:
            return Tracking(stamp_ns, *refused)
        shares = unmix(image)
        if shares is None:
            reason = "no table is in sight: no colour fills a quarter of the image"
            return Tracking(stamp_ns, Condition.NO_FRAME, reason)
        return self._track(image, shares, stamp_ns)

    def _refuse(self, image: np.ndarray, stamp_ns: int) -> tuple[Condition, str] | None:
        """Name what makes an image useless before anything is looked for in it."""
        if image.dtype != np.uint8 or image.ndim not in (2, 3):
            raise ObservationError(
                f"an image must have shape (H, W, 3) and type uint8, got {image.shape} and "
                f"{image.dtype}"
            )
        if image.ndim == 2 or image.shape[2] == 1:
            return Condition.MONO, "the image has one channel. Let the camera deliver rgb8"
        if image.shape[2] != 3:
            raise ObservationError(f"an image must have 3 channels, got {image.shape[2]}")
        expected = self.intrinsics.height, self.intrinsics.width
        if image.shape[:2] != expected:
            height, width = image.shape[:2]
            return Condition.WRONG_CAMERA_INFO, (
                f"the image is {width} x {height}, its camera_info is for {expected[1]} x "
                f"{expected[0]}. Give the camera_info of this resolution"
            )
        return check_light(image) or self._freeze.check(image, stamp_ns)

    def _track(self, image: np.ndarray, shares: Shares, stamp_ns: int) -> Tracking:
        sight = self._anchor.look(shares)
        if sight is Sight.MOVED or (self._anchor.relocating and self._anchor.fit is not None):
            if sight is Sight.SEEN and self._anchor.fit is not None:
                self._learn_camera(shares, self._anchor.fit)
            reason = "the camera was moved: its place is measured anew. Keep it still"
            return Tracking(stamp_ns, Condition.CAMERA_MOVED, reason, frame=self._frame())
        if sight in (Sight.MISSING, Sight.HIDDEN) and self._is_swapped(image):
            reason = (
                "the tape is blue: red and blue are swapped. Let the camera say bgr8 where it "
                "sends bgr8"
            )
            return Tracking(stamp_ns, Condition.CHANNELS_SWAPPED, reason)
        frame = self._anchor.fit
        if frame is None:
            return Tracking(stamp_ns, Condition.NO_FRAME, _why_no_frame(shares))
        implausible = self._anchor.find_implausible()
        if implausible:
            return Tracking(stamp_ns, Condition.WRONG_CAMERA_INFO, implausible, frame=self._frame())
        return self._find_sheet(shares, frame, stamp_ns)

    def _learn_camera(self, shares: Shares, frame: FrameFit) -> None:
        """Let the sheet tell where the camera is: the frame alone does not tell it well enough."""
        found = self._locator.locate(shares, frame, self._anchor.fixed, None)
        if isinstance(found, LocatedSheet):
            self._take_in(found)

    def _take_in(self, found: LocatedSheet) -> None:
        if not self._anchor.refined:
            fit = found.fit
            self._anchor.learn(fit.camera, fit.camera_information, fit.camera_pull)

    def _is_swapped(self, image: np.ndarray) -> bool:
        """Tell whether the frame is there once red and blue are swapped."""
        swapped = unmix(np.ascontiguousarray(image[..., ::-1]))
        return swapped is not None and self._anchor.locate_anew(swapped) is not None

    def _find_sheet(self, shares: Shares, frame: FrameFit, stamp_ns: int) -> Tracking:
        last = self._last.paper.pose if self._last is not None else None
        found = self._locator.locate(shares, frame, self._anchor.fixed, last)
        if isinstance(found, NoSheet):
            if found.condition is Condition.TWO_SHEETS:
                self._last = None
                return Tracking(
                    stamp_ns, found.condition, found.reason, None, self._frame(), self._outlines()
                )
            return self._hold(found, stamp_ns)
        self._take_in(found)
        return self._report(found, stamp_ns)

    def _report(self, found: LocatedSheet, stamp_ns: int) -> Tracking:
        fit = found.fit
        pose = replace(fit.pose, yaw=self._yaw.follow(fit.pose.yaw))
        covariance = fit.covariance + fit.by_camera @ self._anchor.covariance @ fit.by_camera.T
        paper = PaperEstimate(pose, covariance, found.visible, 0.0, measure(pose).margin)
        self._last = _Remembered(paper, stamp_ns)
        reason = f"{100 * found.visible:.0f} % of the sheet is seen"
        outlines = self._outlines(pose, fit.readings.found)
        return Tracking(stamp_ns, Condition.TRACKING, reason, paper, self._frame(), outlines)

    def _hold(self, missing: NoSheet, stamp_ns: int) -> Tracking:
        """Keep the last pose for a while, less and less sure of it."""
        if self._last is None:
            return self._say(missing, stamp_ns)
        age_s = (stamp_ns - self._last.stamp_ns) / NANOSECONDS
        if age_s > self.settings.hold_s:
            self._last = None
            return self._say(missing, stamp_ns)
        paper = self._last.paper
        covariance = paper.covariance + np.diag((_DRIFT * age_s) ** 2)
        held = replace(paper, covariance=covariance, age_s=age_s)
        reason = f"held for {age_s:.2f} s: {missing.reason}"
        return Tracking(
            stamp_ns, Condition.HELD, reason, held, self._frame(), self._outlines(paper.pose)
        )

    def _say(self, missing: NoSheet, stamp_ns: int) -> Tracking:
        return Tracking(
            stamp_ns, missing.condition, missing.reason, None, self._frame(), self._outlines()
        )

    def _frame(self) -> FrameEstimate | None:
        fit = self._anchor.fit
        if fit is None:
            return None
        return FrameEstimate(
            fit.camera, _frame_in(fit.camera), self._anchor.covariance, fit.rms, self._anchor.fixed
        )

    def _outlines(
        self, sheet: PlanarPose | None = None, measured: np.ndarray | None = None
    ) -> Outlines:
        fit = self._anchor.fit
        if fit is None:
            return Outlines()
        frame = np.stack([fit.camera.project(outline(size)) for size in _TAPE_EDGES])
        if sheet is None:
            return Outlines(frame)
        height = self.settings.paper_thickness
        edges = project_sheet(fit.camera, sheet, height).edges.pixels
        seen = np.zeros(len(edges), dtype=bool) if measured is None else measured
        return Outlines(frame, outline_px(fit.camera, sheet, height), edges, seen)


_TAPE_EDGES = (OUTER_SIZE, GOAL_INNER_SIZE)


def _why_no_frame(shares: Shares) -> str:
    if not shares.has_tape:
        return "no red tape is in sight. Let the camera see the frame, in white light"
    return (
        "something red is in sight, but no tape frame of the expected size. Let the camera see "
        "three of its sides; if it does, its camera_info is wrong"
    )


def _frame_in(camera: CameraModel) -> Pose:
    """Pose of the frame's centre in the optical frame of the camera."""
    rotation = camera.rotation.T
    position = rotation @ (np.array([*GOAL_CENTRE, 0.0]) - camera.position)
    return Pose(position, _quaternion(rotation))


def _quaternion(rotation: np.ndarray) -> np.ndarray:
    """Unit quaternion w, x, y, z of a rotation matrix. Shape (4,)."""
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(rotation).ravel())
    return quaternion
