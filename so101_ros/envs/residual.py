"""Learn a correction of a policy that already works."""

from numbers import Real
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from so101_ros.arm import NUM_JOINTS
from so101_ros.envs.paper_return import Observed, PaperReturnEnv
from so101_ros.errors import CommandError, ConfigError
from so101_ros.policies.answer import Answer, ask, begin
from so101_ros.policies.base import Policy
from so101_ros.rates import NANOSECONDS
from so101_ros.task.reward import RESIDUAL_TERM
from so101_ros.task.state_vector import STATE_SIZE

SCALE = 0.02  # [rad]


class ResidualWrapper(gymnasium.Wrapper[np.ndarray, np.ndarray, Observed, np.ndarray]):
    """Add a small correction to what a base policy wants.

    ``total = base + alpha * scale * action``, where the base is sampled at the end of the tick. The
    learner sees the state alone, also when the environment within has images. Without an answer of
    the base, the last total target is held and nothing is added.

    Attributes:
        base_policy: Who is corrected; it begins every episode with the episode's seed.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        base_policy: Policy,
        alpha: float = 1.0,
        scale: float = SCALE,
    ) -> None:
        """Put a base policy between the learner and the environment.

        Args:
            env: A :class:`PaperReturnEnv`, or wrappers around one.
            base_policy: Who is corrected.
            alpha: Share of the correction that is applied, in [0, 1].
            scale: Correction at an action of 1, in [rad].

        Raises:
            ConfigError: If there is no paper-return environment within, or a number is not allowed.
        """
        super().__init__(env)
        inner = env.unwrapped
        if not isinstance(inner, PaperReturnEnv):
            raise ConfigError(f"a residual needs a PaperReturnEnv within, got {inner}")
        if not (isinstance(scale, Real) and 0.0 < scale < np.inf):
            raise ConfigError(f"scale must be above 0 rad and finite, got {scale!r}")
        self.base_policy = base_policy
        self.alpha = alpha
        self.action_space = spaces.Box(-1.0, 1.0, (NUM_JOINTS,), np.float32)
        self.observation_space = spaces.Box(-np.inf, np.inf, (STATE_SIZE,), np.float32)
        self._inner = inner
        self._scale = scale
        self._tick_s = inner.task.rates.policy_period_s
        self._tick_ns = round(self._tick_s * NANOSECONDS)

    @property
    def alpha(self) -> float:
        """Share of the correction that is applied, in [0, 1]; assign to change it at any tick."""
        return self._alpha

    @alpha.setter
    def alpha(self, alpha: float) -> None:
        if not (isinstance(alpha, Real) and 0.0 <= alpha <= 1.0):
            raise ConfigError(f"alpha must be in [0, 1], got {alpha!r}")
        self._alpha = alpha

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode; the base begins with its seed.

        Args:
            seed: Which one; None draws the next one's seed.
            options: Handed on.

        Returns:
            State and info.

        Raises:
            PolicyFailure: If the base cannot begin.
        """
        observed, info = self.env.reset(seed=seed, options=options)
        begin(self.base_policy, info["seed"])
        self._total = self._inner.world.observation.joints.q
        self._tell(info, self._total, np.zeros(NUM_JOINTS), 0.0, "")
        return _state(observed), info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Run one policy tick.

        Args:
            action: Correction, as a share of the scale, in [-1, 1]. Shape (6,).

        Returns:
            State, reward, whether the sheet is returned, whether time is up, info.

        Raises:
            CommandError: If the action is not six numbers in [-1, 1]; nothing moves then.
            PolicyFailure: If the base fails; nothing moves then.
        """
        share = _read(action)
        answer = ask(self.base_policy, self._inner.world.observation)
        base, share = self._add_up(answer, share)
        residual = self._alpha * self._scale * share
        self._total = base + residual
        observed, reward, terminated, truncated, info = self.env.step(self._total)
        weight = self._inner.task.weights.residual_size
        size = -weight * self._tick_s * float(np.mean(share * share))
        if info["simulation_unstable"]:
            size = 0.0  # nobody is judged then
        self._tell(info, base, residual, size, answer.reason)
        return _state(observed), float(reward) + size, terminated, truncated, info

    def _add_up(self, answer: Answer, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Target of the base, and what may be added to it."""
        if answer.action is None:
            return self._total, np.zeros(NUM_JOINTS)
        return answer.action.sample(answer.action.stamp_ns + self._tick_ns), share

    def _tell(
        self,
        info: dict[str, Any],
        base: np.ndarray,
        residual: np.ndarray,
        size: float,
        reason: str,
    ) -> None:
        info["base_action"] = base.copy()
        info["residual_action"] = residual
        info["total_action"] = self._total.copy()
        info["base_available"] = not reason
        info["base_reason"] = reason
        info["reward_terms"][RESIDUAL_TERM] = size


def _read(action: np.ndarray) -> np.ndarray:
    share = np.asarray(action, dtype=np.float64)
    if share.shape != (NUM_JOINTS,) or not (np.abs(share) <= 1.0).all():
        raise CommandError(f"a residual action is {NUM_JOINTS} numbers in [-1, 1], got {action!r}")
    return share


def _state(observed: Observed) -> np.ndarray:
    return observed["state"] if isinstance(observed, dict) else observed
