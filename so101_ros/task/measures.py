"""What is measured of a sheet on the table; always finite."""

import math
from dataclasses import dataclass

from so101_ros.pose import PlanarPose, Pose, wrap_to_half_pi
from so101_ros.task.geometry import (
    GOAL_CENTRE,
    GOAL_INNER_SIZE,
    GOAL_YAW,
    PAPER_SIZE,
    TAPE_WIDTH,
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


MAX_LIFT = 0.010
"""How high the centre of a returned sheet may be, in [m]; estimate: thrice what pressing does."""

MAX_TILT = math.radians(5.0)
"""How far it may lean, in [rad]; estimate: five times what pressing does."""


def lies_flat(paper: Pose) -> bool:
    """Tell whether a sheet lies on the table: one that stands or flies is not in its place.

    Args:
        paper: Pose of the sheet's centre.
    """
    _, x, y, _ = paper.quaternion
    upward = 1.0 - 2.0 * (x * x + y * y)  # how far the sheet's z points along world z
    return bool(paper.position[2] < MAX_LIFT and abs(upward) > math.cos(MAX_TILT))


def measure(paper: PlanarPose) -> PaperMeasures:
    """Compare the sheet with the goal.

    Args:
        paper: Pose of the sheet's centre on the table.

    Returns:
        The measures that success and every report are made of.
    """
    off_x, off_y = paper.x - _GOAL_X, paper.y - _GOAL_Y
    cos, sin = abs(math.cos(paper.yaw)), abs(math.sin(paper.yaw))
    # How far the outermost corners reach along world x and y.
    reach_x = abs(off_x) + cos * _HALF_WIDTH + sin * _HALF_LENGTH
    reach_y = abs(off_y) + sin * _HALF_WIDTH + cos * _HALF_LENGTH
    return PaperMeasures(
        distance_to_goal=math.hypot(off_x, off_y),
        yaw_error=abs(wrap_to_half_pi(paper.yaw - GOAL_YAW)),
        margin=min(_OUTER_HALF_X - reach_x, _OUTER_HALF_Y - reach_y),
    )


# Plain numbers: the environment measures at every tick, and small arrays are slow.
_GOAL_X, _GOAL_Y = GOAL_CENTRE.tolist()
_HALF_WIDTH, _HALF_LENGTH = (0.5 * PAPER_SIZE).tolist()
_OUTER_HALF_X, _OUTER_HALF_Y = (0.5 * GOAL_INNER_SIZE + TAPE_WIDTH).tolist()
