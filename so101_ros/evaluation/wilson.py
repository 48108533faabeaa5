"""How sure a success rate is."""

import math
from typing import NamedTuple

_Z_95 = 1.959964  # standard normal quantile at 97.5 %


class Interval(NamedTuple):
    """Lower and upper end of a 95 % confidence interval, in [0, 1]."""

    low: float
    high: float


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
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes of {trials} trials is no experiment")
    share, z2 = successes / trials, _Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    half_width = _Z_95 * spread / (1 + z2 / trials)
    return Interval(max(0.0, centre - half_width), min(1.0, centre + half_width))
