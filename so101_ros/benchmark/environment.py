"""The Gymnasium environment, with observation and reward, against a bare loop of the same steps."""

import time
from collections.abc import Sequence
from contextlib import closing

import numpy as np

from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.physics import time_bare
from so101_ros.benchmark.recorded_episode import record_episode
from so101_ros.envs.images import ImageSettings
from so101_ros.envs.paper_return import PaperReturnEnv
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.simulation.lock_step_world import LockStepWorld

SEED = 0


def measure_environment(ticks: int = 105, repeats: int = 9) -> list[Figure]:
    """Replay one solved episode in the environment and in a bare loop, in turn.

    Args:
        ticks: Policy ticks of the episode; it is solved after about 105.
        repeats: How often each loop runs; the median counts.

    Returns:
        Steps per second of both and their ratio, simulated time per wall time, and steps per second
        with an image in every observation.

    Raises:
        RenderError: If this machine cannot render.
    """
    episode = record_episode(SEED, ticks)
    actions = record_actions(ticks)
    pairs = [(time_bare(episode), time_environment(actions)) for _ in range(repeats)]
    bare_s, inside_s = np.median(pairs, axis=0)
    image_s = float(np.median([time_environment(actions, ImageSettings()) for _ in range(3)]))
    rates = LockStepWorld.build().simulator.rates
    steps = len(episode.q_targets) * rates.physics_steps_per_control
    note = f"median of {repeats} replays of {ticks / rates.policy_hz:.1f} s"
    return [
        Figure("physics, bare mj_step loop", steps / bare_s, "steps/s", note),
        Figure("environment, state only", ticks / inside_s, "ticks/s", note),
        Figure(
            "environment / bare mj_step",
            float(np.median([bare / inside for bare, inside in pairs])),
            "",
            "command, observation, reward, info",
        ),
        Figure(
            "environment, simulated time per wall time", ticks / rates.policy_hz / inside_s, "s/s"
        ),
        Figure("environment, one image 224x224", ticks / image_s, "ticks/s", "median of 3"),
    ]


def record_actions(ticks: int) -> list[np.ndarray]:
    """Solve an episode in the environment.

    Args:
        ticks: Policy ticks to run.

    Returns:
        The base policy's targets for the end of each tick, in [rad].
    """
    env, policy = PaperReturnEnv(LockStepWorld.build()), PressAndDragPolicy()
    env.reset(seed=SEED)
    policy.reset(SEED)
    actions = []
    for _ in range(ticks):
        actions.append(policy.act(env.world.observation).rows[1])
        env.step(actions[-1])
    return actions


def time_environment(actions: Sequence[np.ndarray], images: ImageSettings | None = None) -> float:
    """Step through the recorded episode.

    Args:
        actions: What to do at each tick.
        images: Pictures in every observation; None for the state alone.

    Returns:
        Wall time of the steps alone, in [s].
    """
    with closing(PaperReturnEnv(LockStepWorld.build(), images=images)) as env:
        env.reset(seed=SEED)  # the first image opens the GL context
        began_s = time.perf_counter()
        for action in actions:
            env.step(action)
        return time.perf_counter() - began_s
