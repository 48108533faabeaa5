"""Know where the camera is: average over several images, then watch for bumps."""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings
from so101_ros.perception.frame_fit import (
    FrameFit,
    compare_frame,
    fit_frame,
    is_convincing,
    scale_of,
)
from so101_ros.perception.frame_search import guess_cameras, nominal_camera
from so101_ros.perception.plane_view import move, step_between
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tape_frame import (
    EDGE_SIDES,
    OUTER_SIZE,
    bare_share,
    outline,
)
from so101_ros.perception.unmixing import Shares
from so101_ros.simulation.pinhole import CameraModel, Intrinsics

_REFINED_FRAMES = 90  # after these, one more changes nothing
_INDEPENDENT_FRAMES = 3.0  # what many images of a scene at rest are worth: their errors repeat
_MOST_BARE = 0.10  # of the tape's middle
_LEAST_FOUND = 0.15  # of the points on the frame's edges
_MOST_TURN = np.deg2rad(45.0)
_DISAGREEMENT = 1.5  # [px] of an image 320 wide, of the frame's corners


class Sight(Enum):
    """What an image says about the camera's place."""

    SEEN = "seen"
    HIDDEN = "hidden"  # Something hides the frame; nothing says that the camera moved.
    MOVED = "moved"
    MISSING = "missing"  # No frame, and the camera's place is not known.


@dataclass(frozen=True, slots=True, eq=False)
class _Knowledge:
    """What all images so far say: the camera, and the information summed up over them."""

    fit: FrameFit
    frames: int


class CameraAnchor:
    """Locate the camera over the tape frame.

    Attributes:
        relocating: Whether the camera has moved and is not located again yet.
    """

    def __init__(self, intrinsics: Intrinsics, settings: TrackerSettings) -> None:
        """Know nothing yet.

        Args:
            intrinsics: Of the camera.
            settings: About where the camera is, and how long to average.
        """
        self._intrinsics, self._settings = intrinsics, settings
        self._expected = nominal_camera(intrinsics, settings).rotation
        self._known: _Knowledge | None = None
        self._surprises = 0
        self.relocating = False

    @property
    def fixed(self) -> bool:
        """Whether enough images agree."""
        return self._known is not None and self._known.frames >= self._settings.anchor_frames

    @property
    def refined(self) -> bool:
        """Whether more images would not make it better."""
        return self._known is not None and self._known.frames >= _REFINED_FRAMES

    @property
    def fit(self) -> FrameFit | None:
        """The camera, as all images so far tell it; None before the frame was seen."""
        return None if self._known is None else self._known.fit

    @property
    def covariance(self) -> np.ndarray:
        """Of a step of the camera, as ``plane_view.move`` takes it. Shape (6, 6)."""
        assert self._known is not None
        # Stairs of pixels and a wrong colour err alike in every image of the same scene.
        worth = max(1.0, self._known.frames / _INDEPENDENT_FRAMES)
        return worth * np.linalg.inv(self._known.fit.information + 1e-3 * np.eye(6))

    def look(self, shares: Shares) -> Sight:
        """Take in an image.

        Args:
            shares: What it shows.

        Returns:
            What it says about the camera's place.
        """
        if self.fixed:
            return self._watch(shares)
        fit = self._locate(shares)
        if fit is None:
            return Sight.MISSING if self._known is None else Sight.HIDDEN
        self._take_in(fit)
        return Sight.SEEN

    def learn(self, camera: CameraModel, information: np.ndarray, pull: np.ndarray) -> None:
        """Let the sheet's edges make the camera better.

        Args:
            camera: The place of the camera that they were compared with.
            information: What they tell about a step of the camera. Shape (6, 6).
            pull: Where they pull it: the information times a step. Shape (6,).
        """
        assert self._known is not None
        fit = self._known.fit
        total = fit.information + information
        pull = pull + information @ step_between(fit.camera, camera)
        moved = move(fit.camera, np.linalg.solve(total, pull))
        better = replace(fit, camera=moved, information=total)
        self._known = replace(self._known, fit=better)

    def locate_anew(self, shares: Shares) -> FrameFit | None:
        """Locate the camera by one image alone.

        Args:
            shares: What it shows.

        Returns:
            The camera, if possible about where it should be; None without a frame in the image.
        """
        elsewhere: FrameFit | None = None
        for guess in guess_cameras(shares, self._intrinsics, self._settings):
            fit = fit_frame(shares, guess)
            if fit is not None and not self._why_implausible(fit):
                return fit
            elsewhere = elsewhere or fit
        return elsewhere

    def find_implausible(self) -> str:
        """Compare with where the camera should be.

        Returns:
            What cannot be right, and what to do; empty if all can.
        """
        return "" if self._known is None else self._why_implausible(self._known.fit)

    def _why_implausible(self, fit: FrameFit) -> str:
        camera, settings = fit.camera, self._settings
        off = float(np.linalg.norm(camera.position - settings.camera_position))
        x, y, z = camera.position
        if off > settings.camera_tolerance:
            return (
                f"by the size of the tape frame, the camera is at ({x:.2f}, {y:.2f}, {z:.2f}) m, "
                f"{off:.2f} m from where it should be. Calibrate it, give the camera_info of this "
                "camera and resolution, or set camera_position"
            )
        cosine = 0.5 * (np.trace(self._expected.T @ camera.rotation) - 1.0)
        turned = float(np.arccos(np.clip(cosine, -1.0, 1.0)))
        if turned > _MOST_TURN:
            return (
                f"the camera is turned by {np.rad2deg(turned):.0f} degrees from where it should "
                "look. Set camera_heading to the direction in world that is up in the image"
            )
        return ""

    def _locate(self, shares: Shares) -> FrameFit | None:
        if self._known is not None and not self.find_implausible():
            fit = fit_frame(shares, self._known.fit.camera)
            if fit is not None:
                return fit
        return self.locate_anew(shares)

    def _take_in(self, fit: FrameFit) -> None:
        """Average; a fit that disagrees with the others while they are few starts anew."""
        known = self._known
        if known is None or (not self.fixed and self._shift(fit) > _DISAGREEMENT):
            self._known = _Knowledge(fit, 1)
            return
        information = known.fit.information + fit.information
        apart = step_between(known.fit.camera, fit.camera)
        step = np.linalg.solve(information, fit.information @ apart + fit.pull)
        merged = replace(fit, camera=move(known.fit.camera, step), information=information)
        self._known = _Knowledge(merged, known.frames + 1)
        if self.fixed:
            self.relocating = False

    def _shift(self, fit: FrameFit) -> float:
        """Largest shift of the frame's corners against what is known, in [px], 320 wide."""
        assert self._known is not None
        corners = outline(OUTER_SIZE)
        shift = fit.camera.project(corners) - self._known.fit.camera.project(corners)
        return float(np.linalg.norm(shift, axis=1).max()) / scale_of(fit.camera)

    def _watch(self, shares: Shares) -> Sight:
        """Compare an image with where the frame should appear in it."""
        assert self._known is not None
        sight = self._compare(shares)
        if sight is not Sight.MOVED:
            self._surprises = 0
            return sight
        self._surprises += 1
        if self._surprises >= self._settings.bump_frames:
            self._known, self._surprises, self.relocating = None, 0, True
        return sight

    def _compare(self, shares: Shares) -> Sight:
        assert self._known is not None
        camera = self._known.fit.camera
        if bare_share(shares, camera) > _MOST_BARE:
            return Sight.MOVED
        fit, readings = compare_frame(shares, camera)
        if fit.found < _LEAST_FOUND:
            return Sight.HIDDEN
        limit = self._settings.bump_px * scale_of(camera)
        if _typical_shift(readings, limit) > limit:
            return Sight.MOVED
        if not self.refined and is_convincing(fit, readings):
            self._take_in(fit)
        return Sight.SEEN


def _typical_shift(readings: EdgeReadings, limit: float) -> float:
    """How far the edges of the frame are off, each side counted once, in [px]."""
    sides = EDGE_SIDES[readings.found]
    # An arm beside the tape spoils a few points: they must not pull further than a bump would.
    offsets = np.clip(readings.offsets[readings.found], -2.0 * limit, 2.0 * limit)
    counts = np.bincount(sides)
    means = np.bincount(sides, offsets)[counts >= 6] / counts[counts >= 6]
    return float(np.sqrt(np.mean(np.square(means)))) if len(means) else 0.0
