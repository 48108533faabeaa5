"""Timed joint targets: what policies answer, and what the arm is commanded.

There is one action convention: absolute joint targets in [rad], in arm order, stamped with the time
of the observation they were computed from. An offset is a different type, so that it can never be
read as a target.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from so101_ros.arm import NUM_JOINTS
from so101_ros.errors import CommandError
from so101_ros.rates import NANOSECONDS

ROUNDING_NS = 1
"""How far a tick may be behind a row that is meant for it: both are rounded to whole nanoseconds,
the tick since time zero, the row since its stamp. The tick gets the row and nothing of the next."""

ROUNDING_S = (ROUNDING_NS + 0.5) / NANOSECONDS


@dataclass(frozen=True, slots=True)
class _TimedRows:
    """Rows over the six joints, each at a time after a stamp."""

    stamp_ns: int
    times_s: np.ndarray
    rows: np.ndarray

    def __post_init__(self) -> None:
        """Refuse anything that could not be sampled at any time.

        Raises:
            CommandError: If shapes differ, a value is not finite, or times do not increase from 0.
        """
        times_s = _whole_nanoseconds(tuple(np.ravel(self.times_s).tolist()))
        rows = np.array(self.rows, dtype=float)
        _check_rows(np.shape(self.times_s), rows)
        rows.setflags(write=False)
        object.__setattr__(self, "times_s", times_s)
        object.__setattr__(self, "rows", rows)

    @property
    def end_ns(self) -> int:
        """Time of the last row, in [ns]."""
        return self.stamp_ns + round(float(self.times_s[-1]) * NANOSECONDS)

    def sample(self, now_ns: int) -> np.ndarray:
        """Interpolate linearly at a time; the first and last rows extend outwards.

        Args:
            now_ns: Time on the clock of ``stamp_ns``, in [ns].

        Returns:
            The row at that time. Shape (6,).
        """
        elapsed_s = (now_ns - self.stamp_ns) / NANOSECONDS
        after = int(self.times_s.searchsorted(elapsed_s))
        if after == 0:
            return self.rows[0].copy()
        if after == len(self.times_s):
            return self.rows[-1].copy()
        start_s, end_s = self.times_s[after - 1 : after + 1]
        if elapsed_s - start_s < ROUNDING_S:
            return self.rows[after - 1].copy()
        weight = (elapsed_s - start_s) / (end_s - start_s)
        return (1.0 - weight) * self.rows[after - 1] + weight * self.rows[after]

    def sample_many(self, stamps_ns: np.ndarray) -> np.ndarray:
        """Interpolate like :meth:`sample`, at several times at once.

        Args:
            stamps_ns: Times on the clock of ``stamp_ns``, in [ns]. Shape (n,).

        Returns:
            The rows at those times. Shape (n, 6).
        """
        elapsed_s = (stamps_ns - self.stamp_ns) / NANOSECONDS
        position = np.interp(elapsed_s, self.times_s, np.arange(len(self.times_s)))
        before = position.astype(int)
        weight = (position - before)[:, None]
        after_rows = self.rows.take(before + 1, axis=0, mode="clip")
        return (1.0 - weight) * self.rows.take(before, axis=0) + weight * after_rows


class JointTrajectory(_TimedRows):
    """Absolute joint targets over time.

    Attributes:
        stamp_ns: Time of the observation behind the targets, in [ns].
        times_s: Time of each row after the stamp, increasing, in [s]. Shape (n,).
        rows: Joint targets in [rad]. Shape (n, 6).
    """

    __slots__ = ()


class JointOffsets(_TimedRows):
    """Corrections over time, to be added to somebody else's targets.

    Attributes:
        stamp_ns: Time of the observation behind the offsets, in [ns].
        times_s: Time of each row after the stamp, increasing, in [s]. Shape (n,).
        rows: Offsets in [rad]. Shape (n, 6).
    """

    __slots__ = ()


def hold(stamp_ns: int, q: npt.ArrayLike) -> JointTrajectory:
    """Stay at one pose.

    Args:
        stamp_ns: Time from which the pose holds, in [ns].
        q: Joint positions in [rad]. Shape (6,).

    Returns:
        A trajectory of that single row.
    """
    return JointTrajectory(stamp_ns, np.zeros(1), np.asarray(q, dtype=float)[None])


@lru_cache(maxsize=64)
def _whole_nanoseconds(times_s: tuple[float, ...]) -> np.ndarray:
    """Round times to what messages carry, so that both ends of a topic have the same trajectory.

    Most trajectories have the times of one of the last few.
    """
    rounded = np.rint(np.array(times_s, dtype=float) * NANOSECONDS) / NANOSECONDS
    if not np.isfinite(rounded).all():
        raise CommandError("a trajectory must be finite, got NaN or infinity")
    if len(rounded) and (rounded[0] < 0.0 or (np.diff(rounded) <= 0.0).any()):
        raise CommandError(f"times must increase from 0 or later, got {rounded.tolist()}")
    rounded.setflags(write=False)
    return rounded


def _check_rows(times_shape: tuple[int, ...], rows: np.ndarray) -> None:
    if len(times_shape) != 1 or times_shape[0] == 0:
        raise CommandError(f"a trajectory needs at least one point, got times {times_shape}")
    if rows.shape != (*times_shape, NUM_JOINTS):
        raise CommandError(
            f"a trajectory of {times_shape[0]} points needs positions of shape "
            f"({times_shape[0]}, {NUM_JOINTS}), got {rows.shape}"
        )
    if not np.isfinite(rows).all():
        raise CommandError("a trajectory must be finite, got NaN or infinity")
