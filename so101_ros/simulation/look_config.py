"""What can be chosen about light, colours and lenses; the defaults are nominal."""

from dataclasses import dataclass

from so101_ros.simulation.ranges import check_between


@dataclass(frozen=True, slots=True)
class LookConfig:
    """What a scene looks like; nothing that moves depends on it.

    Attributes:
        exposure: Factor on the light that reaches the sensor.
    """

    exposure: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what no camera could show.

        Raises:
            ConfigError: If a value is out of range.
        """
        check_between(self, 0.1, 10.0, "exposure")
