"""What is measured, in one typed form for simulation and reality."""

import math
from dataclasses import dataclass

import numpy as np

from so101_ros.arm import NUM_JOINTS
from so101_ros.errors import ObservationError
from so101_ros.pose import Pose

PAPER_TIMEOUT_S = 0.2
"""Age at which a pose of the sheet tells a policy nothing, in [s]."""


@dataclass(frozen=True, slots=True)
class JointState:
    """The arm at one moment.

    Attributes:
        stamp_ns: When it was measured, in [ns].
        q: Joint positions in [rad], in arm order. Shape (6,).
        dq: Joint velocities in [rad]/[s], in arm order. Shape (6,).
    """

    stamp_ns: int
    q: np.ndarray
    dq: np.ndarray

    def __post_init__(self) -> None:
        """Refuse a partial or non-finite measurement.

        Raises:
            ObservationError: If a shape is wrong or a value is not finite.
        """
        for name, array in (("positions", self.q), ("velocities", self.dq)):
            if np.shape(array) != (NUM_JOINTS,) or not all(map(math.isfinite, array.tolist())):
                raise ObservationError(
                    f"joint {name} must be {NUM_JOINTS} finite numbers, got {array}"
                )


@dataclass(frozen=True, slots=True)
class Observation:
    """What a policy sees at one tick.

    Attributes:
        joints: The arm; its stamp is the observation's time.
        paper: Pose of the sheet, or None when nobody knows it.
        paper_stamp_ns: When the sheet was seen there, in [ns]; None if with the joints.
    """

    joints: JointState
    paper: Pose | None
    paper_stamp_ns: int | None = None

    @property
    def stamp_ns(self) -> int:
        """Time of the observation in [ns]."""
        return self.joints.stamp_ns
