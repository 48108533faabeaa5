"""Locate the camera by the eight edges of the tape frame, to a fraction of a pixel."""

from dataclasses import dataclass

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings
from so101_ros.perception.edge_weights import weigh_points
from so101_ros.perception.plane_view import move
from so101_ros.perception.tape_frame import EDGE_SIDES, project_frame, read_frame
from so101_ros.perception.unmixing import Shares
from so101_ros.simulation.pinhole import CameraModel

_ROUNDS = 5
_LEAST_FOUND = 0.30  # of the points on the edges
_LEAST_PER_SIDE = 0.2
_MOST_DENIED = 0.10
_MOST_RMS = 0.7  # [px] of an image 320 wide
_SETTLED = np.array([1e-4] * 3 + [3e-4] * 3)  # [m], [rad]
_OUTLIER = 0.6  # [px] of an image 320 wide
_WEAK = np.diag(1.0 / np.array([0.1, 0.1, 0.1, 0.3, 0.3, 0.3]) ** 2)  # [m], [rad]


@dataclass(frozen=True, slots=True, eq=False)
class FrameFit:
    """A camera over the frame, as one image tells it.

    Attributes:
        camera: Where the camera is thought to be.
        information: Inverse covariance of a step of it, as ``plane_view.move`` takes it.
            Shape (6, 6).
        pull: Where the image pulls it: the information times a step. Shape (6,).
        rms: Of what is left between the frame and the image, in [px].
        found: Share of the points on the edges that were found.
    """

    camera: CameraModel
    information: np.ndarray
    pull: np.ndarray
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
        fit, readings = compare_frame(shares, camera)
        if fit.found < _LEAST_FOUND:
            return None
        step = np.linalg.solve(fit.information + _WEAK, fit.pull)
        if (np.abs(step) < _SETTLED).all():
            break
        camera = move(camera, step)
    else:
        fit, readings = compare_frame(shares, camera)
    return fit if is_convincing(fit, readings) else None


def compare_frame(shares: Shares, camera: CameraModel) -> tuple[FrameFit, EdgeReadings]:
    """Compare an image with where the frame should appear in it.

    Args:
        shares: What the image shows.
        camera: Where the camera is thought to be.

    Returns:
        What speaks for that place, and what is seen of the edges.
    """
    projection, edges = project_frame(camera)
    readings = read_frame(shares, camera, edges)
    found = readings.found
    slopes = np.einsum("ni,nij->nj", edges.normals[found], projection.by_camera[found])
    offsets = readings.offsets[found]
    scale = scale_of(camera)
    weights = weigh_points(edges.pixels[found], offsets, EDGE_SIDES[found], scale, _OUTLIER * scale)
    weighed = slopes * weights[:, None]
    rms = float(np.sqrt(np.mean(offsets**2))) if len(offsets) else 0.0
    share = float(found.mean())
    return FrameFit(camera, weighed.T @ slopes, weighed.T @ offsets, rms, share), readings


def scale_of(camera: CameraModel) -> float:
    """Pixels of this camera per pixel of an image 320 wide."""
    return camera.intrinsics.width / 320.0


def is_convincing(fit: FrameFit, readings: EdgeReadings) -> bool:
    """Tell whether three sides of the frame are seen in their place, and nothing denies it."""
    if fit.found < _LEAST_FOUND or readings.denied.mean() > _MOST_DENIED:
        return False
    if fit.rms > _MOST_RMS * scale_of(fit.camera):
        return False
    seen = [readings.found[EDGE_SIDES % 4 == side].mean() for side in range(4)]
    # One side may be hidden by the arm or the sheet: the other three leave nothing open.
    return sorted(seen)[1] > _LEAST_PER_SIDE
