"""Turn wanted joint targets into commands that are safe to send.

The guard is the last thing before the arm: position limits, speed limits, hold, emergency stop. It
never invents a target; without one it holds the pose that it latched once.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.arm import NUM_JOINTS, ArmSpec
from so101_ros.control.steps import limit_steps
from so101_ros.errors import CommandError, ConfigError
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.trajectory import JointTrajectory

CAUGHT_UP = 0.05  # [rad], a gap that the speed limit closes in two control ticks


class GuardState(str, Enum):
    """What the guard does with what is wanted."""

    FOLLOWING = "following"
    RAMPING = "ramping"
    HOLDING = "holding"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """Limits of every command.

    Attributes:
        speed_scale: Share of the arm's joint speed limits that may be commanded, in (0, 1].
        ramp_speed: Speed of the first motion after a start, in [rad]/[s].
        limit_margin: Distance kept to the joints' position limits, in [rad].
        horizon_s: Length of a command in [s]; one that is lost does not stall the arm.
    """

    speed_scale: float = 1.0
    ramp_speed: float = 1.0
    limit_margin: float = 0.01
    horizon_s: float = 0.1

    def __post_init__(self) -> None:
        """Refuse settings outside their range.

        Raises:
            ConfigError: If a setting is not finite or outside its range.
        """
        if not 0.0 < self.speed_scale <= 1.0:
            raise ConfigError(f"speed_scale must be in (0, 1], got {self.speed_scale}")
        for name, unit in (("ramp_speed", "rad/s"), ("horizon_s", "s")):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ConfigError(f"{name} must be above 0 {unit}, got {getattr(self, name)}")
        if not 0.0 <= self.limit_margin <= 0.5:
            raise ConfigError(f"limit_margin must be in [0, 0.5] rad, got {self.limit_margin}")


@dataclass(frozen=True, slots=True, eq=False)
class Guarded:
    """One command, and what the guard made of what was wanted.

    Attributes:
        command: What to send.
        state: What the guard did.
        reason: Why the arm holds; empty while it follows or ramps.
    """

    command: JointTrajectory
    state: GuardState
    reason: str


class Guard:
    """Limit, ramp, hold and stop.

    The first command after a start, an epoch or a resume begins at the measured pose and moves at
    ``ramp_speed`` until it has caught up with what is wanted. Every other command continues from
    the one before.

    Attributes:
        position_clips: Commands in which a joint was kept inside its limits. Shape (6,).
        speed_clips: Commands in which a joint was slowed down, ramps not counted. Shape (6,).
    """

    def __init__(
        self, arm: ArmSpec, rates: Rates | None = None, settings: GuardSettings | None = None
    ) -> None:
        """Begin without a command.

        Args:
            arm: Whose limits to keep.
            rates: Where the control ticks are; None for the defaults.
            settings: Limits of every command; None for the defaults.

        Raises:
            ConfigError: If the margin leaves a joint no range.
        """
        rates, settings = rates or Rates(), settings or GuardSettings()
        self.position_clips = np.zeros(NUM_JOINTS, dtype=int)
        self.speed_clips = np.zeros(NUM_JOINTS, dtype=int)
        self._lower = arm.lower + settings.limit_margin
        self._upper = arm.upper - settings.limit_margin
        if (self._lower >= self._upper).any():
            raise ConfigError(f"limit_margin={settings.limit_margin} rad leaves a joint no range")
        self._max_step = settings.speed_scale * arm.max_speed / rates.control_hz
        self._ramp_step = np.minimum(self._max_step, settings.ramp_speed / rates.control_hz)
        ticks = max(1, round(settings.horizon_s * rates.control_hz))
        self._times_s = np.arange(1, ticks + 1) / rates.control_hz
        self._times_ns = np.round(self._times_s * NANOSECONDS).astype(np.int64)
        self._previous: JointTrajectory | None = None
        self._latched: np.ndarray | None = None
        self._ramping = True
        self._held_for = ""
        self._stopped_for = ""

    def stamps_after(self, stamp_ns: int) -> np.ndarray:
        """Times of the rows of a command, in [ns]: the control ticks after a stamp. Shape (n,)."""
        return stamp_ns + self._times_ns

    def restart(self) -> None:
        """Forget the commands so far: the next one begins at the measured pose.

        A hold or stop that was asked for stays.
        """
        self._previous = None
        self._latched = None
        self._ramping = True

    def ramp(self) -> None:
        """Let the next commands ramp, because what is wanted may jump."""
        self._ramping = True

    def hold(self, reason: str = "asked to hold") -> None:
        """Keep the commanded pose until :meth:`resume`.

        Args:
            reason: Why, for whoever reads the diagnostics.
        """
        self._held_for = reason

    def stop(self, reason: str = "emergency stop") -> None:
        """Keep the measured pose until :meth:`resume`, so that the arm stops pushing at once.

        Args:
            reason: Why, for whoever reads the diagnostics.
        """
        if not self._stopped_for:
            self._latched = None
        self._stopped_for = reason

    def resume(self) -> None:
        """End a hold or stop; the next command begins at the measured pose."""
        self._held_for = self._stopped_for = ""
        self.restart()

    def command(
        self, joints: JointState, wanted: np.ndarray | None, reason: str = "nothing is wanted"
    ) -> Guarded:
        """Make the next command.

        Args:
            joints: The arm now; the command carries its stamp.
            wanted: Targets at :meth:`stamps_after` the stamp in [rad], shape (n, 6); None to hold.
            reason: Why nothing is wanted.

        Returns:
            The command: one row per control tick of the horizon.

        Raises:
            CommandError: If the wanted rows have another shape.
        """
        held_for = self._stopped_for or self._held_for or ("" if wanted is not None else reason)
        if held_for or wanted is None:
            return self._hold(joints, held_for)
        if wanted.shape != (len(self._times_s), NUM_JOINTS):
            raise CommandError(
                f"wanted targets must have shape ({len(self._times_s)}, {NUM_JOINTS}), "
                f"got {wanted.shape}"
            )
        self._latched = None
        return self._follow(joints, wanted)

    def _follow(self, joints: JointState, wanted: np.ndarray) -> Guarded:
        start = self._start(joints)
        inside = wanted.clip(self._lower, self._upper)
        beyond = inside != wanted
        if np.count_nonzero(beyond):
            self.position_clips += beyond.any(axis=0)
        if self._ramping:
            self._ramping = bool((np.abs(inside[0] - start) > CAUGHT_UP).any())
        rows, slowed = limit_steps(
            start, inside, self._ramp_step if self._ramping else self._max_step
        )
        if not self._ramping:
            self.speed_clips += slowed
        state = GuardState.RAMPING if self._ramping else GuardState.FOLLOWING
        return self._send(joints, rows, state, "")

    def _hold(self, joints: JointState, reason: str) -> Guarded:
        start = self._start(joints)
        if self._latched is None:
            self._latched = joints.q.copy() if self._stopped_for else start
            self._ramping = True
        latched = np.broadcast_to(self._latched, (len(self._times_s), NUM_JOINTS))
        rows, _ = limit_steps(start, latched, self._max_step)
        state = GuardState.STOPPED if self._stopped_for else GuardState.HOLDING
        return self._send(joints, rows, state, reason)

    def _start(self, joints: JointState) -> np.ndarray:
        """Target in force at a joint state: what was commanded for then, else the measured pose."""
        if self._previous is None:
            return joints.q.copy()
        return self._previous.sample(joints.stamp_ns)

    def _send(
        self, joints: JointState, rows: np.ndarray, state: GuardState, reason: str
    ) -> Guarded:
        self._previous = JointTrajectory(joints.stamp_ns, self._times_s, rows)
        return Guarded(self._previous, state, reason)
