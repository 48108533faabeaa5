"""Locate the camera by the eight edges of the tape frame, to a fraction of a pixel."""

from dataclasses import dataclass

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings, Edges
from so101_ros.perception.edge_weights import weigh_points
from so101_ros.perception.plane_view import Projection, move
from so101_ros.perception.tape_frame import EDGE_SIDES, project_frame, read_frame
from so101_ros.perception.unmixing import Shares
from so101_ros.simulation.pinhole import CameraModel

_ROUNDS = 5
_LEAST_FOUND = 0.30  # of the points on the edges
_LEAST_PER_SIDE = 0.2
_MOST_DENIED = 0.10
_MOST_RMS = 0.7  # [px] of an image 320 wide
_SETTLED = 0.02  # [px]
_OUTLIER = 0.6  # [px] of an image 320 wide
_WEAK = np.diag(1.0 / np.array([0.1, 0.1, 0.1, 0.3, 0.3, 0.3]) ** 2)  # [m], [rad]


@dataclass(frozen=True, slots=True, eq=False)
class FrameFit:
    """A camera over the frame, as one image tells it.

    Attributes:
        camera: Where the camera is.
        information: Inverse covariance of a step of it, as ``plane_view.move`` takes it.
            Shape (6, 6).
        rms: Of what is left between the frame and the image, in [px].
        found: Share of the points on the edges that were found.
    """

    camera: CameraModel
    information: np.ndarray
    rms: float
    found: float


def fit_frame(shares: Shares, start: CameraModel) -> FrameFit | None:
    """Move a camera until the frame lies where the image shows it.

    Args:
        shares: What the image shows.
        start: Where the camera is about; the frame must be within a few pixels.

    Returns:
        The camera; None if the image does not show the frame there, or too little of it.
    """
    camera = start
    for _ in range(_ROUNDS):
        projection, edges = project_frame(camera)
        readings = read_frame(shares, camera, edges)
        if readings.found.mean() < _LEAST_FOUND:
            return None
        slopes, offsets, weights = _equations(camera, projection, edges, readings)
        information = (slopes * weights[:, None]).T @ slopes
        step = np.linalg.solve(information + _WEAK, slopes.T @ (weights * offsets))
        camera = move(camera, step)
        if np.abs(slopes @ step).max() < _SETTLED:
            break
    return _judge(shares, camera)


def scale_of(camera: CameraModel) -> float:
    """Pixels of this camera per pixel of an image 320 wide."""
    return camera.intrinsics.width / 320.0


def _judge(shares: Shares, camera: CameraModel) -> FrameFit | None:
    projection, edges = project_frame(camera)
    readings = read_frame(shares, camera, edges)
    if not _is_convincing(readings):
        return None
    slopes, offsets, weights = _equations(camera, projection, edges, readings)
    rms = float(np.sqrt(np.mean(offsets**2)))
    if rms > _MOST_RMS * scale_of(camera):
        return None
    information = (slopes * weights[:, None]).T @ slopes
    return FrameFit(camera, information, rms, float(readings.found.mean()))


def _equations(
    camera: CameraModel, projection: Projection, edges: Edges, readings: EdgeReadings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes by the camera, offsets and weights of the points that were found."""
    found = readings.found
    slopes = np.einsum("ni,nij->nj", edges.normals[found], projection.by_camera[found])
    offsets = readings.offsets[found]
    scale = scale_of(camera)
    weights = weigh_points(edges.pixels[found], offsets, EDGE_SIDES[found], scale, _OUTLIER * scale)
    return slopes, offsets, weights


def _is_convincing(readings: EdgeReadings) -> bool:
    """Tell whether all four sides are seen, and nothing speaks against them."""
    if readings.found.mean() < _LEAST_FOUND or readings.denied.mean() > _MOST_DENIED:
        return False
    seen = [readings.found[EDGE_SIDES % 4 == side].mean() for side in range(4)]
    # One side may be hidden by the arm or the sheet: the other three leave nothing open.
    return sorted(seen)[1] > _LEAST_PER_SIDE
