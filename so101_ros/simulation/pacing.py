"""How many control ticks are due, given a wall clock."""

import math

from so101_ros.errors import ConfigError

MAX_DEBT_S = 0.5
"""Wall time that may be caught up; more is dropped."""


class Pacer:
    """Keep simulated time in step with a monotonic wall clock.

    Attributes:
        period_s: Wall time of one tick, in [s].
        dropped_s: Wall time given up because the machine was too slow, in [s].
    """

    def __init__(self, tick_s: float, real_time_factor: float) -> None:
        """Begin at the first call of :meth:`due_ticks`.

        Args:
            tick_s: Simulated time of one tick, in [s].
            real_time_factor: Simulated seconds per wall second.

        Raises:
            ConfigError: If the real-time factor is not positive and finite.
        """
        if not 0.0 < real_time_factor < math.inf:
            raise ConfigError(
                f"real_time_factor must be positive and finite, got {real_time_factor}"
            )
        self.dropped_s = 0.0
        self.period_s = tick_s / real_time_factor
        self._start_s: float | None = None
        self._done = 0

    def restart(self) -> None:
        """Begin again at the next call: nothing is owed for the time until then."""
        self._start_s = None

    def due_ticks(self, wall_s: float) -> int:
        """Count the ticks that are due.

        Args:
            wall_s: Monotonic wall time in [s].

        Returns:
            Ticks to run now. Half a tick of tolerance makes a timer of the same period find one due
            at every call, late or early.
        """
        if self._start_s is None:
            self._start_s, self._done = wall_s, 0
        debt_s = wall_s - self._start_s - self._done * self.period_s
        if debt_s > MAX_DEBT_S:
            self.dropped_s += debt_s
            self._start_s += debt_s
            debt_s = 0.0
        return math.floor(debt_s / self.period_s + 0.5)

    def done(self, ticks: int) -> None:
        """Account for ticks that were run."""
        self._done += ticks
