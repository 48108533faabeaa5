"""What a backend does with commands, in simulation and on the real arm alike."""

from enum import Enum

import numpy as np
import numpy.typing as npt

from so101_ros.arm import ArmSpec
from so101_ros.errors import CommandError, ConfigError
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import ROUNDING_NS, JointTrajectory


class FollowerState(str, Enum):
    """Where the servo target comes from."""

    NO_COMMAND = "no command yet"
    FOLLOWING = "following"
    HOLDING = "holding the last target"


class CommandFollower:
    """Turn commands, which arrive when they like, into a servo target for every control tick.

    Between the points of a command the target moves linearly; towards its first point it moves from
    the target of the moment it was accepted. After the last point, or ``timeout_s`` after the last
    command, the target stays where it is.

    Attributes:
        clamped_joints: How many times a command asked each joint to leave its limits. Shape (6,).
    """

    def __init__(self, arm: ArmSpec, timeout_s: float = 0.2) -> None:
        """Hold the arm's home pose until told otherwise.

        Args:
            arm: Whose limits to keep.
            timeout_s: For how long a command is followed without a newer one, in [s].

        Raises:
            ConfigError: If the timeout is not positive and finite.
        """
        if not 0.0 < timeout_s < np.inf:
            raise ConfigError(f"the command timeout must be above 0 s and finite, got {timeout_s}")
        self.clamped_joints = np.zeros(len(arm.joint_names), dtype=int)
        self._arm = arm
        self._timeout_ns = round(timeout_s * NANOSECONDS)
        self.reset(arm.home, 0)

    def reset(self, q: npt.ArrayLike, epoch_ns: int) -> None:
        """Forget every command and hold a pose.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            epoch_ns: Commands stamped earlier are refused from now on, in [ns].
        """
        self._epoch_ns = epoch_ns
        self._stamp_ns: int | None = None
        self._set_path(np.array([epoch_ns]), np.array([q], dtype=float))
        self._deadline_ns = epoch_ns

    def accept(self, trajectory: JointTrajectory, now_ns: int) -> None:
        """Follow a command from now on.

        Positions beyond a joint limit are moved to the limit and counted.

        Args:
            trajectory: Joint targets, stamped with the observation behind them.
            now_ns: Time of the backend, in [ns].

        Raises:
            CommandError: If the command is from an earlier epoch, too old, from the future, or
                older than one that was accepted; the arm then goes on with what it does.
        """
        self.check(trajectory, now_ns)
        points_ns = trajectory.stamp_ns + np.rint(trajectory.times_s * NANOSECONDS).astype(np.int64)
        rows = self._clamp(trajectory.rows)
        passed = int(points_ns.searchsorted(now_ns, side="right"))
        if passed == 0:
            start = self.sample(now_ns)
        else:
            start = trajectory.sample(now_ns).clip(self._arm.lower, self._arm.upper)
        self._set_path(
            np.concatenate(([now_ns], points_ns[passed:])),
            np.concatenate((start[None], rows[passed:])),
        )
        self._stamp_ns = trajectory.stamp_ns
        self._deadline_ns = now_ns + self._timeout_ns

    def check(self, trajectory: JointTrajectory, now_ns: int) -> None:
        """Refuse what :meth:`accept` would refuse.

        Args:
            trajectory: Joint targets, stamped with the observation behind them.
            now_ns: Time of the backend, in [ns].

        Raises:
            CommandError: If the command is from an earlier epoch, too old, from the future, or
                older than one that was accepted.
        """
        self._check_age(trajectory.stamp_ns, now_ns)

    def sample(self, now_ns: int) -> np.ndarray:
        """Servo target at one time in [ns]. Shape (6,)."""
        now_ns = min(now_ns, self._deadline_ns)
        before = int(self._knots_ns.searchsorted(now_ns, side="right")) - 1
        elapsed_ns = now_ns - int(self._knots_ns[before])
        if elapsed_ns <= ROUNDING_NS:
            return self._rows[before].copy()
        return self._rows[before] + elapsed_ns * self._slopes()[before]

    def sample_many(self, stamps_ns: np.ndarray) -> np.ndarray:
        """Servo targets at several times.

        Args:
            stamps_ns: Times at or after the last accepted command, in [ns]. Shape (n,).

        Returns:
            Targets in [rad]. Shape (n, 6).
        """
        stamps_ns = np.minimum(stamps_ns, self._deadline_ns)
        before = self._knots_ns.searchsorted(stamps_ns, side="right") - 1
        elapsed_ns = stamps_ns - self._knots_ns.take(before)
        elapsed_ns[elapsed_ns <= ROUNDING_NS] = 0
        rows = self._rows.take(before, axis=0)
        if not elapsed_ns.any():  # every time is that of a row, as it is in lock-step
            return rows
        return rows + elapsed_ns[:, None] * self._slopes().take(before, axis=0)

    def state_at(self, now_ns: int) -> FollowerState:
        """Tell where the servo target comes from at a time in [ns]."""
        if self._stamp_ns is None:
            return FollowerState.NO_COMMAND
        end_ns = min(int(self._knots_ns[-1]), self._deadline_ns)
        return FollowerState.HOLDING if now_ns > end_ns else FollowerState.FOLLOWING

    def _check_age(self, stamp_ns: int, now_ns: int) -> None:
        if stamp_ns < self._epoch_ns:
            raise CommandError(
                f"a command stamped {_seconds(stamp_ns)} is from before the reset at "
                f"{_seconds(self._epoch_ns)}"
            )
        if stamp_ns > now_ns:
            raise CommandError(
                f"a command stamped {_seconds(stamp_ns)} is from the future, it is "
                f"{_seconds(now_ns)}; stamp it with the joint state behind it"
            )
        if now_ns - stamp_ns > self._timeout_ns:
            raise CommandError(
                f"a command stamped {_seconds(stamp_ns)} is too old, it is {_seconds(now_ns)} and "
                f"the timeout is {_seconds(self._timeout_ns)}"
            )
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            raise CommandError(
                f"a command stamped {_seconds(stamp_ns)} is older than the accepted one of "
                f"{_seconds(self._stamp_ns)}"
            )

    def _clamp(self, rows: np.ndarray) -> np.ndarray:
        clamped = rows.clip(self._arm.lower, self._arm.upper)
        beyond = clamped != rows
        if np.count_nonzero(beyond):
            self.clamped_joints += beyond.any(axis=0)
        return clamped

    def _set_path(self, knots_ns: np.ndarray, rows: np.ndarray) -> None:
        """Go through one row at each knot, and stay at the last."""
        self._knots_ns = knots_ns
        self._rows = rows

    def _slopes(self) -> np.ndarray:
        """Speed after each knot in [rad]/[ns]; none after the last. Shape (n, 6)."""
        slopes = np.zeros(self._rows.shape)
        elapsed_ns = self._knots_ns[1:] - self._knots_ns[:-1]
        np.divide(self._rows[1:] - self._rows[:-1], elapsed_ns[:, None], out=slopes[:-1])
        return slopes


def _seconds(time_ns: int) -> str:
    return f"{time_ns / NANOSECONDS:.3f} s"
