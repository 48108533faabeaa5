"""The sheet as a body: a plate, with a foot under one corner where it curls."""

from typing import NamedTuple

import mujoco
import numpy as np

from so101_ros.simulation.physics_config import PaperConfig
from so101_ros.task.geometry import PAPER_CORNERS, PAPER_SIZE

_FOOT_RADIUS = 0.1  # of the sheet's thickness
_DRAWN_UP = 0.02  # [m]


class Foot(NamedTuple):
    """The foot in the frame of the sheet: centre and radius of a sphere, in [m]."""

    position: np.ndarray
    radius: float


class Rest(NamedTuple):
    """How a sheet lies that nobody touches: height of its centre in [m], turn from lying flat."""

    height: float
    tilt: np.ndarray


def half_size(paper: PaperConfig) -> np.ndarray:
    """Half of the plate's edges in [m]. Shape (3,)."""
    return np.array([*(0.5 * PAPER_SIZE), 0.5 * paper.thickness])


def foot_of(paper: PaperConfig) -> Foot:
    """Find where the foot is.

    Args:
        paper: The sheet.

    Returns:
        The foot; drawn up where nothing curls. Inside of the plate it would still touch: a corner
        sinks in by almost a millimetre while the sheet is pressed.
    """
    radius = _FOOT_RADIUS * paper.thickness
    bottom = -0.5 * paper.thickness - paper.curl if paper.curl else _DRAWN_UP
    return Foot(np.array([*_corner(paper.curl_corner), bottom + radius]), radius)


def rest_of(paper: PaperConfig) -> Rest:
    """Find how the sheet lies: on the foot, the corner opposite and one of the two between them.

    Its centre is above the line from the foot to the opposite corner, so that it rocks over to the
    fourth corner at a touch.

    Args:
        paper: The sheet.

    Returns:
        Height of its centre, and the quaternion w, x, y, z that follows its turn about the world's
        z; exactly half the thickness and no turn where nothing curls.
    """
    edge = _corner(paper.curl_corner) - _corner(paper.curl_corner + 1)
    length = float(np.linalg.norm(edge))
    angle = float(np.arctan2(paper.curl, length))
    tilt = np.empty(4)
    mujoco.mju_axisAngle2Quat(tilt, np.array([edge[1], -edge[0], 0.0]) / length, angle)
    height = 0.5 * (length * np.sin(angle) + paper.thickness * np.cos(angle))
    return Rest(float(height), tilt)


def _corner(index: int) -> np.ndarray:
    """A corner, counted against the clock from +x, +y. Shape (2,)."""
    return PAPER_CORNERS[(index + 2) % 4]
