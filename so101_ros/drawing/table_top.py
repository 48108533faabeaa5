"""The table as the top camera sees it: world x up, world y to the left."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from so101_ros.pose import PlanarPose
from so101_ros.task.geometry import (
    BASE_POSE,
    GOAL_CENTRE,
    GOAL_INNER_SIZE,
    TAPE_WIDTH,
    paper_corners,
)

_TAPE_COLOUR = "#cc141a"


def to_picture(points: np.ndarray) -> np.ndarray:
    """Carry points of the table into the picture.

    Args:
        points: In ``world``, in [m]. Shape (..., 2).

    Returns:
        The same points: right and up, in [m]. Shape (..., 2).
    """
    return np.stack([-points[..., 1], points[..., 0]], axis=-1)


def paper_outline(paper: PlanarPose) -> np.ndarray:
    """Corners of the sheet in the picture, in [m]. Shape (4, 2)."""
    return to_picture(paper_corners(paper))


def table_top_handles() -> list[Line2D]:
    """Legend of what :func:`draw_table_top` draws."""
    return [
        Line2D([], [], color=_TAPE_COLOUR, label="tape, both edges"),
        Line2D([], [], color="k", marker="s", linestyle="none", label="arm base"),
    ]


def draw_table_top(axes: Axes) -> None:
    """Draw what never moves, and set the axes up for it."""
    for margin in (0.0, TAPE_WIDTH):
        size = GOAL_INNER_SIZE + 2.0 * margin
        x, y = GOAL_CENTRE - 0.5 * size
        corner = (-y - size[1], x)
        axes.add_patch(Rectangle(corner, size[1], size[0], fill=False, edgecolor=_TAPE_COLOUR))
    axes.plot(*to_picture(BASE_POSE.xy), "ks", label="arm base")
    axes.set(aspect="equal", xlabel="-y [m]", ylabel="x [m]")
