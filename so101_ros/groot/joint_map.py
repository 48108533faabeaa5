"""One joint between the units of a data set and our radians."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from so101_ros.errors import ConfigError


class JointUnit(str, Enum):
    """What a data set counts a joint in."""

    RADIAN = "radian"
    DEGREE = "degree"
    PERCENT = "percent"
    """0 to 100 over the joint's range."""
    NORMALIZED = "normalized"
    """-100 to 100 over the joint's range."""


RANGED_UNITS = (JointUnit.PERCENT, JointUnit.NORMALIZED)
"""Units that mean nothing without a range."""


@dataclass(frozen=True)
class JointMap:
    """How a joint's value in the model's units becomes radians.

    ``q = sign * scale * radians(value) + offset_rad``.

    Attributes:
        unit: What the model counts the joint in.
        sign: 1, or -1 if the model counts the other way round.
        offset_rad: Our position in [rad] where the model's is 0 rad.
        scale: Our radians per radian of the model; for gears and wrong calibrations.
        range_rad: What 0 and 100 percent, or -100 and 100, are in [rad]; only with those units.
        action_bias_rad: Added to targets in [rad], not to measurements: a gripper that is told to
            go where it was stopped by what it held squeezes nothing.
    """

    unit: JointUnit = JointUnit.RADIAN
    sign: int = 1
    offset_rad: float = 0.0
    scale: float = 1.0
    range_rad: tuple[float, float] | None = None
    action_bias_rad: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a map that is none, or cannot be inverted.

        Raises:
            ConfigError: If an entry is outside its allowed range; the message begins with its name.
        """
        if self.sign not in (-1, 1):
            raise ConfigError(f"sign must be 1 or -1, got {self.sign}")
        if not 0.01 <= self.scale <= 100.0:
            raise ConfigError(f"scale must be 0.01 to 100, got {self.scale:g}")
        for name in ("offset_rad", "action_bias_rad"):
            if not abs(value := getattr(self, name)) <= 2 * math.pi:
                raise ConfigError(f"{name} must be -2 pi to 2 pi, got {value:g}")
        self._check_range()

    @property
    def rad_per_unit(self) -> float:
        """How far the joint goes in [rad] when the value grows by 1."""
        return self.sign * self.scale * self._unit_rad

    @property
    def rad_at_zero(self) -> float:
        """Where the joint is in [rad] when the value is 0."""
        return self.sign * self.scale * self._zero_rad + self.offset_rad

    def to_rad(self, value: npt.ArrayLike) -> np.ndarray:
        """Turn values in the model's units into positions in [rad]. Any shape."""
        return self.rad_per_unit * np.asarray(value, dtype=np.float64) + self.rad_at_zero

    def from_rad(self, q: npt.ArrayLike) -> np.ndarray:
        """Turn positions in [rad] into values in the model's units. Any shape."""
        return (np.asarray(q, dtype=np.float64) - self.rad_at_zero) / self.rad_per_unit

    @property
    def _unit_rad(self) -> float:
        if self.range_rad is not None:
            width = self.range_rad[1] - self.range_rad[0]
            return width / (100.0 if self.unit is JointUnit.PERCENT else 200.0)
        return math.radians(1.0) if self.unit is JointUnit.DEGREE else 1.0

    @property
    def _zero_rad(self) -> float:
        if self.range_rad is None:
            return 0.0
        return self.range_rad[0] if self.unit is JointUnit.PERCENT else sum(self.range_rad) / 2.0

    def _check_range(self) -> None:
        if self.unit not in RANGED_UNITS:
            if self.range_rad is not None:
                ranged = " and ".join(unit.value for unit in RANGED_UNITS)
                raise ConfigError(
                    f"range_rad is for the units {ranged}, got it with {self.unit.value}"
                )
            return
        if self.range_rad is None:
            raise ConfigError(f"range_rad is missing: {self.unit.value} is a part of it")
        low, high = self.range_rad
        if not (math.isfinite(low) and math.isfinite(high) and 1e-3 <= high - low <= 4 * math.pi):
            raise ConfigError(f"range_rad must be [low, high] in rad, got [{low:g}, {high:g}]")
