"""Points along the edges of a rectangle."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class RectangleEdges:
    """Points along the edges of a rectangle, in its own frame.

    Attributes:
        points: In [m]. Shape (n, 2).
        along: Unit vectors along the edges. Shape (n, 2).
        outward: Unit vectors out of the rectangle. Shape (n, 2).
        side: Which side each point is on: 0 and 2 cross -x and +x, 1 and 3 cross -y and +y.
            Shape (n,).
    """

    points: np.ndarray
    along: np.ndarray
    outward: np.ndarray
    side: np.ndarray


def sample_rectangle(size: np.ndarray, spacing: float, corner_gap: float) -> RectangleEdges:
    """Spread points over the edges of a rectangle around the origin.

    Args:
        size: Along x and y, in [m]. Shape (2,).
        spacing: Between neighbours, in [m].
        corner_gap: Length next to each corner without points, in [m]: a line across the edge there
            would meet the other edge.
    """
    points, along, outward, side = [], [], [], []
    for index in range(4):
        axis = index % 2
        sign = -1.0 if index < 2 else 1.0
        length = size[1 - axis] - 2.0 * corner_gap
        count = max(2, round(length / spacing))
        across = np.zeros((count, 2))
        across[:, axis] = sign
        direction = np.zeros((count, 2))
        direction[:, 1 - axis] = 1.0
        places = np.linspace(-0.5 * length, 0.5 * length, count)
        points.append(across * 0.5 * size[axis] + direction * places[:, None])
        along.append(direction)
        outward.append(across)
        side.append(np.full(count, index))
    return RectangleEdges(*map(np.concatenate, (points, along, outward, side)))
