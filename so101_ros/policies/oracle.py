"""The policy that cheats: it moves the sheet itself.

It proves that an evaluation can report success. It says nothing of any arm.
"""

from collections.abc import Callable

import numpy as np

from so101_ros.arm import HOME_Q
from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.trajectory import JointTrajectory, hold

STEP = 0.01  # [m] per policy tick
TURN = 0.1  # [rad] per policy tick


class OraclePolicy:
    """Slide the sheet into the frame by hand of God, while the arm rests."""

    def __init__(self, place_paper: Callable[[PlanarPose], None]) -> None:
        """Prepare.

        Args:
            place_paper: Puts the sheet somewhere on the table.
        """
        self._place_paper = place_paper

    def reset(self, seed: int) -> None:
        """Begin an episode.

        Args:
            seed: Unused: nothing is random here.
        """
        del seed  # Unused.

    def act(self, observation: Observation) -> JointTrajectory:
        """Move the sheet one step closer and answer with the rest pose.

        Raises:
            PolicyUnavailable: If nobody knows where the sheet is.
        """
        if observation.paper is None:
            raise PolicyUnavailable("nobody knows where the sheet is: no paper pose")
        self._place_paper(_closer(observation.paper.planar))
        return hold(observation.stamp_ns, HOME_Q)


def _closer(paper: PlanarPose) -> PlanarPose:
    way = GOAL_CENTRE - paper.xy
    distance = float(np.linalg.norm(way))
    x, y = paper.xy + way * min(1.0, STEP / max(distance, STEP))
    turn = float(np.clip(wrap_to_half_pi(GOAL_YAW - paper.yaw), -TURN, TURN))
    return PlanarPose(float(x), float(y), paper.yaw + turn)
