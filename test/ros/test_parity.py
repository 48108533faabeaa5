"""Episodes in the lock-step graph and without ROS are the same experiment, bit for bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.errors import GraphError
from so101_ros.evaluation.episode import Ending, EpisodeResult, EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask, run_task
from so101_ros.evaluation.graph_engine import GraphEngine
from so101_ros.policies.replay import trace_path
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier

SEEDS = (0, 7, 23)
_NOMINAL = SceneTier()
WALL_TIMES = ("inference_mean_s", "inference_p50_s", "inference_p99_s", "wall_s")

OpenGraph = Callable[..., GraphEngine]


@pytest.fixture
def open_graph(own_domain: None, tmp_path: Path) -> Iterator[OpenGraph]:
    """Start a graph that hosts a policy; it is gone when the test ends."""
    with ExitStack() as stack:
        logs = stack.enter_context(NodeLogs(tmp_path / "graph.log"))
        yield lambda policy, tier=_NOMINAL: stack.enter_context(
            GraphEngine(policy, tier, logs, lambda: None)
        )


def without_ros(policy: str, seed: int, tier: SceneTier = _NOMINAL) -> EvaluatedEpisode:
    """The same episode without a graph."""
    return run_task(EpisodeTask(policy, seed, tier))


def outcome(result: EpisodeResult) -> dict:
    """All that does not depend on how fast this machine is."""
    figures = dataclasses.asdict(result)
    return {name: value for name, value in figures.items() if name not in WALL_TIMES}


def assert_same(graph: EvaluatedEpisode, alone: EvaluatedEpisode) -> None:
    """Joints, sheet, actions, commands, rewards and what came of it are equal, not just close."""
    assert outcome(graph.result) == outcome(alone.result)
    for name in ("q", "measured_q", "paper", "actions", "commands", "rewards"):
        np.testing.assert_array_equal(getattr(graph.trace, name), getattr(alone.trace, name), name)
    assert graph.trace.reward_names == alone.trace.reward_names


@pytest.mark.parametrize(
    ("policy", "ending"),
    [
        ("ik", Ending.SUCCESS),
        ("random", Ending.TIME_LIMIT),
        ("oracle", Ending.SUCCESS),
        ("zero", Ending.TIME_LIMIT),
        ("bad_policies:AnswersDegrees", Ending.TIME_LIMIT),
    ],
)
def test_same_seed_same_episode_in_the_graph_and_without(
    open_graph: OpenGraph, policy: str, ending: Ending
) -> None:
    """Tolerance: none. The oracle always succeeds and doing nothing never does, here as there."""
    engine = open_graph(policy)
    for seed in SEEDS:
        episode = engine.run(seed)
        assert episode.result.ending is ending
        assert_same(episode, without_ros(policy, seed))
        assert (episode.trace.inference_s > 0.0).all()


@pytest.mark.parametrize("scene", ["physics", "delay", "hard"])
@pytest.mark.parametrize("policy", ["ik", "random"])
def test_a_drawn_scene_is_the_same_in_the_graph_and_without(
    open_graph: OpenGraph, policy: str, scene: str
) -> None:
    """Physics, wrong zeros and every delay: still no tolerance."""
    tier = load_tier(scene)
    engine = open_graph(policy, tier)
    for seed in SEEDS:
        assert_same(engine.run(seed), without_ros(policy, seed, tier))


def test_a_replayed_episode_is_the_recorded_one(open_graph: OpenGraph, tmp_path: Path) -> None:
    """What was recorded without ROS, repeated through the graph, ends in the same place."""
    recorded = [without_ros("ik", seed) for seed in SEEDS]
    for episode in recorded:
        path = trace_path(tmp_path, episode.result.seed)
        np.savez(path, **episode.trace.to_arrays())
    policy = f"replay:{tmp_path}"
    engine = open_graph(policy)
    for episode in recorded:
        repeated = engine.run(episode.result.seed)
        assert_same(repeated, without_ros(policy, episode.result.seed))
        np.testing.assert_array_equal(repeated.trace.actions, episode.trace.actions)
        assert repeated.result.success
    unknown = engine.run(99).result
    assert unknown.ending is Ending.POLICY_ERROR
    assert "has no recording of seed 99" in unknown.message


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("Raises", "KeyError: 'video.front'"),
        ("AnswersNan", "a trajectory must be finite, got NaN or infinity"),
        ("AnswersSevenJoints", "needs positions of shape (1, 6), got (1, 7)"),
        ("AnswersArray", "answered with a ndarray"),
        ("CannotBegin", "reset: OSError: no such checkpoint"),
    ],
)
def test_a_policy_that_fails_is_told_and_the_graph_goes_on(
    open_graph: OpenGraph, policy: str, message: str
) -> None:
    """Its message and traceback are in the episode, which ends where it ends without ROS."""
    engine = open_graph(f"bad_policies:{policy}")
    for seed in SEEDS[:2]:
        episode = engine.run(seed)
        assert episode.result.ending is Ending.POLICY_ERROR
        assert message in episode.result.message
        assert "bad_policies.py" in episode.traceback or "policies/answer.py" in episode.traceback
        assert_same(episode, without_ros(f"bad_policies:{policy}", seed))


def test_after_a_failure_the_next_episode_is_a_new_one(open_graph: OpenGraph) -> None:
    """A policy that fails at some seeds is tried again at the next."""
    policy = "bad_policies:RaisesAtOddSeeds"
    engine = open_graph(policy)
    endings = []
    for seed in (1, 2, 3):
        episode = engine.run(seed)
        endings.append(episode.result.ending)
        assert_same(episode, without_ros(policy, seed))
    assert endings == [Ending.POLICY_ERROR, Ending.TIME_LIMIT, Ending.POLICY_ERROR]


@pytest.mark.parametrize("policy", ["NeverThere", "GivesUp"])
def test_a_policy_without_an_answer_does_not_stop_time(open_graph: OpenGraph, policy: str) -> None:
    """Missing answers are counted, and told from a failure as without ROS."""
    episode = open_graph(f"bad_policies:{policy}").run(1)
    assert_same(episode, without_ros(f"bad_policies:{policy}", 1))
    assert episode.result.unavailable_ticks > 0


def test_a_node_that_dies_ends_the_run_and_is_named(open_graph: OpenGraph) -> None:
    """A policy that takes its process with it cannot be told from a broken machine."""
    with pytest.raises(GraphError, match="base_policy was ended by SIGKILL"):
        open_graph("bad_policies:Crashes").run(1)
