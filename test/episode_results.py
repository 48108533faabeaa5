"""Episodes made by hand, for tests of what judges and shows them."""

import numpy as np

from so101_ros.evaluation.episode import Ending, EpisodeResult, EpisodeTrace
from so101_ros.pose import yaw_to_quaternion
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.task.measures import PaperMeasures

POLICY_HZ = 30


def make_result(
    seed: int = 0,
    ending: Ending = Ending.SUCCESS,
    policy: str = "ik",
    time_s: float = 4.0,
    distance: float = 0.002,
    message: str = "",
) -> EpisodeResult:
    """An episode of ``time_s`` seconds that ended ``distance`` metres from the goal."""
    return EpisodeResult(
        policy=policy,
        seed=seed,
        ending=ending,
        message=message,
        ticks=round(time_s * POLICY_HZ),
        unavailable_ticks=0,
        clipped_ticks=3,
        episode_return=12.5,
        time_to_success_s=time_s if ending is Ending.SUCCESS else None,
        final=PaperMeasures(distance_to_goal=distance, yaw_error=0.01, margin=0.015),
        min_distance=0.5 * distance,
        inference_mean_s=0.0003,
        inference_p50_s=0.0002,
        inference_p99_s=0.0011,
        wall_s=0.25,
    )


def make_results(
    successes: int, failures: int = 0, errors: int = 0, policy: str = "ik"
) -> list[EpisodeResult]:
    """Episodes with the seeds from 0 on: successes first, then failures, then policy errors."""
    endings = [Ending.SUCCESS] * successes
    endings += [Ending.TIME_LIMIT] * failures + [Ending.POLICY_ERROR] * errors
    return [make_result(seed, ending, policy) for seed, ending in enumerate(endings)]


def make_trace(distance: float = 0.0, ticks: int = 30) -> EpisodeTrace:
    """A sheet that slides towards the goal along y, and ends ``distance`` metres before it."""
    paper = np.zeros((ticks + 1, 7))
    paper[:, :2] = GOAL_CENTRE
    paper[:, 1] -= np.linspace(0.2, distance, ticks + 1)
    paper[:, 3:] = yaw_to_quaternion(GOAL_YAW)
    return EpisodeTrace(
        q=np.zeros((ticks + 1, 6)),
        measured_q=np.zeros((ticks + 1, 6)),
        paper=paper,
        actions=np.zeros((ticks, 6)),
        commands=np.zeros((ticks, 6)),
        rewards=np.zeros((ticks, 1)),
        inference_s=np.full(ticks, 0.001),
        reward_names=("reach",),
        policy_hz=POLICY_HZ,
    )
