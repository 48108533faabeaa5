"""What a policy came to over its episodes."""

import dataclasses
import json

import numpy as np
import pytest
from episode_results import make_result, make_results

from so101_ros.errors import ConfigError
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.policy_summary import summarise
from so101_ros.evaluation.spread import Spread
from so101_ros.evaluation.verdict import Decision
from so101_ros.task.measures import PaperMeasures

NO_TIMES = np.array([])


def test_a_spread_is_that_of_the_sample() -> None:
    """The standard deviation divides by n - 1."""
    spread = Spread.of([1.0, 2.0, 6.0])
    assert (spread.mean, spread.median, spread.low, spread.high) == (3.0, 2.0, 1.0, 6.0)
    assert spread.std == pytest.approx(np.sqrt(7.0))
    assert Spread.of([4.0]) == Spread(4.0, None, 4.0, 4.0, 4.0)
    with pytest.raises(ValueError, match="no values"):
        Spread.of([])


def test_counts_and_verdict() -> None:
    """Successes, errors and the verdict belong together."""
    summary = summarise("ik", make_results(97, 3), NO_TIMES)
    assert (summary.episodes, summary.successes, summary.errors) == (100, 97, 0)
    assert summary.success_rate == pytest.approx(0.97)
    assert summary.verdict.decision is Decision.ACCEPT
    broken = summarise("ik", make_results(97, 2, 1), NO_TIMES)
    assert broken.errors == 1
    assert broken.verdict.decision is Decision.INVALID


def test_time_to_success_is_over_the_successes() -> None:
    """A failure has none, and does not drag the mean to the time limit."""
    results = [make_result(0, time_s=3.0), make_result(1, time_s=5.0)]
    results.append(make_result(2, Ending.TIME_LIMIT, time_s=13.0))
    summary = summarise("ik", results, NO_TIMES)
    assert summary.time_to_success_s is not None
    assert (summary.time_to_success_s.mean, summary.time_to_success_s.high) == (4.0, 5.0)
    assert summary.ticks.mean == pytest.approx(30 * (3 + 5 + 13) / 3)
    assert summarise("zero", make_results(0, 2), NO_TIMES).time_to_success_s is None


def test_measures_are_those_of_the_end() -> None:
    """Final and minimum distance are different figures; the worst margin is the smallest."""
    outside = dataclasses.replace(make_result(1), final=PaperMeasures(0.1, 0.3, -0.04))
    summary = summarise("ik", [make_result(0, distance=0.02), outside], NO_TIMES)
    assert summary.final_distance.mean == pytest.approx(0.06)
    assert summary.min_distance.low == pytest.approx(0.001)
    assert summary.yaw_error.high == pytest.approx(0.3)
    assert summary.margin.low == pytest.approx(-0.04)


def test_shares_and_speed_are_over_all_ticks() -> None:
    """A long episode weighs more than a short one."""
    short = dataclasses.replace(make_result(0, time_s=1.0), unavailable_ticks=30, wall_s=0.5)
    long = dataclasses.replace(make_result(1, time_s=9.0), clipped_ticks=57, wall_s=1.0)
    summary = summarise("ik", [short, long], NO_TIMES)
    assert summary.unavailable_share == pytest.approx(30 / 300)
    assert summary.clipped_share == pytest.approx((3 + 57) / 300)
    assert summary.steps_per_s == pytest.approx(300 / 1.5)


def test_inference_times_are_pooled() -> None:
    """The percentile of all answers, not a mean of percentiles."""
    inference_s = np.concatenate([np.full(990, 0.001), np.full(10, 0.1)])
    inference = summarise("ik", make_results(2), inference_s).to_dict()["inference_ms"]
    assert inference["mean"] == pytest.approx(1.99)
    assert inference["p50"] == pytest.approx(1.0)
    assert inference["p99"] == pytest.approx(np.percentile(inference_s, 99) * 1e3)


@pytest.mark.parametrize("ticks", [0, 120])
def test_plain_data_is_json_without_nan(ticks: int) -> None:
    """What does not exist is null, also for an episode that never began."""
    result = dataclasses.replace(make_result(0, Ending.POLICY_ERROR), ticks=ticks, clipped_ticks=0)
    data = summarise("broken", [result], NO_TIMES).to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["inference_ms"] is None
    assert data["time_to_success_s"] is None
    assert data["episode_return"]["std"] is None
    assert data["verdict"]["decision"] == "invalid"
    assert data["policy_errors"] == 1


def test_nothing_cannot_be_summed_up() -> None:
    """The message names the policy."""
    with pytest.raises(ConfigError, match="policy 'ik' has no episode"):
        summarise("ik", [], NO_TIMES)
