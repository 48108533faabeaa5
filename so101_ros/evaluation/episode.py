"""What one evaluated episode came to, and everything that happened in it."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from so101_ros.task.measures import PaperMeasures


class Ending(str, Enum):
    """How an episode ended."""

    SUCCESS = "success"
    TIME_LIMIT = "time_limit"
    POLICY_ERROR = "policy_error"
    SIMULATION_UNSTABLE = "simulation_unstable"

    @property
    def broken(self) -> bool:
        """Whether the episode says nothing about the policy, since that or the physics broke."""
        return self in (Ending.POLICY_ERROR, Ending.SIMULATION_UNSTABLE)


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeTrace:
    """An episode, policy tick by policy tick: n ticks between n + 1 states.

    Attributes:
        q: True joint positions in [rad]. Shape (n + 1, 6).
        measured_q: Joint positions as they were measured, in [rad]. Shape (n + 1, 6).
        paper: True pose of the sheet: position in [m], quaternion w, x, y, z. Shape (n + 1, 7).
        actions: Joint targets that the policy wanted for the end of each tick, in [rad]; NaN where
            it had no answer. Shape (n, 6).
        commands: Joint targets that were sent for the end of each tick, in [rad]. Shape (n, 6).
        rewards: Reward terms of each tick, in the order of ``reward_names``. Shape (n, k).
        inference_s: Wall time of the policy's answers in [s]. Shape (n,).
        reward_names: Names of the reward terms; k of them.
        policy_hz: Ticks per second.
    """

    q: np.ndarray
    measured_q: np.ndarray
    paper: np.ndarray
    actions: np.ndarray
    commands: np.ndarray
    rewards: np.ndarray
    inference_s: np.ndarray
    reward_names: tuple[str, ...]
    policy_hz: int

    @property
    def times_s(self) -> np.ndarray:
        """Time of each state since the episode began, in [s]. Shape (n + 1,)."""
        return np.arange(len(self.q)) / self.policy_hz

    @property
    def answer_times_s(self) -> np.ndarray:
        """Wall time of the policy's answers, without the ticks at which it had none, in [s]."""
        return self.inference_s[self.answered]

    @property
    def answered(self) -> np.ndarray:
        """Whether the policy had an answer at each tick. Shape (n,)."""
        return np.logical_not(np.isnan(self.actions).any(axis=1))

    def to_arrays(self) -> dict[str, Any]:
        """Plain arrays for a file; :meth:`from_arrays` reads them back."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_arrays(cls, arrays: Any) -> "EpisodeTrace":
        """Read plain arrays.

        Args:
            arrays: What :meth:`to_arrays` wrote, by name.

        Raises:
            KeyError: If one is missing.
        """
        values = {name: arrays[name] for name in cls.__slots__}
        values["reward_names"] = tuple(str(name) for name in values["reward_names"])
        values["policy_hz"] = int(values["policy_hz"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """What one evaluated episode came to.

    Attributes:
        policy: Who was tried, as it was asked for on the command line.
        seed: What the episode was drawn with.
        ending: How it ended.
        message: Why it did not succeed; empty after a success.
        ticks: Policy ticks that ran.
        unavailable_ticks: Ticks at which the policy had no answer.
        clipped_ticks: Ticks at which the policy wanted a joint beyond its limits; many of them are
            a sign of wrong units.
        episode_return: Sum of all rewards.
        time_to_success_s: Simulated time in [s]; None without success.
        final: The sheet at the end, compared with the goal.
        min_distance: Smallest distance of the sheet to the goal, in [m].
        inference_mean_s: Mean wall time of the policy's answers in [s]; None without an answer.
        inference_p50_s: Median in [s].
        inference_p99_s: 99th percentile in [s].
        wall_s: Wall time of the whole episode in [s].
    """

    policy: str
    seed: int
    ending: Ending
    message: str
    ticks: int
    unavailable_ticks: int
    clipped_ticks: int
    episode_return: float
    time_to_success_s: float | None
    final: PaperMeasures
    min_distance: float
    inference_mean_s: float | None
    inference_p50_s: float | None
    inference_p99_s: float | None
    wall_s: float

    @property
    def success(self) -> bool:
        """Whether the sheet was returned."""
        return self.ending is Ending.SUCCESS


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedEpisode:
    """One evaluated episode.

    Attributes:
        result: What it came to.
        trace: Everything that happened in it.
        traceback: Where in its code the policy failed; empty without a policy error.
    """

    result: EpisodeResult
    trace: EpisodeTrace
    traceback: str = ""
