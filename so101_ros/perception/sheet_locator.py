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
from so101_ros.perception.sheet_search import guess_sheets, is_something_else
from so101_ros.perception.tracking import Condition
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import PlanarPose
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import PAPER_SIZE

_LEAST_BLOB = 0.12  # of a sheet; smaller white things are not looked at
_LEAST_CONTOUR = 40  # [px]
_WHOLLY = 0.85
_SLACK = 0.008  # [m]


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
    """A white thing: the pixels around it, shape (n, 2), and its area in sheets."""

    contour: np.ndarray
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
        solid = cv2.morphologyEx(whites.white, cv2.MORPH_OPEN, np.ones((3, 3), dtype=np.uint8))
        found = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        contours = [each[:, 0] for each in found if len(each) > _LEAST_CONTOUR]
        for contour in sorted(contours, key=len, reverse=True):
            middle = contour.mean(axis=0)
            area = cv2.contourArea(contour) / _sheet_pixels(camera, self.height, middle)
            if area > _LEAST_BLOB:
                yield _Blob(contour, area)


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
        fit, height = found.fit, self._locator.height
        for blob in blobs:
            on_sheet = _share_on(blob.contour, fit, height)
            if on_sheet > _WHOLLY:
                continue
            touches = on_sheet > 1.0 - _WHOLLY
            if touches or not is_something_else(blob.contour, self._whites, fit.camera, height):
                return NoSheet(
                    Condition.TWO_SHEETS,
                    "beside the sheet lies something white that may be another one. Leave one "
                    "sheet on the table, and nothing white under the arm",
                )
        return None

    def _guesses(self, blob: _Blob) -> Iterator[PlanarPose]:
        return guess_sheets(blob.contour, self._whites, self._frame.camera, self._locator.height)


def _share_on(contour: np.ndarray, fit: SheetFit, height: float) -> float:
    """Share of the pixels around a white thing that lie on a sheet, in [0, 1]."""
    points = fit.pose.to_local(to_plane(fit.camera, contour, height))
    return float((np.abs(points) < 0.5 * PAPER_SIZE + _SLACK).all(axis=1).mean())


def _sheet_pixels(camera: CameraModel, height: float, pixel: np.ndarray) -> float:
    """Area of a sheet in the image around a pixel, in [px]."""
    x, y = to_plane(camera, pixel[None], height)[0].tolist()
    corners = outline_px(camera, PlanarPose(x, y, 0.0), height)
    return float(cv2.contourArea(corners.astype(np.float32)))
