"""Try a calibration on views that it was not made from."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView
from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.cameras.pictures import Sighting
from so101_ros.errors import CalibrationError


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """How well a calibration explains views.

    Attributes:
        rms: Root mean square of the distances between corners and model, in [px].
        errors: The same for every view, by picture.
    """

    rms: float
    errors: Mapping[str, float]


def check_calibration(calibration: CameraCalibration, sighting: Sighting) -> CalibrationCheck:
    """Find the board's pose in every view and measure what is left.

    Args:
        calibration: The lens.
        sighting: The views.

    Raises:
        CalibrationError: If the pictures have another size than the calibration is for.
    """
    if sighting.size != calibration.size:
        raise CalibrationError(
            "the pictures have {}x{} pixels, the calibration is for {}x{}; it holds for that size "
            "only. Take pictures at that size, or calibrate anew".format(
                *sighting.size, *calibration.size
            )
        )
    distances = [_distances(calibration, view) for view in sighting.views]
    errors = {v.source: _rms(d) for v, d in zip(sighting.views, distances, strict=True)}
    return CalibrationCheck(_rms(np.concatenate(distances)), errors)


def _distances(calibration: CameraCalibration, view: BoardView) -> np.ndarray:
    """From each corner to where the best pose of the board puts it, in [px]. Shape (n,)."""
    lens = (calibration.matrix, calibration.distortion)
    _, rotation, position = cv2.solvePnP(view.points, view.corners, *lens)
    expected, _ = cv2.projectPoints(view.points, rotation, position, *lens)
    return np.linalg.norm(view.corners - expected.reshape(-1, 2), axis=1)


def _rms(distances: np.ndarray) -> float:
    return float(np.sqrt(np.mean(distances**2)))
