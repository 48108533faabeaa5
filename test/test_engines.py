"""The same episodes, whoever runs them."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from so101_ros.errors import AssetError, ConfigError, EvaluationError
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask
from so101_ros.evaluation.evaluation import Engine
from so101_ros.evaluation.process_engine import ProcessEngine
from so101_ros.evaluation.ray_engine import RayEngine
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig

TASKS = [
    EpisodeTask(policy, seed, SceneTier())
    for seed in range(4)
    for policy in ("ik", "random", "bad_policies:RaisesAtOddSeeds")
]


class _Stop(Exception):
    """The user wants to stop."""


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the policies of the tests where a user would put them."""
    here = os.path.dirname(__file__)
    paths = [here, os.path.dirname(here), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def _run(engine: Engine, tasks: Sequence[EpisodeTask] = TASKS) -> list[EvaluatedEpisode]:
    episodes = list(engine.run(tasks, lambda: None))
    return sorted(episodes, key=lambda each: (each.result.seed, each.result.policy))


def _assert_same(some: list[EvaluatedEpisode], others: list[EvaluatedEpisode]) -> None:
    for one, other in zip(some, others, strict=True):
        assert _without_times(one) == _without_times(other)
        for name, array in one.trace.to_arrays().items():
            if name != "inference_s":
                np.testing.assert_array_equal(array, other.trace.to_arrays()[name])


def _without_times(episode: EvaluatedEpisode) -> object:
    return replace(
        episode.result,
        inference_mean_s=None,
        inference_p50_s=None,
        inference_p99_s=None,
        wall_s=0.0,
    )


def test_processes_give_the_same_episodes() -> None:
    """In any number, bit for bit, also those of a policy that fails."""
    _assert_same(_run(ProcessEngine(1)), _run(ProcessEngine(2)))


def test_workers_that_are_still_starting_leave_ctrl_c_to_the_parent() -> None:
    """A terminal signals them too; one that dies of it would take the whole run with it."""

    def check_stop() -> None:
        for worker in multiprocessing.active_children():
            os.kill(worker.pid, signal.SIGINT)  # pyright: ignore[reportArgumentType]

    assert len(list(ProcessEngine(2).run(TASKS[:4], check_stop))) == 4


def test_ray_gives_the_same_episodes() -> None:
    """A cluster of two processors on this machine."""
    pytest.importorskip("ray")
    _assert_same(_run(ProcessEngine(1)), _run(RayEngine(2)))


def test_ray_leaves_sigterm_to_the_program() -> None:
    """A run that is asked to end finishes what it is at."""
    pytest.importorskip("ray")
    asked: list[int] = []

    def check_stop() -> None:
        if not asked:
            signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    try:
        assert len(list(RayEngine(1).run(TASKS[:1], check_stop))) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert asked == [signal.SIGTERM]


def test_an_address_without_a_cluster_is_refused() -> None:
    """Told in one line."""
    pytest.importorskip("ray")
    with pytest.raises(ConfigError, match="no Ray cluster there") as caught:
        _run(RayEngine(1, "127.0.0.1:1"), TASKS[:1])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stop_ends_the_run_between_episodes(jobs: int) -> None:
    """What came before it was yielded."""
    finished: list[EvaluatedEpisode] = []

    def check_stop() -> None:
        if len(finished) >= 2:
            raise _Stop

    with pytest.raises(_Stop):
        for episode in ProcessEngine(jobs).run(TASKS, check_stop):
            finished.append(episode)
    assert 2 <= len(finished) < len(TASKS)


def test_a_worker_that_dies_is_told() -> None:
    """As a crash in compiled code, or the kernel for want of memory, ends it."""
    crash = EpisodeTask("bad_policies:Crashes", 0, SceneTier())
    with pytest.raises(EvaluationError, match=r"has died.*finished episodes are kept"):
        _run(ProcessEngine(2), [TASKS[0], crash])


def test_a_scene_that_cannot_be_built_ends_the_run() -> None:
    """The reason comes from the worker unchanged."""
    broken = EpisodeTask("ik", 0, SceneTier(nominal=SceneConfig(robot_model="/nowhere.xml")))
    for jobs in (1, 2):
        with pytest.raises(AssetError, match=r"'/nowhere\.xml' is not a file"):
            _run(ProcessEngine(jobs), [broken, broken])
