"""Where the sheet lies when an episode begins."""

from dataclasses import dataclass

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.pose import PlanarPose
from so101_ros.task.measures import measure

_MOST_DRAWS = 1000  # the nominal ranges need one
_FARTHEST = 10.0  # [m] or [rad]; beyond, the unit is wrong


@dataclass(frozen=True, slots=True)
class PaperStarts:
    """Uniform distribution of start poses; ranges are (low, high) in [m] and [rad]."""

    x: tuple[float, float] = (0.25, 0.35)
    y: tuple[float, float] = (-0.10, 0.10)
    yaw: tuple[float, float] = (-0.3, 0.3)

    def __post_init__(self) -> None:
        """Refuse empty ranges.

        Raises:
            ConfigError: If a range is not ordered, or goes beyond 10 m or 10 rad.
        """
        for name in ("x", "y", "yaw"):
            low, high = getattr(self, name)
            if not -_FARTHEST <= low <= high <= _FARTHEST:
                raise ConfigError(
                    f"paper start {name} must be (low, high), from {-_FARTHEST:g} to "
                    f"{_FARTHEST:g}, got {(low, high)}"
                )

    def sample(self, rng: np.random.Generator) -> PlanarPose:
        """Draw a start that is not already a success.

        Args:
            rng: Source of randomness.

        Returns:
            Pose of the sheet's centre on the table.

        Raises:
            ConfigError: If (almost) every start in the ranges is a success.
        """
        for _ in range(_MOST_DRAWS):
            pose = PlanarPose(rng.uniform(*self.x), rng.uniform(*self.y), rng.uniform(*self.yaw))
            if not measure(pose).inside:
                return pose
        raise ConfigError(
            f"every start in {self} is a success already: the sheet lies in its frame; give other "
            "ranges"
        )
