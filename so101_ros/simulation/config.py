"""What can be chosen about a scene; the defaults are the nominal scene of the task."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from so101_ros.assets import find_share_file
from so101_ros.errors import AssetError
from so101_ros.rates import Rates
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.config_reader import read_part
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.physics_config import (
    ContactConfig,
    JointConfig,
    PaperConfig,
    ServoConfig,
)


@dataclass(frozen=True, slots=True)
class SceneConfig:
    """Everything that makes one scene differ from another.

    Attributes:
        robot_model: MJCF of the arm; empty for our own.
        servo: The servos, all alike.
        joints: How each joint differs.
        paper: The sheet.
        contact: Friction.
        calibration: What is not where it is believed to be.
        delay: How late everything is.
        look: Light, colours and lenses.
        rates: How often each loop turns.
    """

    robot_model: str = ""
    servo: ServoConfig = field(default_factory=ServoConfig)
    joints: JointConfig = field(default_factory=JointConfig)
    paper: PaperConfig = field(default_factory=PaperConfig)
    contact: ContactConfig = field(default_factory=ContactConfig)
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)
    delay: DelayConfig = field(default_factory=DelayConfig)
    look: LookConfig = field(default_factory=LookConfig)
    rates: Rates = field(default_factory=Rates)

    @property
    def robot_path(self) -> Path:
        """Path of the arm's MJCF.

        Raises:
            AssetError: If the file does not exist.
        """
        if not self.robot_model:
            return find_share_file("assets/so101.xml")
        path = Path(os.path.expanduser(self.robot_model))  # leaves an unknown user as it is
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
            ConfigError: If an entry is unknown, of another type or out of range; the message begins
                with its path.
        """
        return read_part(cls(), data)
