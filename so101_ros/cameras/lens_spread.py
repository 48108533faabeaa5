"""How well views tell a lens: standard deviations of a least-squares fit.

OpenCV's own are from a pseudo-inverse: where views tell nothing about a focal length (a board that
was never tilted), they are small instead of large.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView

_POSE = slice(0, 6)  # columns of OpenCV's Jacobian: rotation, position, then the lens
_LENS = slice(6, 15)  # fx, fy, cx, cy, k1, k2, p1, p2, k3
_SINGULAR = 1e-12  # smallest eigenvalue over largest, after scaling


def lens_spread(
    views: Sequence[BoardView],
    poses: Sequence[tuple[np.ndarray, np.ndarray]],
    matrix: np.ndarray,
    distortion: np.ndarray,
    free: int,
) -> np.ndarray:
    """Estimate the standard deviations of a lens.

    Args:
        views: What it was fitted to.
        poses: Rotation vector and position [m] of the board in each view, fitted as well.
        matrix: Camera matrix in [px]. Shape (3, 3).
        distortion: k1, k2, p1, p2, k3. Shape (5,).
        free: How many of fx, fy, cx, cy, k1, k2, p1, p2, k3 were fitted, from the first one on.

    Returns:
        Standard deviations of those that were fitted, in the same order; infinite if the views do
        not tell them. Shape (free,).
    """
    information = np.zeros((free, free))
    squares, equations = 0.0, -free
    for view, (rotation, position) in zip(views, poses, strict=True):
        expected, jacobian = cv2.projectPoints(view.points, rotation, position, matrix, distortion)
        of_pose, of_lens = jacobian[:, _POSE], jacobian[:, _LENS][:, :free]
        # What a change of the lens does that no change of the pose can undo.
        undone = of_pose @ np.linalg.lstsq(of_pose, of_lens, rcond=None)[0]
        information += of_lens.T @ (of_lens - undone)
        squares += float(np.sum((view.corners - expected.reshape(-1, 2)) ** 2))
        equations += 2 * len(view.corners) - 6
    return np.sqrt(squares / max(equations, 1) * _diagonal_of_inverse(information))


def _diagonal_of_inverse(information: np.ndarray) -> np.ndarray:
    scale = 1.0 / np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if not values[0] > _SINGULAR * values[-1]:
        return np.full(len(values), np.inf)
    return scale**2 * np.sum(vectors**2 / values, axis=1)
