"""Whether a base policy is good enough, decided on the interval of its success rate."""

import math
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist
from typing import Any

from so101_ros.evaluation.wilson import Interval, wilson_interval

REJECT_BELOW = 0.05
"""Success rate under which a base policy is rejected; a threshold of the task."""

ACCEPT_FROM = 0.20
"""Success rate from which a base policy is accepted; a threshold of the task."""

LEAST_EPISODES = 20
"""Episodes below which nobody is judged, whatever the interval says: one success of one is at least
20.7 %, and yet no basis for anything."""

_THRESHOLDS = (REJECT_BELOW, ACCEPT_FROM)
_Z_95 = NormalDist().inv_cdf(0.975)


class Decision(str, Enum):
    """What becomes of a base policy."""

    REJECT = "reject"
    MARGINAL = "marginal"
    ACCEPT = "accept"
    UNDECIDED = "undecided"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and what it rests on.

    Attributes:
        decision: What becomes of the policy.
        interval: Wilson 95 % interval of the success rate.
        more_episodes: How many more episodes would decide if the observed rate stays; None if
            nothing is undecided, or if the rate sits on a threshold: then no number would. Whoever
            goes on until it is decided gets an interval that is a little too narrow.
        text: The verdict in one line.
    """

    decision: Decision
    interval: Interval
    more_episodes: int | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a JSON file."""
        return {
            "decision": self.decision.value,
            "more_episodes": self.more_episodes,
            "text": self.text,
        }


def judge(successes: int, trials: int, errors: int = 0, unstable: int = 0) -> Verdict:
    """Decide on the whole interval, not on the observed rate.

    Args:
        successes: Episodes that succeeded.
        trials: All episodes; at least one.
        errors: Episodes that ended in a policy error: with one, what was measured is a broken
            policy and not a weak one.
        unstable: Episodes in which the physics became unstable: with one, what was measured is a
            scene that no simulation bears.

    Returns:
        The verdict.

    Raises:
        ValueError: If the counts are not those of an experiment.
    """
    interval = wilson_interval(successes, trials)
    broken = errors + unstable
    if min(errors, unstable) < 0 or broken > trials - successes:
        raise ValueError(
            f"{errors} errors and {unstable} unstable episodes beside {successes} successes of "
            f"{trials} are impossible"
        )
    if broken:
        counts = ((errors, "a policy error"), (unstable, "unstable physics"))
        causes = " and ".join(
            f"{count} of {trials} episodes ended in {cause}" for count, cause in counts if count
        )
        return Verdict(Decision.INVALID, interval, None, f"no verdict: {causes}")
    decision = _decide(interval) if trials >= LEAST_EPISODES else Decision.UNDECIDED
    more = _more_episodes(successes, trials) if decision is Decision.UNDECIDED else None
    return Verdict(decision, interval, more, _describe(decision, interval, more))


def _decide(interval: Interval) -> Decision:
    if interval.high < REJECT_BELOW:
        return Decision.REJECT
    if interval.low >= ACCEPT_FROM:
        return Decision.ACCEPT
    if interval.low >= REJECT_BELOW and interval.high < ACCEPT_FROM:
        return Decision.MARGINAL
    return Decision.UNDECIDED


def _more_episodes(successes: int, trials: int) -> int | None:
    """Episodes to add until the interval leaves the thresholds, at the same observed rate.

    The ends of a Wilson interval solve ``(p - t)^2 = z^2 t (1 - t) / n`` for t, so that n is known
    for an end at a threshold. Successes are whole, which may take a few episodes more.
    """
    rate = successes / trials
    if rate in _THRESHOLDS:
        return None
    total = max(
        math.ceil(_Z_95**2 * threshold * (1.0 - threshold) / (rate - threshold) ** 2)
        for threshold in _nearest_thresholds(rate)
    )
    total = max(total, trials + 1, LEAST_EPISODES)
    while _decide(wilson_interval(round(rate * total), total)) is Decision.UNDECIDED:
        total += 1
    return total - trials


def _nearest_thresholds(rate: float) -> tuple[float, ...]:
    """The thresholds that bound the class of a rate."""
    if rate < REJECT_BELOW:
        return (REJECT_BELOW,)
    return _THRESHOLDS if rate < ACCEPT_FROM else (ACCEPT_FROM,)


def _describe(decision: Decision, interval: Interval, more_episodes: int | None) -> str:
    span = f"{decision.value}: {_percent(interval.low)} to {_percent(interval.high)} %"
    lower, upper = (f"{100.0 * threshold:g} %" for threshold in _THRESHOLDS)
    if decision is Decision.REJECT:
        return f"{span} is under {lower}"
    if decision is Decision.ACCEPT:
        return f"{span} is at least {upper}"
    if decision is Decision.MARGINAL:
        return f"{span} lies between {lower} and {upper}"
    spanned = [f"{100 * each:g} %" for each in _THRESHOLDS if interval.low < each <= interval.high]
    why = f"spans {' and '.join(spanned)}" if spanned else "is of too few episodes"
    return f"{span} {why}; {_advise(more_episodes)}"


def _advise(more_episodes: int | None) -> str:
    if more_episodes is None:
        return "no number of episodes would decide at exactly this rate"
    return f"run about {_round_up(more_episodes)} more episodes"


def _round_up(count: int) -> int:
    """Round up to two digits."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return -(-count // unit) * unit


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f}"
