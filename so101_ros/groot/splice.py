"""Put a new chunk in the place of the one that is being executed, without a jump."""

from dataclasses import dataclass

import numpy as np

from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointTrajectory

LEAST_KNOT_S = 1e-4
"""Rows closer to the seam than this are dropped: two rows need a time between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Splice:
    """A new chunk, joined to the one before.

    Attributes:
        plan: What to execute from now on; stamped with the new chunk's observation.
        skipped: Rows of the new chunk that were past already.
        seam_jump: How far the new chunk was from the old one at the seam, before they were faded
            into each other, in [rad]. Shape (6,); None without an old one.
    """

    plan: JointTrajectory
    skipped: int
    seam_jump: np.ndarray | None


def splice(
    old: JointTrajectory | None, new: JointTrajectory, now_ns: int, fade_s: float
) -> Splice | None:
    """Join a new chunk to the old one at a time.

    Both are sampled at the same moments: what the new one has to say about the past is skipped.
    From now on, for the length of the fade, the weight moves linearly from the old to the new one.

    Args:
        old: What is being executed; None at the start.
        new: The new chunk.
        now_ns: The seam, in [ns], on the clock of both stamps. An image may arrive before the joint
            state of its moment: the seam is never before the new chunk's stamp.
        fade_s: Length of the cross-fade in [s]; 0, or too short for a row, for none.

    Returns:
        The joined chunk; None if all of the new one is past.
    """
    if new.end_ns <= now_ns:
        return None
    now_ns = max(now_ns, new.stamp_ns)
    row_ns = new.stamp_ns + np.rint(new.times_s * NANOSECONDS).astype(np.int64)
    ahead_ns = row_ns[row_ns > now_ns + round(LEAST_KNOT_S * NANOSECONDS)]
    knots_ns = _knots(now_ns, ahead_ns, fade_s if old is not None else 0.0)
    rows = new.sample_many(knots_ns)
    jump = None
    if old is not None:
        before = old.sample_many(knots_ns)
        jump = rows[0] - before[0]
        weight = _fade(knots_ns, now_ns, fade_s)[:, None]
        rows = weight * rows + (1.0 - weight) * before
    times_s = (knots_ns - new.stamp_ns) / NANOSECONDS
    plan = JointTrajectory(new.stamp_ns, times_s, rows)
    return Splice(plan, int(np.count_nonzero(row_ns <= now_ns)), jump)


def _knots(now_ns: int, ahead_ns: np.ndarray, fade_s: float) -> np.ndarray:
    """The seam, the rows ahead of it and the end of the fade."""
    end_ns = now_ns + round(fade_s * NANOSECONDS)
    gap_ns = round(LEAST_KNOT_S * NANOSECONDS)
    inside = len(ahead_ns) > 0 and now_ns + gap_ns < end_ns < ahead_ns[-1]
    if inside and np.abs(ahead_ns - end_ns).min() > gap_ns:
        ahead_ns = np.sort(np.append(ahead_ns, end_ns))
    return np.concatenate(([now_ns], ahead_ns))


def _fade(knots_ns: np.ndarray, now_ns: int, fade_s: float) -> np.ndarray:
    """Weight of the new chunk at each knot, from 0 at the seam to 1."""
    if fade_s < LEAST_KNOT_S:
        return np.ones(len(knots_ns))
    return np.clip((knots_ns - now_ns) / (fade_s * NANOSECONDS), 0.0, 1.0)
