"""Find a camera's lens from views of a board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView
from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.cameras.coverage import Coverage
from so101_ros.cameras.lens_spread import lens_spread
from so101_ros.cameras.pictures import Sighting
from so101_ros.cameras.viewpoint import Viewpoint, choose_spread
from so101_ros.errors import CalibrationError

MIN_VIEWS = 8
"""Fewest different views that are enough."""

MAX_VIEWS = 40
"""Most views used; more take longer and tell little."""

MAX_RMS_PX = 1.0
"""Default of the largest error that is accepted, in [px]."""

MAX_FOCAL_SPREAD = 0.01
"""Largest standard deviation of a focal length, as a share of it."""

_OUTLIER_FACTOR = 3.0  # of the median error of the views
_OUTLIER_MIN_PX = 0.3  # below it no view does harm
_MAX_DROPPED = 1.0 / 3.0  # of the views; if more disagree, the rest is not to be trusted either
_SIGNIFICANT = 3.0  # standard deviations
_LOW_COVERAGE = 0.6
_SETTLED = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 100, 1e-9)


@dataclass(frozen=True, slots=True)
class CameraFit:
    """A calibration with what speaks for it and against it.

    Attributes:
        calibration: The lens.
        rms: Root mean square of the distances between corners and model, in [px].
        focal_spread: Standard deviations of fx and fy in [px].
        errors: RMS in [px] of every view that was used, by picture.
        dropped: RMS in [px] of every view that disagreed with the others, when it was dropped.
        alike: How many further views were left out because they showed nothing new.
        coverage: Where in the image corners were seen.
    """

    calibration: CameraCalibration
    rms: float
    focal_spread: tuple[float, float]
    errors: Mapping[str, float]
    dropped: Mapping[str, float]
    alike: int
    coverage: Coverage

    def doubts(self) -> list[str]:
        """Say what might be better; empty if nothing."""
        found = []
        if self.coverage.share < _LOW_COVERAGE:
            places = ", ".join(self.coverage.neglected()) or "edges"
            found.append(
                f"only {100 * self.coverage.share:.0f} % of the image was covered; add views with "
                f"the board there: {places}"
            )
        if _folds(self.calibration):
            found.append(
                "the lens model folds back within the image; add views with the board in the "
                "corners, or do not rely on the corners"
            )
        return found


@dataclass(frozen=True, slots=True)
class _Solution:
    rms: float
    matrix: np.ndarray
    distortion: np.ndarray
    spread: np.ndarray  # standard deviations of fx, fy, cx, cy, k1, k2, p1, p2 and, if used, k3
    view_errors: np.ndarray


def fit_camera(sighting: Sighting, name: str, max_rms: float = MAX_RMS_PX) -> CameraFit:
    """Calibrate a camera.

    Args:
        sighting: What it was shown.
        name: The camera's name.
        max_rms: Largest error that is accepted, in [px].

    Raises:
        CalibrationError: If the views are too few, too alike, or do not fit one lens.
    """
    chosen = _choose(sighting)
    used, dropped, solution = _fit_without_outliers(chosen, sighting.size)
    errors = {view.source: float(e) for view, e in zip(used, solution.view_errors, strict=True)}
    _check_rms(solution.rms, max_rms, errors)
    _check_focal_spread(solution)
    coverage = Coverage(*sighting.size)
    coverage.add(view.corners for view in used)
    calibration = CameraCalibration.of_lens(
        name, *sighting.size, solution.matrix, solution.distortion
    )
    spread = (float(solution.spread[0]), float(solution.spread[1]))
    alike = len(sighting.views) - len(chosen)
    return CameraFit(calibration, solution.rms, spread, errors, dropped, alike, coverage)


def _choose(sighting: Sighting) -> list[BoardView]:
    views = sighting.views
    if len(views) < MIN_VIEWS:
        raise CalibrationError(
            f"only {len(views)} of {sighting.pictures} pictures show the board; at least "
            f"{MIN_VIEWS} are needed. Add some: near, far, tilted, and in every corner"
        )
    viewpoints = [Viewpoint.of_view(view, *sighting.size) for view in views]
    chosen = choose_spread(viewpoints, MAX_VIEWS)
    if len(chosen) < MIN_VIEWS:
        raise CalibrationError(
            f"the {len(views)} views are too alike: only {len(chosen)} differ, at least "
            f"{MIN_VIEWS} must. Show the board at other places and distances, and tilted 20 to "
            "40 degrees to every side"
        )
    return [views[index] for index in chosen]


def _fit_without_outliers(
    views: Sequence[BoardView], size: tuple[int, int]
) -> tuple[list[BoardView], dict[str, float], _Solution]:
    """Drop the worst view until none disagrees with the others."""
    used, dropped = list(views), {}
    most = min(len(views) - MIN_VIEWS, int(_MAX_DROPPED * len(views)))
    solution = _solve(used, size)
    while len(dropped) < most:
        worst = int(np.argmax(solution.view_errors))
        limit = max(_OUTLIER_FACTOR * float(np.median(solution.view_errors)), _OUTLIER_MIN_PX)
        if solution.view_errors[worst] <= limit:
            break
        dropped[used.pop(worst).source] = float(solution.view_errors[worst])
        solution = _solve(used, size)
    return used, dropped, solution


def _solve(views: Sequence[BoardView], size: tuple[int, int]) -> _Solution:
    """Fit a lens; k3 only if the views tell it, for it is wild where they do not."""
    solution = _solve_with(views, size, use_k3=True)
    # "Not above" also where it is infinite.
    if not abs(solution.distortion[4]) > _SIGNIFICANT * solution.spread[8]:
        solution = _solve_with(views, size, use_k3=False)
    return solution


def _solve_with(views: Sequence[BoardView], size: tuple[int, int], *, use_k3: bool) -> _Solution:
    points = [view.points for view in views]
    corners = [view.corners for view in views]
    flags = 0 if use_k3 else cv2.CALIB_FIX_K3
    # None lets OpenCV allocate; its stubs do not know.
    unknown: np.ndarray = None  # pyright: ignore[reportAssignmentType]
    try:
        rms, matrix, distortion, rotations, positions, _, _, errors = cv2.calibrateCameraExtended(
            points, corners, size, unknown, unknown, flags=flags, criteria=_SETTLED
        )
    except cv2.error as err:
        raise CalibrationError(
            "no lens fits the views; take new ones, with the board flat, near, far and tilted"
        ) from err
    distortion = distortion.ravel()[:5]
    poses = list(zip(rotations, positions, strict=True))
    spread = lens_spread(views, poses, matrix, distortion, 9 if use_k3 else 8)
    return _Solution(rms, matrix, distortion, spread, errors.ravel())


def _check_rms(rms: float, max_rms: float, errors: Mapping[str, float]) -> None:
    if rms <= max_rms:  # NaN is not
        return
    worst = max(errors, key=lambda name: errors[name])
    raise CalibrationError(
        f"the views do not fit one lens: the error is {rms:.2f} px, at most {max_rms:g} px is "
        f"accepted (worst: {worst}, {errors[worst]:.2f} px). Check that the board is flat and has "
        "the size that was given, that focus and zoom are fixed, and remove blurred pictures"
    )


def _check_focal_spread(solution: _Solution) -> None:
    focal = solution.matrix[[0, 1], [0, 1]]
    share = float(np.max(solution.spread[:2] / focal))
    if share <= MAX_FOCAL_SPREAD:
        return
    raise CalibrationError(
        f"the views are too alike: they tell the focal length only to {100 * share:.3g} %, "
        f"{100 * MAX_FOCAL_SPREAD:g} % is needed. Add views with the board near and tilted 20 to "
        "40 degrees to every side"
    )


def _folds(calibration: CameraCalibration) -> bool:
    """Whether the model puts two rays onto one pixel somewhere inside the image."""
    k1, k2, _, _, k3 = calibration.distortion
    (fx, _, cx), (_, fy, cy), _ = calibration.matrix
    reach = np.hypot(max(cx, calibration.width - cx) / fx, max(cy, calibration.height - cy) / fy)
    radius = np.linspace(0.0, 2.0 * reach, 2000)
    image_radius = radius * (1.0 + k1 * radius**2 + k2 * radius**4 + k3 * radius**6)
    shrinking = np.flatnonzero(np.diff(image_radius) <= 0.0)
    return bool(len(shrinking)) and image_radius[shrinking[0]] < reach
