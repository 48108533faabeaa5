"""How the policies' answers are mixed: with which weights, and how old they may be."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.arm import NUM_JOINTS
from so101_ros.errors import ConfigError


class Base(str, Enum):
    """The sources of absolute targets."""

    IK = "ik"
    GROOT = "groot"


@dataclass(frozen=True, slots=True)
class BlendSettings:
    """How the sources are mixed; all of it may change while the arm moves.

    Attributes:
        groot_weight: Share of GR00T in the base, in [0, 1]; the rest belongs to IK.
        alpha: Share of the residual that is applied, in [0, 1].
        residual_cap: Largest correction per joint after ``alpha``, in [rad]. Shape (6,).
        action_timeout_s: Age at which the IK policy's chunk is stale, in [s].
        groot_timeout_s: Age at which GR00T's chunk is stale, in [s]: a large network thinks for
            longer, and its chunks reach further.
        residual_timeout_s: Age at which the residual's chunk is stale, in [s].
    """

    groot_weight: float = 0.0
    alpha: float = 1.0
    residual_cap: tuple[float, ...] = (0.02,) * NUM_JOINTS
    action_timeout_s: float = 0.5
    groot_timeout_s: float = 2.0
    residual_timeout_s: float = 0.2

    def __post_init__(self) -> None:
        """Refuse settings outside their range.

        Raises:
            ConfigError: If a setting is not finite or outside its range.
        """
        for name in ("groot_weight", "alpha"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        for name in ("action_timeout_s", "groot_timeout_s", "residual_timeout_s"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ConfigError(f"{name} must be above 0 s, got {getattr(self, name)}")
        cap = np.asarray(self.residual_cap, dtype=float)
        if cap.shape != (NUM_JOINTS,) or not (np.isfinite(cap).all() and (cap >= 0.0).all()):
            raise ConfigError(
                f"residual_cap must be {NUM_JOINTS} numbers of at least 0 rad, "
                f"got {list(self.residual_cap)}"
            )

    def timeout_s(self, term: str) -> float:
        """Age at which a term's chunk is stale, in [s]."""
        if term == Base.GROOT.value:
            return self.groot_timeout_s
        return self.action_timeout_s if term == Base.IK.value else self.residual_timeout_s
