"""One solved episode, kept to be replayed: realistic contacts for every measurement."""

from dataclasses import dataclass

import numpy as np

from so101_ros.control.follower import CommandFollower
from so101_ros.observation import Observation
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.simulator import Simulator
from so101_ros.trajectory import JointTrajectory


@dataclass(frozen=True, slots=True)
class RecordedEpisode:
    """An episode, policy tick by policy tick.

    Attributes:
        seed: Seed of the sheet's start pose.
        observations: What the policy saw.
        commands: What the arm was commanded.
        q_targets: Servo targets in [rad], one row per control tick. Shape (n, 6).
        states: MuJoCo's full physics state after each policy tick.
    """

    seed: int
    observations: tuple[Observation, ...]
    commands: tuple[JointTrajectory, ...]
    q_targets: np.ndarray
    states: tuple[np.ndarray, ...]


class _ListeningBackend(MujocoBackend):
    """Remember every servo target."""

    def __init__(self) -> None:
        super().__init__()
        self.q_targets: list[np.ndarray] = []

    def step(self, q_targets: np.ndarray) -> None:
        self.q_targets.append(q_targets.copy())
        super().step(q_targets)


def build_simulator(seed: int, backend: MujocoBackend | None = None) -> Simulator:
    """Begin an episode in the nominal scene.

    Args:
        seed: Seed of the sheet's start pose.
        backend: The physics; None for a new one.

    Returns:
        The simulation in lock-step, as the environment and the graph run it.
    """
    physics = backend or MujocoBackend()
    return Simulator(physics, CommandFollower(physics.arm), seed=seed, lock_step=True)


def record_episode(seed: int, ticks: int) -> RecordedEpisode:
    """Run the policy and keep everything.

    Args:
        seed: Seed of the sheet's start pose.
        ticks: Policy ticks to run.

    Returns:
        The episode.
    """
    backend = _ListeningBackend()
    simulator = build_simulator(seed, backend)
    policy = PressAndDragPolicy()
    policy.reset(seed)
    world = LockStepWorld(simulator)
    observations, commands, states = [], [], []
    for _ in range(ticks):
        observations.append(world.observation)
        commands.append(world.step(policy.act(world.observation)).command)
        states.append(backend.state)
    return RecordedEpisode(
        seed,
        tuple(observations),
        tuple(commands),
        np.concatenate(backend.q_targets),
        tuple(states),
    )
