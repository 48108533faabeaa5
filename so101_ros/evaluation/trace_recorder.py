"""Collect an episode tick by tick, wherever it runs."""

from collections.abc import Mapping

import numpy as np

from so101_ros.arm import NUM_JOINTS, ArmSpec
from so101_ros.evaluation.episode import Ending, EpisodeResult, EpisodeTrace
from so101_ros.evaluation.inference_time import InferenceTime
from so101_ros.pose import Pose
from so101_ros.task.measures import measure
from so101_ros.task.reward import TASK_TERMS

_NO_ANSWER = np.full(NUM_JOINTS, np.nan)


class TraceRecorder:
    """What happened so far in one episode."""

    def __init__(self, policy_hz: int) -> None:
        """Begin an episode.

        Args:
            policy_hz: Ticks per second.
        """
        self._policy_hz = policy_hz
        self._q: list[np.ndarray] = []
        self._measured_q: list[np.ndarray] = []
        self._paper: list[np.ndarray] = []
        self._actions: list[np.ndarray] = []
        self._commands: list[np.ndarray] = []
        self._rewards: list[list[float]] = []
        self._inference_s: list[float] = []

    @property
    def states(self) -> int:
        """States so far: one more than ticks, once the episode has begun."""
        return len(self._q)

    @property
    def ticks(self) -> int:
        """Policy ticks so far."""
        return len(self._actions)

    @property
    def answers(self) -> int:
        """Ticks so far at which the policy had an answer."""
        return sum(action is not _NO_ANSWER for action in self._actions)

    def add_state(self, q: np.ndarray, measured_q: np.ndarray, paper: Pose) -> None:
        """Take in the state at the start, and then the one after each tick.

        Args:
            q: True joint positions in [rad]. Shape (6,).
            measured_q: Joint positions as they were measured in [rad]. Shape (6,).
            paper: True pose of the sheet.
        """
        self._q.append(q)
        self._measured_q.append(measured_q)
        self._paper.append(np.concatenate([paper.position, paper.quaternion]))

    def add_tick(
        self,
        action: np.ndarray | None,
        command: np.ndarray,
        reward_terms: Mapping[str, float],
        inference_s: float,
    ) -> None:
        """Take in one tick.

        Args:
            action: Joint targets that the policy wanted for its end in [rad], shape (6,); None
                without an answer.
            command: Joint targets that were sent for its end, in [rad]. Shape (6,).
            reward_terms: What it was worth, by every term of the task.
            inference_s: Wall time of the policy's answer in [s].
        """
        self._actions.append(_NO_ANSWER if action is None else action)
        self._commands.append(command)
        self._rewards.append([reward_terms[name] for name in TASK_TERMS])
        self._inference_s.append(inference_s)

    def trace(self) -> EpisodeTrace:
        """Everything that happened so far."""
        return EpisodeTrace(
            q=np.array(self._q),
            measured_q=np.array(self._measured_q),
            paper=np.array(self._paper),
            actions=np.array(self._actions).reshape(-1, NUM_JOINTS),
            commands=np.array(self._commands).reshape(-1, NUM_JOINTS),
            rewards=np.array(self._rewards).reshape(-1, len(TASK_TERMS)),
            inference_s=np.array(self._inference_s),
            reward_names=TASK_TERMS,
            policy_hz=self._policy_hz,
        )


def conclude(
    trace: EpisodeTrace,
    policy: str,
    seed: int,
    ending: Ending,
    message: str,
    arm: ArmSpec,
    wall_s: float,
) -> EpisodeResult:
    """Sum an episode up.

    Args:
        trace: What happened in it.
        policy: Who was tried, as it was asked for.
        seed: What it was drawn with.
        ending: How it ended.
        message: Why it did not succeed; empty after a success.
        arm: Whose limits the policy should keep.
        wall_s: Wall time of the whole episode in [s].
    """
    measures = [measure(Pose(row[:3], row[3:]).planar) for row in trace.paper]
    mean_s, p50_s, p99_s = InferenceTime.of(trace.answer_times_s) or (None, None, None)
    ticks = len(trace.actions)
    return EpisodeResult(
        policy=policy,
        seed=seed,
        ending=ending,
        message=message,
        ticks=ticks,
        unavailable_ticks=int((~trace.answered).sum()),
        clipped_ticks=_count_clipped(trace, arm),
        episode_return=float(trace.rewards.sum()),
        time_to_success_s=ticks / trace.policy_hz if ending is Ending.SUCCESS else None,
        final=measures[-1],
        min_distance=min(each.distance_to_goal for each in measures),
        inference_mean_s=mean_s,
        inference_p50_s=p50_s,
        inference_p99_s=p99_s,
        wall_s=wall_s,
    )


def _count_clipped(trace: EpisodeTrace, arm: ArmSpec) -> int:
    with np.errstate(invalid="ignore"):
        beyond = (trace.actions < arm.lower) | (trace.actions > arm.upper)
    return int(beyond.any(axis=1).sum())
