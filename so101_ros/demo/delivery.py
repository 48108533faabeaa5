"""How much of a periodic topic arrived, judged by its stamps."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.rates import NANOSECONDS

_ROUNDING = 0.005  # of a period: absorbs the rounding of stamps to nanoseconds


@dataclass(frozen=True, slots=True)
class Delivery:
    """Messages of one topic in a span of time.

    Attributes:
        expected: Messages that the nominal rate demands.
        received: Different stamps that arrived.
        simulated_s: Length of the span on the simulation's clock, in [s].
        wall_s: Length of the span on the wall clock, in [s].
    """

    expected: int
    received: int
    simulated_s: float
    wall_s: float

    @property
    def lost(self) -> int:
        """Messages that were never made or never arrived."""
        return self.expected - self.received

    @property
    def share(self) -> float:
        """Received per expected, in [0, 1]."""
        return self.received / self.expected if self.expected else 1.0

    @property
    def rate_hz(self) -> float:
        """Messages per simulated second."""
        return self.received / self.simulated_s

    @property
    def wall_rate_hz(self) -> float:
        """Messages per second on the wall clock."""
        return self.received / self.wall_s


def judge_delivery(
    stamps_ns: np.ndarray, nominal_hz: float, start_ns: int, end_ns: int, wall_s: float
) -> Delivery:
    """Compare the stamps in a span with a grid of the nominal rate.

    The phase of the grid is that of the stamps themselves; a missing stamp is a hole in the grid,
    also at either end of the span.

    Args:
        stamps_ns: Stamps in any order, in [ns]. Shape (n,).
        nominal_hz: Stamps per simulated second.
        start_ns: Begin of the span in [ns].
        end_ns: End of the span in [ns]; a message stamped then belongs to the next span.
        wall_s: Length of the span on the wall clock, in [s].

    Returns:
        What was expected and what arrived.

    Raises:
        ConfigError: If the rate is not positive or the span is empty.
    """
    if nominal_hz <= 0.0 or end_ns <= start_ns:
        raise ConfigError(
            f"delivery needs a positive rate and a span, got {nominal_hz} Hz "
            f"from {start_ns} to {end_ns} ns"
        )
    periods_per_ns = nominal_hz / NANOSECONDS
    inside = np.unique(stamps_ns[(stamps_ns >= start_ns) & (stamps_ns < end_ns)])
    simulated_s = (end_ns - start_ns) / NANOSECONDS
    if len(inside) == 0:
        return Delivery(_whole((end_ns - start_ns) * periods_per_ns), 0, simulated_s, wall_s)
    holes = np.rint(np.diff(inside) * periods_per_ns).astype(int) - 1
    before = _whole((inside[0] - start_ns) * periods_per_ns)
    after = _whole((end_ns - inside[-1]) * periods_per_ns - 2.0 * _ROUNDING)
    lost = before + int(np.maximum(holes, 0).sum()) + after
    return Delivery(len(inside) + lost, len(inside), simulated_s, wall_s)


def join_deliveries(deliveries: Iterable[Delivery]) -> Delivery:
    """Add up the spans of several episodes."""
    parts = list(deliveries)
    return Delivery(
        expected=sum(part.expected for part in parts),
        received=sum(part.received for part in parts),
        simulated_s=sum(part.simulated_s for part in parts),
        wall_s=sum(part.wall_s for part in parts),
    )


def _whole(periods: float) -> int:
    return max(0, int(periods + _ROUNDING))
