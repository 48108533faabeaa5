"""Physics inside the simulation loop, against a bare loop of the same steps."""

import time

import mujoco
import numpy as np

from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.recorded_episode import RecordedEpisode, build_simulator, record_episode
from so101_ros.simulation.backend import MujocoBackend


def measure_physics(ticks: int = 105, repeats: int = 9) -> list[Figure]:
    """Replay one episode in both loops, in turn.

    Args:
        ticks: Policy ticks of the episode; it is solved after about 105.
        repeats: How often each loop runs; the median counts.

    Returns:
        Steps per second of both loops, their ratio, and simulated time per wall time.
    """
    episode = record_episode(seed=0, ticks=ticks)
    pairs = [(time_bare(episode), _time_inside(episode)) for _ in range(repeats)]
    bare_s, inside_s = np.median(pairs, axis=0)
    rates = MujocoBackend().config.rates
    steps = len(episode.q_targets) * rates.physics_steps_per_control
    note = f"median of {repeats} replays of {ticks / rates.policy_hz:.1f} s"
    return [
        Figure("physics, bare mj_step loop", steps / bare_s, "steps/s", note),
        Figure("physics, inside the simulator", steps / inside_s, "steps/s", note),
        Figure("physics, inside / bare", bare_s / inside_s, "", "1 is no overhead"),
        Figure(
            "simulated time per wall time, state only",
            steps / rates.physics_hz / inside_s,
            "s/s",
            "follower and physics",
        ),
    ]


def time_bare(episode: RecordedEpisode) -> float:
    """Step through a recorded episode, and do nothing else.

    Args:
        episode: Gives start and servo targets.

    Returns:
        Wall time of the steps, in [s].
    """
    backend = build_simulator(episode.seed).backend
    model, data, rates = backend.model, backend.data, backend.config.rates
    steps = rates.physics_steps_per_control
    began_s = time.perf_counter()
    for q_target in episode.q_targets:
        data.ctrl[:] = q_target
        mujoco.mj_step(model, data, steps)
    return time.perf_counter() - began_s


def _time_inside(episode: RecordedEpisode) -> float:
    """Wall time of the same steps behind the follower, in [s]."""
    simulator = build_simulator(episode.seed)
    ticks = simulator.rates.control_ticks_per_policy
    began_s = time.perf_counter()
    for command in episode.commands:
        simulator.accept(command)
        simulator.advance(ticks)
    return time.perf_counter() - began_s
