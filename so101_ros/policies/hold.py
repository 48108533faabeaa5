"""The policy that does nothing: the arm stays where it was when the episode began."""

import numpy as np

from so101_ros.observation import Observation
from so101_ros.trajectory import JointTrajectory, hold


class HoldPolicy:
    """Want the first measured pose, for ever. A base that does nothing, and proof of 0 %."""

    def __init__(self) -> None:
        """Begin before an episode."""
        self._q: np.ndarray | None = None

    def reset(self, seed: int) -> None:
        """Forget the pose.

        Args:
            seed: Unused: nothing is random here.
        """
        del seed  # Unused.
        self._q = None

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer with the episode's first pose."""
        q = observation.joints.q.copy() if self._q is None else self._q
        self._q = q
        return hold(observation.stamp_ns, q)
