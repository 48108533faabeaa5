"""What can be chosen about a scene; the defaults are the nominal scene of the task."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from so101_ros.assets import find_share_file
from so101_ros.errors import AssetError, ConfigError
from so101_ros.rates import Rates


def _check_above_zero(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not 0.0 < value < math.inf:
            raise ConfigError(f"{name} must be above 0 and finite, got {value}")


@dataclass(frozen=True, slots=True)
class ServoConfig:
    """The joint servos as MuJoCo position actuators.

    Published gains of the STS3215 range from 17.8 to 998 N m/rad. 50 lies between, presses without
    force feed-forward and is stable; it is chosen, not identified.

    Attributes:
        stiffness: Position gain in [N m]/[rad].
        damping: Velocity gain in [N m s]/[rad].
        max_torque: Torque limit in [N m] (stall torque at 7.4 V).
    """

    stiffness: float = 50.0
    damping: float = 2.0
    max_torque: float = 2.94

    def __post_init__(self) -> None:
        """Refuse a servo that could not move.

        Raises:
            ConfigError: If a value is not above 0.
        """
        _check_above_zero(self, "stiffness", "damping", "max_torque")


@dataclass(frozen=True, slots=True)
class PaperConfig:
    """The sheet: a rigid plate. Real paper bends; see :class:`ContactConfig`.

    Attributes:
        mass: In [kg].
        thickness: In [m]; thicker than paper, so that contacts are well conditioned.
    """

    mass: float = 0.005
    thickness: float = 0.001

    def __post_init__(self) -> None:
        """Refuse a sheet that is none.

        Raises:
            ConfigError: If a value is not above 0.
        """
        _check_above_zero(self, "mass", "thickness")


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
        _check_above_zero(
            self, "paper_table_friction", "tip_friction", "tip_torsion", "arm_friction"
        )


@dataclass(frozen=True, slots=True)
class SceneConfig:
    """Everything that the compiled model depends on.

    Attributes:
        robot_model: MJCF of the arm; empty for our own.
    """

    robot_model: str = ""
    servo: ServoConfig = field(default_factory=ServoConfig)
    paper: PaperConfig = field(default_factory=PaperConfig)
    contact: ContactConfig = field(default_factory=ContactConfig)
    rates: Rates = field(default_factory=Rates)

    @property
    def robot_path(self) -> Path:
        """Path of the arm's MJCF.

        Raises:
            AssetError: If the file does not exist.
        """
        if not self.robot_model:
            return find_share_file("assets/so101.xml")
        path = Path(self.robot_model).expanduser()
        if not path.is_file():
            raise AssetError(
                f"robot_model={self.robot_model!r} is not a file. Give the path of an MJCF (.xml) "
                "of the SO-101, or leave it empty for the built-in model."
            )
        return path

    def to_dict(self) -> dict[str, Any]:
        """Plain data for messages and files; :meth:`from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "SceneConfig":
        """Read plain data.

        Args:
            data: What :meth:`to_dict` wrote; missing entries take the nominal value.

        Returns:
            The scene it describes.

        Raises:
            ConfigError: If an entry is unknown.
        """
        parts = {
            "servo": ServoConfig,
            "paper": PaperConfig,
            "contact": ContactConfig,
            "rates": Rates,
        }
        try:
            return cls(
                **{
                    key: parts[key](**value) if key in parts else value
                    for key, value in data.items()
                }
            )
        except TypeError as err:
            raise ConfigError(f"not a scene description: {err}") from err
