"""How far the sheet was from its goal, tick by tick: what plots need of an episode."""

from dataclasses import dataclass

import numpy as np

from so101_ros.evaluation.episode import EpisodeResult, EpisodeTrace
from so101_ros.pose import PlanarPose, Pose
from so101_ros.task.geometry import GOAL_CENTRE


@dataclass(frozen=True, slots=True, eq=False)
class SheetPath:
    """The sheet over one episode, far smaller than the episode's trace.

    Attributes:
        result: What the episode came to.
        times_s: Time of each state since the episode began, in [s]. Shape (n + 1,).
        distances: Centre of the sheet to the goal's at those times, in [m]. Shape (n + 1,).
        final: Where the sheet lay at the end.
    """

    result: EpisodeResult
    times_s: np.ndarray
    distances: np.ndarray
    final: PlanarPose

    @classmethod
    def of(cls, result: EpisodeResult, trace: EpisodeTrace) -> "SheetPath":
        """Take what is needed out of a trace.

        Args:
            result: What the episode came to.
            trace: Everything that happened in it.
        """
        last = trace.paper[-1]
        return cls(
            result=result,
            times_s=trace.times_s,
            distances=np.linalg.norm(trace.paper[:, :2] - GOAL_CENTRE, axis=1),
            final=Pose(last[:3], last[3:]).planar,
        )
