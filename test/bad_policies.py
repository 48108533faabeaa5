"""Policies that do what a policy must not, each to be found by an evaluation."""

import os
import signal

import numpy as np

from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.policies.hold import HoldPolicy
from so101_ros.simulation.config import SceneConfig
from so101_ros.trajectory import JointTrajectory, hold


class _BadPolicy(HoldPolicy):
    """Behaves for ten ticks and then does its worst."""

    def __init__(self, config: SceneConfig) -> None:
        del config  # Unused.
        super().__init__()

    def reset(self, seed: int) -> None:
        super().reset(seed)
        self.seed, self.tick = seed, 0

    def act(self, observation: Observation) -> JointTrajectory:
        self.tick += 1
        return super().act(observation) if self.tick <= 10 else self._worst(observation)

    def _worst(self, observation: Observation) -> JointTrajectory:
        raise NotImplementedError


class Raises(_BadPolicy):
    """Raises something of its own."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        raise KeyError("video.front")


class RaisesAtOddSeeds(_BadPolicy):
    """Fails every other time."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        if self.seed % 2:
            raise RuntimeError("out of\nmemory")
        return hold(observation.stamp_ns, observation.joints.q)


class AnswersNan(_BadPolicy):
    """Not a number."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        return hold(observation.stamp_ns, np.full(6, np.nan))


class AnswersSevenJoints(_BadPolicy):
    """One joint too many."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        return JointTrajectory(observation.stamp_ns, np.zeros(1), np.zeros((1, 7)))


class AnswersArray(_BadPolicy):
    """An array, as policies of other packages answer."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        return np.zeros(6)  # pyright: ignore[reportReturnType]


class AnswersYesterday(_BadPolicy):
    """An answer to an observation that nobody asked about."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        return hold(observation.stamp_ns - 1, observation.joints.q)


class CannotBegin(_BadPolicy):
    """Fails before the first tick."""

    def reset(self, seed: int) -> None:
        """Raise."""
        raise OSError("no such checkpoint")


class CannotBeMade(_BadPolicy):
    """Fails before there is a policy."""

    def __init__(self, config: SceneConfig) -> None:
        """Raise."""
        raise RuntimeError("no such checkpoint")


class NeverThere(_BadPolicy):
    """A server that does not answer."""

    def act(self, observation: Observation) -> JointTrajectory:
        """Have no answer."""
        raise PolicyUnavailable("connection refused")


class GivesUp(_BadPolicy):
    """Has no answer any more, and says so."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        raise PolicyUnavailable("the hand cannot follow")


class AnswersDegrees(_BadPolicy):
    """Radians taken for degrees."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        return hold(observation.stamp_ns, np.degrees(observation.joints.q))


class Crashes(_BadPolicy):
    """Takes its process with it, as a bug in compiled code does."""

    def _worst(self, observation: Observation) -> JointTrajectory:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")
