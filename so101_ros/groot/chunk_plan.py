"""What is being executed of a model's answers, and when the next one is needed."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.groot.splice import Splice, splice
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import ROUNDING_S, JointTrajectory

REST_S = 0.1
"""How long the arm is left to come to rest before a model that needs it still looks again."""


class Timing(str, Enum):
    """What an answer that comes late is worth."""

    ALIGNED = "aligned"
    STOP_AND_GO = "stop_and_go"


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How answers follow each other.

    Attributes:
        rate_hz: Rows of an answer per second.
        horizon: Rows of an answer.
        execution_steps: Rows after which the next answer is asked for.
        first_step: Row i is meant for ``(i + first_step) / rate_hz`` after the observation.
        fade_s: Length of the cross-fade between two answers, in [s].
        timing: Whether time goes on while the model thinks, or the arm waits for it.
    """

    rate_hz: float
    horizon: int
    execution_steps: int
    first_step: int = 1
    fade_s: float = 0.1
    timing: Timing = Timing.ALIGNED

    def __post_init__(self) -> None:
        """Refuse what cannot be followed.

        Raises:
            ConfigError: If a setting is outside its range.
        """
        if not 1 <= self.execution_steps <= self.horizon:
            raise ConfigError(
                f"execution_steps must be 1 to {self.horizon} (the horizon), "
                f"got {self.execution_steps}"
            )
        if not 0.0 <= self.fade_s < np.inf:
            raise ConfigError(f"fade_s must be 0 s or more, got {self.fade_s}")

    @property
    def horizon_s(self) -> float:
        """From the observation to the last row, in [s]."""
        return (self.horizon - 1 + self.first_step) / self.rate_hz


class ChunkPlan:
    """Follow answers of which each begins where the one before is in time.

    Aligned: an answer that took 0.2 s has lost its first 0.2 s; the arm moves on meanwhile. Stop
    and go: the arm executes an answer to its end, stops, and only then the model looks again; as
    nothing has moved since, nothing of the answer is lost. It is for models that think for longer
    than their answers reach.

    Attributes:
        settings: How answers follow each other.
        current: What is being executed; None before the first answer.
        last_splice: How the last answer was joined; None before the first.
        late: Answers of which nothing was left.
    """

    def __init__(self, settings: PlanSettings) -> None:
        """Begin without an answer.

        Args:
            settings: How answers follow each other.
        """
        self.settings = settings
        self.late = 0
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Forget every answer: the arm was moved by somebody else."""
        self.current: JointTrajectory | None = None
        self.last_splice: Splice | None = None

    def is_due(self, now_ns: int) -> bool:
        """Whether it is time to ask the model.

        Args:
            now_ns: Now, in [ns].
        """
        if self.current is None:
            return True
        settings = self.settings
        # Less the rounding of the stamps, which would put off every third question by a tick.
        left_s = (self.current.end_ns - now_ns) / NANOSECONDS - ROUNDING_S
        if settings.timing is Timing.STOP_AND_GO:
            return left_s <= -REST_S
        return left_s <= (settings.horizon - settings.execution_steps) / settings.rate_hz

    def take(self, targets: np.ndarray, observed_ns: int, now_ns: int) -> JointTrajectory | None:
        """Join an answer to what is being executed.

        Args:
            targets: Absolute joint targets in [rad]. Shape (n, 6).
            observed_ns: Stamp of the observation behind them, in [ns].
            now_ns: Now, in [ns].

        Returns:
            What to execute from now on; None if nothing of the answer is left.
        """
        chunk = self._place(targets, observed_ns, now_ns)
        joined = splice(self.current, chunk, now_ns, self.settings.fade_s)
        if joined is None:
            self.late += 1
            return None
        self.last_splice, self.current = joined, joined.plan
        return joined.plan

    def remainder(self, now_ns: int) -> JointTrajectory | None:
        """Tell what is left of the plan, as an answer to an observation that was made now.

        Args:
            now_ns: Now, in [ns].

        Returns:
            The rows from now on, stamped now; None if nothing is left.
        """
        if self.current is None:
            return None
        left = splice(None, self.current, now_ns, 0.0)
        if left is None:
            return None
        shift_s = (left.plan.stamp_ns - now_ns) / NANOSECONDS
        times_s = np.maximum(left.plan.times_s + shift_s, 0.0)
        return JointTrajectory(now_ns, times_s, left.plan.rows)

    def _place(self, targets: np.ndarray, observed_ns: int, now_ns: int) -> JointTrajectory:
        """Say when each row is meant to be reached."""
        settings = self.settings
        times_s = (np.arange(len(targets)) + settings.first_step) / settings.rate_hz
        if settings.timing is Timing.STOP_AND_GO:
            times_s = times_s + max(now_ns - observed_ns, 0) / NANOSECONDS
        return JointTrajectory(observed_ns, times_s, targets)
