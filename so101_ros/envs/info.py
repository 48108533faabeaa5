"""What an environment tells beside the observation; every entry is always there, and finite."""

from typing import TypedDict

import numpy as np


class StepInfo(TypedDict):
    """Entries of ``info``, after ``reset`` as after ``step``.

    Attributes:
        is_success: Whether the sheet has stayed inside the frame for long enough (the key that
            Stable-Baselines3 reads).
        distance_to_goal: Sheet to goal, centre to centre, in [m].
        yaw_error: Turn that is left, mod pi, in [rad].
        margin: Smallest signed distance of a corner to the outer edge of the tape, in [m].
        reward_terms: What this tick was worth, by term; the reward is their sum.
        seed: Seed of this episode; ``reset(seed=seed)`` begins it again.
        ticks: Policy ticks of the episode so far.
        command: Joint targets that the guard sent for the end of this tick, in [rad]. Shape (6,).
        clipped: Whether they differ from the action: joint limits, speed limits, first ramp.
        simulation_unstable: Whether the physics became unstable in this tick. Everything else is
            then of the tick before, the reward is 0 and the episode is truncated.
    """

    is_success: bool
    distance_to_goal: float
    yaw_error: float
    margin: float
    reward_terms: dict[str, float]
    seed: int
    ticks: int
    command: np.ndarray
    clipped: bool
    simulation_unstable: bool


class ResidualInfo(StepInfo):
    """Entries of ``info`` behind a :class:`~so101_ros.envs.residual.ResidualWrapper`.

    Attributes:
        base_action: What the base wanted for the end of this tick in [rad], or what is held instead
            while it has no answer. Shape (6,).
        residual_action: The correction that was added to it, in [rad]. Shape (6,).
        total_action: Their sum, in [rad]. Shape (6,).
        base_available: Whether the base had an answer.
        base_reason: Why it had none; empty if it had one.
    """

    base_action: np.ndarray
    residual_action: np.ndarray
    total_action: np.ndarray
    base_available: bool
    base_reason: str
