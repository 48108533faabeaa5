"""What a policy came to over all its episodes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.evaluation.episode import Ending, EpisodeResult
from so101_ros.evaluation.inference_time import InferenceTime
from so101_ros.evaluation.spread import Spread
from so101_ros.evaluation.verdict import Verdict, judge


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """One policy over its episodes.

    Every spread is over the episodes in which nothing broke, or over all if there is no other.

    Attributes:
        policy: Who was tried.
        episodes: How often.
        successes: Episodes that succeeded.
        errors: Episodes that ended in a policy error.
        unstable: Episodes in which the physics became unstable.
        verdict: What becomes of the policy, with the interval of its success rate.
        episode_return: Sum of rewards.
        ticks: Length in policy ticks.
        time_to_success_s: Simulated time in [s], over the successes; None without one.
        final_distance: Sheet to goal at the end, in [m].
        min_distance: Sheet to goal at the best moment, in [m].
        yaw_error: At the end, in [rad].
        margin: At the end, in [m].
        unavailable_share: Share of ticks without an answer, in [0, 1].
        clipped_share: Share of ticks that wanted a joint beyond its limits, in [0, 1].
        inference: Wall time of the answers; None without an answer.
        steps_per_s: Policy ticks per second of wall time, of one process.
    """

    policy: str
    episodes: int
    successes: int
    errors: int
    unstable: int
    verdict: Verdict
    episode_return: Spread
    ticks: Spread
    time_to_success_s: Spread | None
    final_distance: Spread
    min_distance: Spread
    yaw_error: Spread
    margin: Spread
    unavailable_share: float
    clipped_share: float
    inference: InferenceTime | None
    steps_per_s: float

    @property
    def broken(self) -> int:
        """Episodes that say nothing about the policy, since that or the physics broke."""
        return self.errors + self.unstable

    @property
    def success_rate(self) -> float:
        """Observed share of successes, in [0, 1]."""
        return self.successes / self.episodes

    def to_dict(self) -> dict[str, Any]:
        """Plain data with units in the names; what does not exist is None."""
        low, high = self.verdict.interval
        inference = self.inference
        time_s = self.time_to_success_s
        return {
            "policy": self.policy,
            "episodes": self.episodes,
            "successes": self.successes,
            "policy_errors": self.errors,
            "simulations_unstable": self.unstable,
            "success_rate": self.success_rate,
            "success_rate_wilson_95": [low, high],
            "verdict": self.verdict.to_dict(),
            "episode_return": self.episode_return.to_dict(),
            "length_ticks": self.ticks.to_dict(),
            "time_to_success_s": time_s and time_s.to_dict(),
            "final_distance_to_goal_m": self.final_distance.to_dict(),
            "min_distance_to_goal_m": self.min_distance.to_dict(),
            "final_yaw_error_rad": self.yaw_error.to_dict(),
            "final_margin_m": self.margin.to_dict(),
            "unavailable_share": self.unavailable_share,
            "clipped_share": self.clipped_share,
            "inference_ms": inference and inference.to_milliseconds(),
            "steps_per_wall_s": self.steps_per_s,
        }


def summarise(
    policy: str, results: Sequence[EpisodeResult], inference_s: np.ndarray
) -> PolicySummary:
    """Sum up all episodes of a policy.

    Args:
        policy: Who was tried.
        results: What its episodes came to; at least one.
        inference_s: Wall time of every answer in all of them, in [s]. Shape (n,).

    Returns:
        The summary.

    Raises:
        ConfigError: If there is no episode.
    """
    if not results:
        raise ConfigError(f"policy {policy!r} has no episode to sum up; run at least one")
    # An episode that was broken off has no length, return or end that would mean anything.
    played = [each for each in results if not each.ending.broken] or results
    endings = Counter(each.ending for each in results)
    successes, errors = endings[Ending.SUCCESS], endings[Ending.POLICY_ERROR]
    unstable = endings[Ending.SIMULATION_UNSTABLE]
    ticks = sum(each.ticks for each in results)
    times_s = [each.time_to_success_s for each in results if each.time_to_success_s is not None]
    return PolicySummary(
        policy=policy,
        episodes=len(results),
        successes=successes,
        errors=errors,
        unstable=unstable,
        verdict=judge(successes, len(results), errors, unstable),
        episode_return=Spread.of(each.episode_return for each in played),
        ticks=Spread.of(each.ticks for each in played),
        time_to_success_s=Spread.of(times_s) if times_s else None,
        final_distance=Spread.of(each.final.distance_to_goal for each in played),
        min_distance=Spread.of(each.min_distance for each in played),
        yaw_error=Spread.of(each.final.yaw_error for each in played),
        margin=Spread.of(each.final.margin for each in played),
        unavailable_share=sum(each.unavailable_ticks for each in results) / max(ticks, 1),
        clipped_share=sum(each.clipped_ticks for each in results) / max(ticks, 1),
        inference=InferenceTime.of(inference_s),
        steps_per_s=ticks / sum(each.wall_s for each in results),
    )
