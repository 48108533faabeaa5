"""Episodes without ROS: how they end, and what is told of them."""

import re
from pathlib import Path

import bad_policies
import numpy as np
import pytest

from so101_ros.evaluation.episode import Ending, EpisodeTrace
from so101_ros.evaluation.rollout import Rollout
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.oracle import OraclePolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld

CONFIG = SceneConfig()


@pytest.fixture(scope="module")
def world() -> LockStepWorld:
    """One compiled scene for all."""
    return LockStepWorld.build(SceneTier(nominal=CONFIG))


def test_the_oracle_always_and_nobody_never_succeeds(world: LockStepWorld) -> None:
    """What the harness proves itself with."""
    oracle = Rollout(OraclePolicy(world.simulator.backend.place_paper), world)
    zero = Rollout(HoldPolicy(), world)
    for seed in range(8):
        assert oracle.run(seed).result.ending is Ending.SUCCESS
        result = zero.run(seed).result
        assert (result.ending, result.message) == (Ending.TIME_LIMIT, "time limit")
        assert result.ticks == 400


def test_a_result_says_what_its_trace_says(world: LockStepWorld) -> None:
    """Nothing in the summary that did not happen."""
    episode = Rollout(PressAndDragPolicy(CONFIG), world, "ik").run(3)
    result, trace = episode.result, episode.trace
    assert result.success and result.policy == "ik" and result.seed == 3
    assert result.ticks == len(trace.actions) == len(trace.q) - 1 == len(trace.rewards)
    assert result.time_to_success_s == pytest.approx(trace.times_s[-1])
    assert result.episode_return == pytest.approx(trace.rewards.sum())
    distances = np.linalg.norm(trace.paper[:, :2] - [0.275, 0.175], axis=1)
    assert result.final.distance_to_goal == pytest.approx(distances[-1])
    assert result.min_distance == pytest.approx(distances.min())
    assert 0.0 < result.inference_p50_s <= result.inference_p99_s  # type: ignore[operator]
    assert np.abs(trace.commands - trace.actions).max() < 1.0


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (bad_policies.Raises, "KeyError: 'video.front'"),
        (bad_policies.AnswersNan, "a trajectory must be finite, got NaN or infinity"),
        (bad_policies.AnswersSevenJoints, r"shape \(1, 6\), got \(1, 7\)"),
        (bad_policies.AnswersArray, "answered with a ndarray.*JointTrajectory of absolute"),
        (bad_policies.AnswersYesterday, "stamp it with the observation"),
        (bad_policies.CannotBegin, "reset: OSError: no such checkpoint"),
        (bad_policies.NeverThere, "no answer in the whole episode: connection refused"),
    ],
)
def test_a_broken_policy_is_never_a_weak_one(
    world: LockStepWorld, policy: type, message: str
) -> None:
    """The episode is an error with the reason, and the next policy finds the world in order."""
    episode = Rollout(policy(CONFIG), world).run(0)
    assert episode.result.ending is Ending.POLICY_ERROR
    assert not episode.result.success
    assert re.search(message, episode.result.message), episode.result.message
    assert np.isfinite(episode.trace.q).all()
    assert Rollout(PressAndDragPolicy(CONFIG), world).run(0).result.success


def test_where_a_policy_failed_is_kept(world: LockStepWorld) -> None:
    """The traceback names the line in the policy's own file."""
    episode = Rollout(bad_policies.Raises(CONFIG), world).run(0)
    assert "bad_policies.py" in episode.traceback and "video.front" in episode.traceback
    assert len(episode.trace.actions) == 10


def test_a_policy_that_gives_up_has_failed_and_says_why(world: LockStepWorld) -> None:
    """It had answers before: a time limit, with the ticks counted in which it had none."""
    result = Rollout(bad_policies.GivesUp(CONFIG), world).run(0).result
    assert result.ending is Ending.TIME_LIMIT
    assert result.message == "no answer at the end: the hand cannot follow"
    assert result.unavailable_ticks == 390


def test_wrong_units_are_counted(world: LockStepWorld) -> None:
    """Degrees leave the joint limits; radians do not."""
    wrong = Rollout(bad_policies.AnswersDegrees(CONFIG), world).run(0).result
    right = Rollout(PressAndDragPolicy(CONFIG), world).run(0).result
    assert wrong.clipped_ticks > 300 and right.clipped_ticks == 0


def test_an_episode_depends_on_its_seed_alone(world: LockStepWorld) -> None:
    """Whatever ran before it, in this world or in another, every number is the same."""
    first = Rollout(PressAndDragPolicy(CONFIG), world).run(11).trace
    rollout = Rollout(PressAndDragPolicy(CONFIG), LockStepWorld.build(SceneTier(nominal=CONFIG)))
    rollout.run(5)
    _assert_same(first, rollout.run(11).trace)


def test_a_trace_survives_its_file(world: LockStepWorld, tmp_path: Path) -> None:
    """Written and read back, bit for bit."""
    trace = Rollout(PressAndDragPolicy(CONFIG), world).run(1).trace
    np.savez_compressed(tmp_path / "trace.npz", **trace.to_arrays())
    with np.load(tmp_path / "trace.npz") as arrays:
        _assert_same(trace, EpisodeTrace.from_arrays(arrays))


def _assert_same(one: EpisodeTrace, other: EpisodeTrace) -> None:
    for name, array in one.to_arrays().items():
        if name != "inference_s":
            np.testing.assert_array_equal(array, other.to_arrays()[name], err_msg=name)
