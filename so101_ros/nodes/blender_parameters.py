"""Parameters of the blender node, and what they describe."""

from dataclasses import dataclass

from so101_ros.blend_settings import BlendSettings
from so101_ros.control.guard import GuardSettings
from so101_ros.errors import ConfigError
from so101_ros.nodes.loop_parameters import LoopParameters
from so101_ros.nodes.parameters import parameter

_BLEND = BlendSettings()
_GUARD = GuardSettings()


@dataclass(frozen=True)
class BlenderParameters(LoopParameters):
    """What can be chosen about blend and guard; the blend also while the arm moves."""

    w_ik: float = parameter(
        1.0, "Weight of the IK policy in the base, relative to w_groot", minimum=0.0, live=True
    )
    w_groot: float = parameter(
        0.0, "Weight of GR00T in the base, relative to w_ik", minimum=0.0, live=True
    )
    alpha: float = parameter(
        _BLEND.alpha, "Share of the residual that is applied", minimum=0.0, maximum=1.0, live=True
    )
    residual_cap: tuple[float, ...] = parameter(
        _BLEND.residual_cap,
        "Largest correction per joint, in arm order [rad]",
        minimum=0.0,
        live=True,
    )
    action_timeout_s: float = parameter(
        _BLEND.action_timeout_s, "Age at which the IK policy's action is stale [s]", live=True
    )
    groot_timeout_s: float = parameter(
        _BLEND.groot_timeout_s, "Age at which GR00T's action is stale [s]", live=True
    )
    residual_timeout_s: float = parameter(
        _BLEND.residual_timeout_s, "Age at which the residual's offset is stale [s]", live=True
    )
    rate_hz: int = parameter(60, "Commands per second when running free [Hz]", minimum=1)
    lock_step: bool = parameter(
        False, "Command once per policy tick, when every base with weight has answered it"
    )
    expect_residual: bool = parameter(False, "In lock-step, wait for the residual's answer too")
    speed_scale: float = parameter(
        _GUARD.speed_scale, "Share of the joints' speed limits that may be commanded"
    )
    ramp_speed: float = parameter(
        _GUARD.ramp_speed, "Joint speed of the first motion after a start [rad/s]"
    )
    limit_margin: float = parameter(
        _GUARD.limit_margin, "Distance kept to the joints' position limits [rad]"
    )
    horizon_s: float = parameter(_GUARD.horizon_s, "Length of each command [s]")
    robot_model: str = parameter("", "MJCF of the arm; empty for the built-in one")

    def __post_init__(self) -> None:
        """Refuse what the core would refuse, so that a live change is rejected with the reason.

        Raises:
            ConfigError: If a setting is outside its range or the rates do not divide.
        """
        super().__post_init__()
        _ = self.blend, self.guard
        if self.control_hz % self.rate_hz:
            raise ConfigError(
                f"rate_hz={self.rate_hz} must divide control_hz={self.control_hz}; "
                "give 30, 60 or 120, for example"
            )

    @property
    def blend(self) -> BlendSettings:
        """How the sources are mixed."""
        weights = self.w_ik + self.w_groot
        if not weights > 0.0:
            raise ConfigError(
                "w_ik and w_groot are both 0: give the base that shall move the arm a weight, "
                "such as w_ik=1.0"
            )
        return BlendSettings(
            self.w_groot / weights,
            self.alpha,
            self.residual_cap,
            self.action_timeout_s,
            self.groot_timeout_s,
            self.residual_timeout_s,
        )

    @property
    def guard(self) -> GuardSettings:
        """Limits of every command."""
        return GuardSettings(self.speed_scale, self.ramp_speed, self.limit_margin, self.horizon_s)
