"""The policy that moves without looking."""

import numpy as np

from so101_ros.arm import ArmSpec
from so101_ros.observation import Observation
from so101_ros.rates import Rates
from so101_ros.trajectory import JointTrajectory

WAY_TICKS = 30  # policy ticks from one random pose to the next

_STREAM = 1  # any number: it tells these draws from others with the same seed


class RandomPolicy:
    """Move from one random pose within the joint limits to the next, one a second."""

    def __init__(self, arm: ArmSpec, rates: Rates | None = None) -> None:
        """Prepare.

        Args:
            arm: Whose limits to keep.
            rates: Length of a policy tick; None for the defaults.
        """
        self._arm = arm
        self._tick_s = (rates or Rates()).policy_period_s
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Begin an episode.

        Args:
            seed: Seed of the poses.
        """
        # A stream of its own: with the seed alone it would repeat the draws of the sheet's start.
        self._rng = np.random.default_rng([seed, _STREAM])
        self._tick = 0
        self._way: tuple[np.ndarray, np.ndarray] | None = None

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer with the next piece of the way."""
        step = self._tick % WAY_TICKS
        if step == 0 or self._way is None:
            start = observation.joints.q.copy() if self._way is None else self._way[1]
            self._way = start, self._rng.uniform(self._arm.lower, self._arm.upper)
        self._tick += 1
        start, end = self._way
        shares = np.array([[step], [step + 1]]) / WAY_TICKS
        return JointTrajectory(
            observation.stamp_ns, np.array([0.0, self._tick_s]), start + shares * (end - start)
        )
