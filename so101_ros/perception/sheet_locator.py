"""Find the one sheet in an image, and be certain of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.perception.frame_fit import FrameFit
from so101_ros.perception.plane_view import to_plane
from so101_ros.perception.sheet_check import (
    Doubt,
    Fault,
    Whites,
    find_fault,
    outline_px,
    visible_fraction,
)
from so101_ros.perception.sheet_fit import SheetFit, fit_sheet, fit_sheet_and_camera
from so101_ros.perception.sheet_search import guess_sheets
from so101_ros.perception.tracking import Condition
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import PlanarPose
from so101_ros.simulation.pinhole import CameraModel

_LEAST_BLOB = 0.12  # of a sheet; smaller white things are not looked at
_LEAST_SECOND = 0.30  # of a sheet; a smaller white thing beside the sheet is no second one


@dataclass(frozen=True, slots=True, eq=False)
class LocatedSheet:
    """A sheet that is certain.

    Attributes:
        fit: Where it lies.
        visible: Share of it that is seen, in [0, 1].
    """

    fit: SheetFit
    visible: float


@dataclass(frozen=True, slots=True)
class NoSheet:
    """Why no sheet is certain.

    Attributes:
        condition: Of the tracker.
        reason: One line for people.
    """

    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class _Blob:
    """A white thing: its mask, its area in sheets, and a pixel in its middle."""

    mask: np.ndarray
    area: float


class SheetLocator:
    """Look for the sheet in images of one camera.

    Attributes:
        least_visible: Share of the sheet that must be seen.
        height: Of its upper face over the table, in [m].
    """

    def __init__(self, height: float, least_visible: float) -> None:
        """Remember what to look for.

        Args:
            height: Of the sheet's upper face over the table, in [m].
            least_visible: Share of it that must be seen.
        """
        self.height, self.least_visible = height, least_visible

    def locate(
        self, shares: Shares, frame: FrameFit, exact: bool, last: PlanarPose | None
    ) -> LocatedSheet | NoSheet:
        """Look for the sheet.

        Args:
            shares: What the image shows.
            frame: Where the camera is.
            exact: Whether the camera is known well enough to be left where it is.
            last: Where the sheet was in the image before; None if that is not known.

        Returns:
            The sheet, or why there is none.
        """
        whites = Whites(shares)
        blobs = list(self._find_blobs(whites, frame.camera))
        if not blobs:
            return NoSheet(Condition.NO_SHEET, "nothing white of the size of a sheet is in sight")
        search = _Search(shares, whites, frame, exact, self)
        found = search.check(last) if last is not None else None
        fault = Fault(Doubt.NOT_A_SHEET, "no two edges of a sheet are in sight")
        if not isinstance(found, LocatedSheet):
            found, fault = search.search(blobs, fault)
        if found is None:
            return NoSheet(Condition.LOST, f"something white is in sight, but {fault.reason}")
        return search.look_for_second(blobs, found) or found

    def _find_blobs(self, whites: Whites, camera: CameraModel) -> Iterator[_Blob]:
        """Find white things, the largest first."""
        count, labels, stats, centres = cv2.connectedComponentsWithStats(whites.white)
        order = np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1
        for index in order[: max(0, count - 1)]:
            pixels = float(stats[index, cv2.CC_STAT_AREA])
            if pixels < 0.25 * _LEAST_BLOB * _sheet_pixels(camera, self.height, None):
                return
            area = pixels / _sheet_pixels(camera, self.height, centres[index])
            if area > _LEAST_BLOB:
                yield _Blob(np.where(labels == index, 255, 0).astype(np.uint8), area)


class _Search:
    """The search in one image."""

    def __init__(
        self, shares: Shares, whites: Whites, frame: FrameFit, exact: bool, locator: SheetLocator
    ) -> None:
        self._shares, self._whites, self._frame = shares, whites, frame
        self._exact, self._locator = exact, locator

    def check(self, guess: PlanarPose) -> LocatedSheet | Fault:
        """Fit a sheet from a guess on, and look for a reason to doubt it."""
        height = self._locator.height
        if self._exact:
            fit = fit_sheet(self._shares, self._frame.camera, guess, height)
        else:
            fit = fit_sheet_and_camera(self._shares, self._frame, guess, height)
        if fit is None:
            return Fault(Doubt.NOT_A_SHEET, "its edges are not those of an A5 sheet")
        fault = find_fault(self._whites, fit, height)
        if fault is not None:
            return fault
        visible = visible_fraction(self._whites, fit.camera, fit.pose, height)
        if visible < self._locator.least_visible:
            return Fault(Doubt.TOO_LITTLE, f"only {100 * visible:.0f} % of the sheet is seen")
        return LocatedSheet(fit, visible)

    def search(self, blobs: list[_Blob], fault: Fault) -> tuple[LocatedSheet | None, Fault]:
        """Look for a sheet in every white thing; tell the first fault if there is none."""
        first: Fault | None = None
        for blob in blobs:
            for guess in self._guesses(blob):
                found = self.check(guess)
                if isinstance(found, LocatedSheet):
                    return found, fault
                first = first or found
        return None, first or fault

    def look_for_second(self, blobs: list[_Blob], found: LocatedSheet) -> NoSheet | None:
        """Tell whether a white thing beside the sheet is, or might be, another sheet."""
        corners = outline_px(found.fit.camera, found.fit.pose, self._locator.height)
        covered = np.zeros(self._whites.white.shape, dtype=np.uint8)
        cv2.fillConvexPoly(covered, np.rint(corners).astype(np.int32), 255)
        for blob in blobs:
            if blob.area < _LEAST_SECOND or _is_covered(blob.mask, covered):
                continue
            for guess in self._guesses(blob):
                other = self.check(guess)
                if isinstance(other, LocatedSheet) or other.doubt is Doubt.TOO_LITTLE:
                    return NoSheet(
                        Condition.TWO_SHEETS,
                        "there may be two sheets on the table. Leave one, or cover what is white",
                    )
        return None

    def _guesses(self, blob: _Blob) -> Iterator[PlanarPose]:
        return guess_sheets(blob.mask, self._whites, self._frame.camera, self._locator.height)


def _is_covered(blob: np.ndarray, sheet: np.ndarray) -> bool:
    """Tell whether most of a blob lies on the sheet. Masks of shape (H, W), uint8."""
    return np.count_nonzero(blob & sheet) > 0.5 * np.count_nonzero(blob)


def _sheet_pixels(camera: CameraModel, height: float, pixel: np.ndarray | None) -> float:
    """Area of a sheet in the image, in [px], around a pixel; None for below the camera."""
    centre = camera.position[:2] if pixel is None else to_plane(camera, pixel[None], height)[0]
    sheet = PlanarPose(float(centre[0]), float(centre[1]), 0.0)
    return float(cv2.contourArea(outline_px(camera, sheet, height).astype(np.float32)))
