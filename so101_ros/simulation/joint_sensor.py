"""The joints as they are measured: with wrong zeros, and late."""

from collections import deque

import numpy as np

from so101_ros.observation import JointState
from so101_ros.simulation.backend import MujocoBackend


class JointSensor:
    """Measure the joints of a simulation at every control tick."""

    def __init__(self, backend: MujocoBackend) -> None:
        """Begin an episode.

        Args:
            backend: The simulation, at the beginning of the episode.
        """
        config = backend.config
        self._backend = backend
        self._zeros = np.array(config.calibration.joint_zeros)
        self._is_right = not self._zeros.any()
        self.delay_ticks = config.rates.control_ticks_in(config.delay.joint_state_s)
        self._newest: JointState | None = None
        self._under_way: deque[JointState] = deque(maxlen=self.delay_ticks + 1)
        self.record()

    def record(self) -> None:
        """Measure, if what is measured now is read later; once per control tick."""
        if self.delay_ticks:
            self._under_way.append(self._measure())

    @property
    def has_arrived(self) -> bool:
        """Whether a measurement of the episode has arrived."""
        return not self.delay_ticks or len(self._under_way) > self.delay_ticks

    def read(self) -> JointState:
        """The newest measurement that has arrived, with the stamp of when it was made."""
        if self.delay_ticks:
            return self._under_way[0]
        # Read several times in a tick, and measured once.
        if self._newest is None or self._newest.stamp_ns != self._backend.stamp_ns:
            self._newest = self._measure()
        return self._newest

    def _measure(self) -> JointState:
        true = self._backend.joint_state
        return true if self._is_right else JointState(true.stamp_ns, true.q + self._zeros, true.dq)
