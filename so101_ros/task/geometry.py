"""The paper-return task in numbers. Lengths in [m], angles in [rad], frame ``world``."""

import numpy as np

from so101_ros.pose import PlanarPose

BASE_POSE = PlanarPose(0.050, -0.029, np.pi / 4.0)
"""Pose of ``base_link`` on the table."""

PAPER_SIZE = np.array([0.148, 0.210])  # A5 (ISO 216), along the sheet's own x and y

GOAL_CENTRE = np.array([0.275, 0.175])
GOAL_INNER_SIZE = np.array([0.210, 0.148])  # along world x and y: an A5 sheet turned by 90 degrees
GOAL_YAW = np.pi / 2.0
"""Yaw at which the sheet fits, known mod pi: the sheet looks the same after half a turn."""

TAPE_WIDTH = 0.020

PAPER_CORNERS = 0.5 * PAPER_SIZE * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
"""Corners in the sheet's own frame. Shape (4, 2)."""

for _array in (PAPER_SIZE, GOAL_CENTRE, GOAL_INNER_SIZE, PAPER_CORNERS):
    _array.setflags(write=False)


def paper_corners(paper: PlanarPose) -> np.ndarray:
    """Corners of the sheet in the world, in [m]. Shape (4, 2)."""
    return paper.to_world(PAPER_CORNERS)
