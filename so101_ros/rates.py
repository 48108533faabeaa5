"""The clock of the whole system: every rate is derived here, and checked to divide."""

from dataclasses import dataclass

from so101_ros.errors import ConfigError

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each loop turns.

    Attributes:
        physics_hz: MuJoCo steps per simulated second.
        control_hz: Servo target updates and joint states per second.
        policy_hz: Policy ticks per second.
        episode_ticks: Policy ticks after which an episode is cut off (400 at 30 Hz: 13.3 s).
    """

    physics_hz: int = 480
    control_hz: int = 120
    policy_hz: int = 30
    episode_ticks: int = 400

    def __post_init__(self) -> None:
        """Refuse rates that are not positive or do not divide.

        Raises:
            ConfigError: If a rate is below 1 or a faster rate is no multiple of a slower one.
        """
        for name in ("physics_hz", "control_hz", "policy_hz", "episode_ticks"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)}")
        _check_divides("physics_hz", self.physics_hz, "control_hz", self.control_hz)
        _check_divides("control_hz", self.control_hz, "policy_hz", self.policy_hz)

    @property
    def physics_steps_per_control(self) -> int:
        """MuJoCo steps in one control tick."""
        return self.physics_hz // self.control_hz

    @property
    def control_ticks_per_policy(self) -> int:
        """Control ticks in one policy tick."""
        return self.control_hz // self.policy_hz

    @property
    def policy_period_s(self) -> float:
        """Time between two policy ticks, in [s]."""
        return 1.0 / self.policy_hz

    def control_ticks_in(self, duration_s: float) -> int:
        """Control ticks that are nearest to a time in [s]: what is simulated is on their grid."""
        return round(duration_s * self.control_hz)

    def stamp_of_control_tick(self, tick: int) -> int:
        """Time of a control tick, counted from time zero, in [ns]."""
        return tick * NANOSECONDS // self.control_hz

    def policy_tick_at(self, stamp_ns: int) -> int:
        """Number of policy ticks that have begun by a stamp.

        A policy is due whenever this number grows. Half a control period of tolerance absorbs the
        rounding of stamps to whole nanoseconds.
        """
        tolerance_ns = NANOSECONDS // (2 * self.control_hz)
        return (stamp_ns + tolerance_ns) * self.policy_hz // NANOSECONDS


def _check_divides(fast_name: str, fast: int, slow_name: str, slow: int) -> None:
    if fast % slow:
        raise ConfigError(f"{fast_name}={fast} must be a multiple of {slow_name}={slow}")
