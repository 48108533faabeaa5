"""What can be chosen about masses, friction and servos; the defaults are nominal."""

from dataclasses import dataclass

from so101_ros.arm import MAX_JOINT_SPEED, NUM_JOINTS
from so101_ros.simulation.ranges import check_above_zero, check_between

_SAME = (1.0,) * NUM_JOINTS
_NONE = (0.0,) * NUM_JOINTS


@dataclass(frozen=True, slots=True)
class ServoConfig:
    """The joint servos as MuJoCo position actuators.

    Published gains of the STS3215 range from 17.8 to 998 N m/rad. 50 lies between, presses without
    force feed-forward and is stable; it is chosen, not identified.

    Attributes:
        stiffness: Position gain in [N m]/[rad].
        damping: Velocity gain in [N m s]/[rad].
        max_torque: Torque limit in [N m] (stall torque at 7.4 V).
        max_speed: Speed limit of a servo's target in [rad]/[s].
        dead_time_s: From a target that is set to the torque that answers it, in [s].
    """

    stiffness: float = 50.0
    damping: float = 2.0
    max_torque: float = 2.94
    max_speed: float = MAX_JOINT_SPEED
    dead_time_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a servo that could not move.

        Raises:
            ConfigError: If a value is not above 0, or the dead time is beyond a second.
        """
        check_above_zero(self, "stiffness", "damping", "max_torque", "max_speed")
        check_between(self, 0.0, 1.0, "dead_time_s")


@dataclass(frozen=True, slots=True)
class JointConfig:
    """How each joint differs from the others; factors multiply what servo and robot model say.

    Attributes:
        stiffness_scale: Factor on the servo's position gain. Six.
        friction_scale: Factor on the joint's dry friction. Six.
        damping_scale: Factor on the joint's viscous damping. Six.
        backlash: Play between the servo's target and the joint in [rad]: a target that turns round
            moves nothing before it has crossed it. A stand-in for the gears' play and the
            controller's dead band. Six.
    """

    stiffness_scale: tuple[float, ...] = _SAME
    friction_scale: tuple[float, ...] = _SAME
    damping_scale: tuple[float, ...] = _SAME
    backlash: tuple[float, ...] = _NONE

    def __post_init__(self) -> None:
        """Refuse joints that no gear has.

        Raises:
            ConfigError: If a factor is not above 0, or a backlash is no small angle.
        """
        check_above_zero(self, "stiffness_scale", "friction_scale", "damping_scale")
        check_between(self, 0.0, 0.2, "backlash")


@dataclass(frozen=True, slots=True)
class PaperConfig:
    """The sheet: a rigid plate. Real paper bends; see :class:`ContactConfig`.

    Attributes:
        mass: In [kg], from 0.0001 to 1.
        thickness: In [m], from 0.0001 to 0.01; thicker than paper, so that contacts are well
            conditioned.
        curl: How far one corner stands off the table in [m]: a rigid foot under it, on which the
            plate tilts and rocks. A stand-in for paper that does not lie flat.
        curl_corner: Which corner has the foot: 0 to 3, counted against the clock from +x, +y.
    """

    mass: float = 0.005
    thickness: float = 0.001
    curl: float = 0.0
    curl_corner: int = 0

    def __post_init__(self) -> None:
        """Refuse a sheet that is none.

        Raises:
            ConfigError: If mass, thickness or curl is none of a sheet.
        """
        check_between(self, 1e-4, 1.0, "mass")
        check_between(self, 1e-4, 0.01, "thickness")
        check_between(self, 0.0, 0.01, "curl")
        check_between(self, 0, 3, "curl_corner")


@dataclass(frozen=True, slots=True)
class ContactConfig:
    """Friction and softness of every pair of surfaces that can touch.

    Attributes:
        paper_table_friction: Sliding friction of the sheet on the table.
        tip_friction: Sliding friction of a fingertip on the sheet and on the table.
        tip_torsion: Torsional friction of a fingertip in [m]. A rigid plate rests on its corners
            and resists turning with a longer lever than flexible paper; this is the stand-in.
        arm_friction: Sliding friction of the arm's links on sheet and table.
    """

    paper_table_friction: float = 0.18
    tip_friction: float = 1.5
    tip_torsion: float = 0.03
    arm_friction: float = 0.5

    def __post_init__(self) -> None:
        """Refuse surfaces without friction: MuJoCo's elliptic cone needs some.

        Raises:
            ConfigError: If a value is not above 0.
        """
        check_above_zero(
            self, "paper_table_friction", "tip_friction", "tip_torsion", "arm_friction"
        )
