"""Between pixels and points on the table, and how both shift when camera or point moves."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from so101_ros.simulation.pinhole import CameraModel


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Points as a camera sees them.

    Attributes:
        pixels: Where they appear, u and v in [px]. Shape (n, 2).
        by_point: Shift in [px] for a step of the point in ``world`` in [m]. Shape (n, 2, 3).
        by_camera: Shift in [px] for a step of the camera: of its position in ``world`` in [m], then
            a turn in its own axes in [rad], as :func:`move` takes it. Shape (n, 2, 6).
    """

    pixels: np.ndarray
    by_point: np.ndarray
    by_camera: np.ndarray


def lift(points: np.ndarray, height: float) -> np.ndarray:
    """Put points of the table at a height, in [m]. Shape (n, 2) to (n, 3)."""
    return np.column_stack([points, np.full(len(points), height)])


def project(camera: CameraModel, points: np.ndarray) -> Projection:
    """Project points that are in front of the camera.

    Args:
        camera: Where the camera is.
        points: In ``world`` in [m]. Shape (n, 3).

    Returns:
        Pixels and their derivatives.
    """
    pinhole = camera.intrinsics
    optical = (points - camera.position) @ camera.rotation
    x, y, z = optical.T
    zero = np.zeros_like(z)
    rows_u = np.column_stack([pinhole.fx / z, zero, -pinhole.fx * x / z**2])
    rows_v = np.column_stack([zero, pinhole.fy / z, -pinhole.fy * y / z**2])
    by_optical = np.stack([rows_u, rows_v], axis=1)
    by_point = by_optical @ camera.rotation.T
    # A turn w of the camera moves what it sees at p by -w x p, and b . (-w x p) = (b x p) . w.
    by_turn = _cross(by_optical, optical)
    pixels = np.column_stack([pinhole.fx * x / z + pinhole.cx, pinhole.fy * y / z + pinhole.cy])
    return Projection(pixels, by_point, np.concatenate([-by_point, by_turn], axis=2))


def _cross(slopes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Cross products of each row of slopes, shape (n, 2, 3), with the point, shape (n, 3)."""
    a, b, c = slopes[..., 0], slopes[..., 1], slopes[..., 2]
    x, y, z = points.T[..., None]
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=-1)


def move(camera: CameraModel, step: np.ndarray) -> CameraModel:
    """Move and turn a camera.

    Args:
        camera: Where it is.
        step: Of its position in ``world`` in [m], then a rotation vector in its own axes in [rad].
            Shape (6,).

    Returns:
        Where it is then.
    """
    turn = Rotation.from_rotvec(step[3:]).as_matrix()
    return replace(camera, position=camera.position + step[:3], rotation=camera.rotation @ turn)


def step_between(start: CameraModel, end: CameraModel) -> np.ndarray:
    """Find the step that :func:`move` takes from one camera to the other. Shape (6,)."""
    turn = Rotation.from_matrix(start.rotation.T @ end.rotation).as_rotvec()
    return np.concatenate([end.position - start.position, turn])


def to_plane(camera: CameraModel, pixels: np.ndarray, height: float) -> np.ndarray:
    """Find what pixels show, if it is as high as this over the table.

    Args:
        camera: Where the camera is.
        pixels: u and v in [px]. Shape (n, 2).
        height: In [m].

    Returns:
        x and y in ``world`` in [m]; meaningless above the horizon. Shape (n, 2).
    """
    pinhole = camera.intrinsics
    rays = np.column_stack(
        [
            (pixels[:, 0] - pinhole.cx) / pinhole.fx,
            (pixels[:, 1] - pinhole.cy) / pinhole.fy,
            np.ones(len(pixels)),
        ]
    )
    rays = rays @ camera.rotation.T
    reach = (height - camera.position[2]) / rays[:, 2:]
    return (camera.position + reach * rays)[:, :2]
