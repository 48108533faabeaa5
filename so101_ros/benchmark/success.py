"""How often, and how fast, the base policy returns the sheet."""

from collections.abc import Callable, Iterable

import numpy as np

from so101_ros.benchmark.figure import Figure
from so101_ros.errors import PolicyUnavailable
from so101_ros.evaluation.rollout import Rollout
from so101_ros.evaluation.wilson import wilson_interval
from so101_ros.policies.press_and_drag import PressAndDragPolicy


def measure_success(
    episodes: int, track: Callable[[range], Iterable[int]] = lambda seeds: seeds
) -> list[Figure]:
    """Run the seeds from 0 on in the nominal scene, without ROS.

    Args:
        episodes: How many seeds.
        track: Wraps the seeds, to show progress.

    Returns:
        Success rate with its interval, time to success, and margin at success.

    Raises:
        PolicyUnavailable: If no episode succeeded: there is no time to success then.
    """
    rollout = Rollout(PressAndDragPolicy())
    results = [rollout.run(seed).result for seed in track(range(episodes))]
    times_s = [each.time_to_success_s for each in results if each.time_to_success_s is not None]
    if not times_s:
        raise PolicyUnavailable(f"none of {episodes} episodes succeeded: {results[0].message}")
    low, high = wilson_interval(len(times_s), episodes)
    margins_mm = [1e3 * each.final.margin for each in results if each.success]
    interval = (
        f"{len(times_s)} of {episodes} seeds; 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    )
    return [
        Figure("IK policy, success", 100.0 * len(times_s) / episodes, "%", interval),
        Figure("IK policy, mean time to success", float(np.mean(times_s)), "s", "simulated"),
        Figure("IK policy, longest time to success", float(np.max(times_s)), "s", "simulated"),
        Figure("IK policy, smallest margin at success", float(np.min(margins_mm)), "mm"),
    ]
