"""From where a board was seen, in numbers that tell two views apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView
from so101_ros.simulation.pinhole import Intrinsics

MIN_DISTANCE = 0.12
"""Views closer than this say nothing new: an eighth of the image, or 7 degrees of tilt."""

_GUESSED_FOCAL = 0.9  # of the image width: most webcams; tilts need no more


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A view of a board.

    Attributes:
        x: Centre of the corners along u, in image widths.
        y: Centre of the corners along v, in image heights.
        extent: Root of the share of the image that the corners span.
        tilt_x: How far the board's normal leans to the right, as a sine.
        tilt_y: How far it leans down, as a sine.
    """

    x: float
    y: float
    extent: float
    tilt_x: float
    tilt_y: float

    @classmethod
    def of_view(cls, view: BoardView, width: int, height: int) -> "Viewpoint":
        """Estimate where a board was, with a guess at the lens.

        Args:
            view: The view.
            width: Image width in [px].
            height: Image height in [px].
        """
        x, y = view.corners.mean(axis=0) / (width, height)
        area = cv2.contourArea(cv2.convexHull(view.corners))
        normal = _normal(view, width, height)
        extent = np.sqrt(area / (width * height))
        return cls(*map(float, (x, y, extent, normal[0], normal[1])))

    def as_array(self) -> np.ndarray:
        """The numbers, all of the same weight. Shape (5,)."""
        return np.array([self.x, self.y, self.extent, self.tilt_x, self.tilt_y])

    def distance_to(self, other: "Viewpoint") -> float:
        """How different another view is."""
        return float(np.linalg.norm(self.as_array() - other.as_array()))


def choose_spread(viewpoints: Sequence[Viewpoint], most: int) -> list[int]:
    """Choose views that differ: first the largest, then always the one farthest from those chosen.

    Args:
        viewpoints: The views.
        most: Largest number to choose.

    Returns:
        Indices in the order of the views; any two are at least :data:`MIN_DISTANCE` apart.
    """
    if not viewpoints:
        return []
    points = np.array([viewpoint.as_array() for viewpoint in viewpoints])
    chosen = [int(np.argmax(points[:, 2]))]
    distance = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < most and distance.max() >= MIN_DISTANCE:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return sorted(chosen)


def _normal(view: BoardView, width: int, height: int) -> np.ndarray:
    """Where the board faces, towards the camera, in optical coordinates. Shape (3,)."""
    focal = _GUESSED_FOCAL * width
    guess = Intrinsics(width, height, focal, focal, 0.5 * (width - 1), 0.5 * (height - 1))
    _, rotation, _ = cv2.solvePnP(view.points, view.corners, guess.matrix, None)
    normal = cv2.Rodrigues(rotation)[0][:, 2]
    return -np.sign(normal[2]) * normal
