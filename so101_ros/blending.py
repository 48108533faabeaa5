"""Blend what the policies want into one joint target.

``command = w_ik * ik + w_groot * groot + alpha * residual`` with ``w_ik + w_groot = 1``. Every
source answers with a chunk of timed rows, and every chunk is sampled at the time for which the
blend is made: an answer that comes late has lost its first rows, it never delays the arm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.arm import NUM_JOINTS
from so101_ros.blend_settings import Base, BlendSettings
from so101_ros.errors import CommandError
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointOffsets, JointTrajectory

END_GRACE_S = 0.1
"""How long the last row of a chunk is worth repeating: three policy ticks."""

FUTURE_TOLERANCE_S = 2.0
"""How far a chunk may be ahead of the joint states; the first answer after a reset may overtake
them by the reset's gap, which is at most 1.5 s."""

AHEAD_S = 0.25
"""How far a chunk may be ahead of the joint states and yet be used. Its own joint state may still
be on the way; further ahead it belongs to another epoch, or to another clock."""

RESIDUAL = "residual"
"""Name of the residual term."""


class BlendState(str, Enum):
    """What became of the configured weights."""

    BLENDED = "blended"
    FALLBACK = "fallback"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """One blend, with everything it was made of.

    Attributes:
        state: Whether the configured weights were used.
        reason: Why not; empty when blended.
        weights: Weights that were used, by term (ik, groot, residual).
        ages_s: Age of each term's chunk in [s], None without one.
        terms: Each weighted term in [rad], shape (n, 6); empty in a hold.
        total: Sum of the terms in [rad], shape (n, 6); None in a hold.
    """

    state: BlendState
    reason: str
    weights: Mapping[str, float]
    ages_s: Mapping[str, float | None]
    terms: Mapping[str, np.ndarray]
    total: np.ndarray | None


class Blender:
    """Keep the newest chunk of every source and mix those that are fresh.

    A base with weight that is stale hands all weight to the other base, if that one is being
    published, even with a configured weight of 0: a running policy is a better answer than none. A
    stale residual is an offset of 0. Without a fresh base there is no blend and the arm must hold.
    """

    def __init__(self, settings: BlendSettings | None = None) -> None:
        """Begin without any chunk.

        Args:
            settings: How the sources are mixed; None for the defaults.
        """
        self.settings = settings or BlendSettings()
        self._chunks: dict[str, JointTrajectory | JointOffsets] = {}
        self._answered_ns: dict[str, int] = {}
        self._epoch_ns: int | None = None
        self._now_ns: int | None = None

    @property
    def settings(self) -> BlendSettings:
        """How the sources are mixed; assign to change."""
        return self._settings

    @settings.setter
    def settings(self, settings: BlendSettings) -> None:
        self._settings = settings
        self._cap = np.array(settings.residual_cap)

    def accept(self, base: Base, action: JointTrajectory) -> None:
        """Take the newest chunk of a base.

        Args:
            base: Who answers.
            action: Absolute targets.

        Raises:
            CommandError: If it is from before the epoch or the last chunk, or from the future.
        """
        self._keep(base.value, action)

    def accept_residual(self, offsets: JointOffsets) -> None:
        """Take the newest chunk of the residual policy.

        Args:
            offsets: Corrections to the base.

        Raises:
            CommandError: If it is from before the epoch or the last chunk, or from the future.
        """
        self._keep(RESIDUAL, offsets)

    def decline(self, base: Base, stamp_ns: int) -> None:
        """Note that a base has no answer to an observation.

        Its chunk before stays in use until it is stale; nobody waits for this answer.

        Args:
            base: Who has no answer.
            stamp_ns: Stamp of the observation, in [ns].
        """
        self._answered_ns[base.value] = stamp_ns

    def begin_epoch(self, start_ns: int) -> None:
        """Drop every chunk that does not belong to the epoch that begins.

        Args:
            start_ns: First joint-state stamp of the epoch, in [ns].
        """
        self._epoch_ns = self._now_ns = start_ns
        latest_ns = start_ns + _FUTURE_TOLERANCE_NS
        for name, chunk in list(self._chunks.items()):
            if not start_ns <= chunk.stamp_ns <= latest_ns:
                del self._chunks[name]

    def has_answers_for(self, stamp_ns: int, *, with_residual: bool = False) -> bool:
        """Whether everyone with a weight has answered one observation.

        Args:
            stamp_ns: Stamp of the observation, in [ns].
            with_residual: Whether the residual's answer counts too.

        Returns:
            Whether there is nothing left to wait for.
        """
        return not self.missing_answers(stamp_ns, with_residual=with_residual)

    def missing_answers(self, stamp_ns: int, *, with_residual: bool = False) -> list[str]:
        """Name the terms with a weight that have not answered one observation.

        Args:
            stamp_ns: Stamp of the observation, in [ns].
            with_residual: Whether the residual's answer counts too.
        """
        expected = [name for name, weight in self._base_weights().items() if weight > 0.0]
        if with_residual:
            expected.append(RESIDUAL)
        return [name for name in expected if self._answered_ns.get(name) != stamp_ns]

    def blend(self, now_ns: int, stamps_ns: np.ndarray) -> Blend:
        """Mix the fresh chunks.

        Args:
            now_ns: Stamp of the latest joint state, in [ns]; ages count from here.
            stamps_ns: Times at which to sample, in [ns]. Shape (n,).

        Returns:
            The blend, or a hold with the reason.
        """
        self._now_ns = now_ns
        state, weights, reason = self._choose_weights(now_ns)
        ages_s = {name: self._age_s(name, now_ns) for name in (*_BASE_NAMES, RESIDUAL)}
        if state is BlendState.HOLD:
            return Blend(state, reason, weights, ages_s, {}, None)
        terms = {name: self._weighted(name, weights[name], stamps_ns) for name in weights}
        if weights[RESIDUAL] > 0.0:
            terms[RESIDUAL] = np.minimum(np.maximum(terms[RESIDUAL], -self._cap), self._cap)
        first, *others = (terms[name] for name, weight in weights.items() if weight > 0.0)
        total = sum(others, first)
        return Blend(state, reason, weights, ages_s, terms, total)

    def _keep(self, name: str, chunk: JointTrajectory | JointOffsets) -> None:
        if self._epoch_ns is not None and chunk.stamp_ns < self._epoch_ns:
            raise CommandError(
                f"{name} is stamped {_seconds(chunk.stamp_ns)}, before the epoch that began at "
                f"{_seconds(self._epoch_ns)}; only answers to newer observations may move the arm"
            )
        if self._now_ns is not None and chunk.stamp_ns > self._now_ns + _FUTURE_TOLERANCE_NS:
            raise CommandError(
                f"{name} is stamped {_seconds(chunk.stamp_ns)} but it is "
                f"{_seconds(self._now_ns)}; stamp it with the joint state it was computed from"
            )
        held = self._chunks.get(name)
        if held is not None and chunk.stamp_ns < held.stamp_ns and not self._is_ahead(held):
            raise CommandError(
                f"{name} is stamped {_seconds(chunk.stamp_ns)}, older than the one before "
                f"({_seconds(held.stamp_ns)}); is there a second publisher?"
            )
        self._chunks[name] = chunk
        self._answered_ns[name] = chunk.stamp_ns

    def _is_ahead(self, chunk: JointTrajectory | JointOffsets) -> bool:
        """Whether a chunk is too far ahead to be used, or to shut out those that belong to now."""
        return self._now_ns is not None and chunk.stamp_ns > self._now_ns + _AHEAD_NS

    def _base_weights(self) -> dict[str, float]:
        groot_weight = self.settings.groot_weight
        return {"ik": 1.0 - groot_weight, "groot": groot_weight}

    def _choose_weights(self, now_ns: int) -> tuple[BlendState, dict[str, float], str]:
        """Weights that what is fresh allows, and why they are not the configured ones."""
        weights = self._base_weights()
        fresh = [name for name in weights if self._is_fresh(name, now_ns)]
        missing = [name for name, weight in weights.items() if weight > 0.0 and name not in fresh]
        state = BlendState.BLENDED
        if missing:
            state = BlendState.FALLBACK if fresh else BlendState.HOLD
            weights = {name: 1.0 if name in fresh else 0.0 for name in weights}
        weights[RESIDUAL] = self.settings.alpha if self._is_fresh(RESIDUAL, now_ns) else 0.0
        return state, weights, "; ".join(self._describe(name, now_ns) for name in missing)

    def _is_fresh(self, name: str, now_ns: int) -> bool:
        chunk = self._chunks.get(name)
        if chunk is None:
            return False
        timeout_ns = self.settings.timeout_s(name) * NANOSECONDS
        young = now_ns - chunk.stamp_ns <= timeout_ns and now_ns <= chunk.end_ns + _END_GRACE_NS
        return young and not self._is_ahead(chunk)

    def _age_s(self, name: str, now_ns: int) -> float | None:
        chunk = self._chunks.get(name)
        return None if chunk is None else (now_ns - chunk.stamp_ns) / NANOSECONDS

    def _describe(self, name: str, now_ns: int) -> str:
        age_s = self._age_s(name, now_ns)
        if age_s is None:
            return f"no {name} action in this epoch"
        if age_s < -AHEAD_S:
            return f"the {name} action is stamped {-age_s:.2f} s ahead (limit {AHEAD_S:g} s)"
        timeout_s = self.settings.timeout_s(name)
        if age_s > timeout_s:
            return f"the {name} action is {age_s:.2f} s old (limit {timeout_s:g} s)"
        return f"the {name} action ended more than {END_GRACE_S:g} s ago"

    def _weighted(self, name: str, weight: float, stamps_ns: np.ndarray) -> np.ndarray:
        if weight == 0.0:
            return np.zeros((len(stamps_ns), NUM_JOINTS))
        return weight * self._chunks[name].sample_many(stamps_ns)


_BASE_NAMES = tuple(base.value for base in Base)
_END_GRACE_NS = round(END_GRACE_S * NANOSECONDS)
_AHEAD_NS = round(AHEAD_S * NANOSECONDS)
_FUTURE_TOLERANCE_NS = round(FUTURE_TOLERANCE_S * NANOSECONDS)


def _seconds(stamp_ns: int) -> str:
    return f"{stamp_ns / NANOSECONDS:.3f} s"
