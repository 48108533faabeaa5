"""Tell a sheet that is certain from one that only might be."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import cv2
import numpy as np

from so101_ros.perception.frame_fit import scale_of
from so101_ros.perception.plane_view import lift
from so101_ros.perception.sheet_edges import EDGE_SIDES
from so101_ros.perception.sheet_fit import SheetFit
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import PlanarPose
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import PAPER_SIZE

_WHITE = 0.5
_MARGIN = 1.5  # [px] of an image 320 wide, on both sides of the outline
_RING = 4.0  # [px] of an image 320 wide, around the outline
_MOST_BARE = 0.06  # of what is not hidden: table or tape where the sheet should be
_MOST_STRAY = 0.04  # of the ring: white where the sheet should have ended
_MOST_DENIED = 0.06  # of the points on the edges
_MOST_RMS = 0.5  # [px] of an image 320 wide
_MOST_SIGMA = np.array([0.0025, 0.0025, 0.015])  # [m], [m], [rad]
_LEAST_SIDE_LENGTH = 5  # points: 25 mm of an edge
_CORNER_SIGNS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
_WHOLE = 0.97


class Doubt(Enum):
    """Why a sheet is not certain."""

    NOT_A_SHEET = "not_a_sheet"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason to doubt a sheet.

    Attributes:
        doubt: Of what kind it is.
        reason: One line for people.
    """

    doubt: Doubt
    reason: str


@dataclass(frozen=True, eq=False)
class Whites:
    """What in an image is white.

    Attributes:
        shares: What the image shows.
    """

    shares: Shares

    @cached_property
    def white(self) -> np.ndarray:
        """1 where the sheet is seen. Shape (H, W), uint8."""
        return ((self.shares.sheet > _WHITE) & (self.shares.strange == 0)).view(np.uint8)

    @cached_property
    def bare(self) -> np.ndarray:
        """1 where table or tape is seen. Shape (H, W), uint8."""
        return ((self.shares.sheet <= _WHITE) & (self.shares.strange == 0)).view(np.uint8)

    @cached_property
    def smooth(self) -> np.ndarray:
        """The white without noise, 0 to 1. Shape (H, W), float32."""
        scale = self.shares.sheet.shape[1] / 320.0
        return cv2.GaussianBlur(self.white.astype(np.float32), (0, 0), 1.5 * scale)


def outline_px(
    camera: CameraModel, sheet: PlanarPose, height: float, grow: float = 0.0
) -> np.ndarray:
    """Corners of a sheet in the image.

    Args:
        camera: Where the camera is.
        sheet: Where the sheet lies.
        height: Of its upper face over the table, in [m].
        grow: Widen it by this on each side, in [m].

    Returns:
        u and v in [px]. Shape (4, 2).
    """
    corners = _CORNER_SIGNS * (0.5 * PAPER_SIZE + grow)
    return camera.project(lift(sheet.to_world(corners), height))


def visible_fraction(
    whites: Whites, camera: CameraModel, sheet: PlanarPose, height: float
) -> float:
    """Share of the sheet that is seen, in [0, 1]; what is outside of the image is not seen."""
    corners = outline_px(camera, sheet, height)
    seen = np.count_nonzero(whites.white & _fill(whites, corners))
    whole = float(cv2.contourArea(corners.astype(np.float32)))
    return min(1.0, int(seen) / max(1.0, whole))


def find_fault(whites: Whites, fit: SheetFit, height: float) -> Fault | None:
    """Look for a reason to doubt a sheet.

    Args:
        whites: What is white.
        fit: The sheet.
        height: Of its upper face over the table, in [m].

    Returns:
        The reason; None if there is none.
    """
    if fit.rms > _MOST_RMS * scale_of(fit.camera):
        return Fault(Doubt.NOT_A_SHEET, f"its edges are {fit.rms:.1f} px off those of an A5 sheet")
    if fit.readings.denied.mean() > _MOST_DENIED:
        return Fault(Doubt.NOT_A_SHEET, "edges of an A5 sheet are missing")
    mismatch = find_mismatch(whites, fit.camera, fit.pose, height)
    if mismatch:
        return Fault(Doubt.NOT_A_SHEET, mismatch)
    if (np.sqrt(np.diag(fit.covariance)) > _MOST_SIGMA).any() or not _has_corner(fit):
        return Fault(Doubt.TOO_LITTLE, "too little of its edges is seen")
    if _has_rival(whites, fit.camera, fit.pose, height):
        return Fault(Doubt.TOO_LITTLE, "too little is seen to tell its long side from its short")
    return None


def find_mismatch(whites: Whites, camera: CameraModel, sheet: PlanarPose, height: float) -> str:
    """Compare a sheet's area with what is white.

    Args:
        whites: What is white.
        camera: Where the camera is.
        sheet: Where the sheet would lie.
        height: Of its upper face over the table, in [m].

    Returns:
        What does not fit; empty if everything does.
    """
    pixel = camera.position[2] / camera.intrinsics.fx * scale_of(camera)
    inner = _fill(whites, outline_px(camera, sheet, height, -_MARGIN * pixel))
    bare = np.count_nonzero(inner & whites.bare)
    seen = np.count_nonzero(inner & whites.white)
    if bare > _MOST_BARE * max(1, bare + seen):
        return "the table shows where an A5 sheet would hide it"
    close = _fill(whites, outline_px(camera, sheet, height, _MARGIN * pixel))
    wide = _fill(whites, outline_px(camera, sheet, height, (_MARGIN + _RING) * pixel))
    ring = wide - close
    stray = np.count_nonzero(ring & whites.white)
    if stray > _MOST_STRAY * max(1, np.count_nonzero(ring)):
        return "it reaches beyond an A5 sheet, or touches another"
    return ""


def _has_corner(fit: SheetFit) -> bool:
    """Tell whether two neighbouring sides are seen: without, the sheet could slide or turn."""
    counts = np.bincount(EDGE_SIDES[fit.readings.found], minlength=4)
    seen = counts >= _LEAST_SIDE_LENGTH
    return bool(seen[0::2].any() and seen[1::2].any())


def _has_rival(whites: Whites, camera: CameraModel, sheet: PlanarPose, height: float) -> bool:
    """Tell whether a sheet turned by 90 degrees in one of the corners would look the same."""
    if visible_fraction(whites, camera, sheet, height) > _WHOLE:
        return False
    for signs in _CORNER_SIGNS:
        centre = sheet.to_world(signs * 0.5 * (PAPER_SIZE - PAPER_SIZE[::-1]))
        rival = PlanarPose(float(centre[0]), float(centre[1]), sheet.yaw + 0.5 * np.pi)
        if not find_mismatch(whites, camera, rival, height):
            return True
    return False


def _fill(whites: Whites, corners: np.ndarray) -> np.ndarray:
    """Mark the inside of a polygon with 1. Shape (H, W), uint8."""
    mask = np.zeros(whites.white.shape, dtype=np.uint8)
    cv2.fillConvexPoly(mask, np.rint(corners * 16.0).astype(np.int32), (1,), shift=4)
    return mask
