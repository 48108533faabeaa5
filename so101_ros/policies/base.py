"""What every policy is."""

from typing import Protocol

from so101_ros.observation import Observation
from so101_ros.trajectory import JointTrajectory


class Policy(Protocol):
    """Turn observations into joint targets, at the policy rate, from one thread.

    The only action convention: absolute joint targets in [rad], in arm order, as a
    :class:`~so101_ros.trajectory.JointTrajectory` stamped with the observation's time.
    """

    def reset(self, seed: int) -> None:
        """Forget the past and begin an episode.

        Args:
            seed: Seed of everything random in the policy.
        """
        ...

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer one observation.

        Args:
            observation: The arm and the sheet now.

        Returns:
            Targets from the observation's time onwards.

        Raises:
            PolicyUnavailable: If there is no safe answer; nobody may guess one.
        """
        ...
