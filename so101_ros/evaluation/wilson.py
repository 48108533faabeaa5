"""How sure a success rate is."""

from typing import NamedTuple


class Interval(NamedTuple):
    """Lower and upper end of a 95 % confidence interval, in [0, 1]."""

    low: float
    high: float

    def reach(self, rate: float) -> tuple[float, float]:
        """How far the ends are below and above a rate in it; at least 0, whatever was rounded."""
        return max(rate - self.low, 0.0), max(self.high - rate, 0.0)


def wilson_interval(successes: int, trials: int) -> Interval:
    """Wilson score interval of a success rate, 95 %.

    Args:
        successes: How many trials succeeded.
        trials: How many there were; at least one.

    Returns:
        The interval; never empty, also at 0 % and 100 %.

    Raises:
        ValueError: If the counts are not those of an experiment.

    Reference:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    from scipy.stats import binomtest  # most of a second, which only those who judge should wait

    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes of {trials} trials is no experiment")
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return Interval(float(interval.low), float(interval.high))
