"""What is measured of a sheet on the table; always finite."""

from dataclasses import dataclass

import numpy as np

from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.task.geometry import (
    GOAL_CENTRE,
    GOAL_INNER_SIZE,
    GOAL_YAW,
    TAPE_WIDTH,
    paper_corners,
)


@dataclass(frozen=True, slots=True)
class PaperMeasures:
    """Where the sheet is, compared with the goal.

    Attributes:
        distance_to_goal: Centre to centre, in [m].
        yaw_error: Turn that is left, mod pi, in [rad], in [0, pi/2].
        margin: Smallest signed distance of a corner to the outer edge of the tape, in [m]; negative
            means that a corner is outside.
    """

    distance_to_goal: float
    yaw_error: float
    margin: float

    @property
    def inside(self) -> bool:
        """Whether all four corners are inside the outer edge of the tape."""
        return self.margin > 0.0


def measure(paper: PlanarPose) -> PaperMeasures:
    """Compare the sheet with the goal.

    Args:
        paper: Pose of the sheet's centre on the table.

    Returns:
        The measures that success and every report are made of.
    """
    outer_half_size = 0.5 * GOAL_INNER_SIZE + TAPE_WIDTH
    depth = outer_half_size - np.abs(paper_corners(paper) - GOAL_CENTRE)  # (4, 2)
    return PaperMeasures(
        distance_to_goal=float(np.linalg.norm(paper.xy - GOAL_CENTRE)),
        yaw_error=abs(wrap_to_half_pi(paper.yaw - GOAL_YAW)),
        margin=float(depth.min()),
    )
