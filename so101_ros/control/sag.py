"""Make up for the droop of proportional servos under gravity."""

import numpy as np

from so101_ros.arm import NUM_JOINTS

GAIN = 0.2  # share of the error taken up per policy tick
MAX_CORRECTION = 0.06  # [rad]; the heaviest joint droops by about 0.012 at 50 N m/rad


class SagCompensator:
    """Learn a constant correction while the hand rests in the air.

    Pressing on the table shows as an error too; it must not be learnt, or the press would grow.

    Attributes:
        correction: To be added to joint targets, in [rad]. Shape (6,).
    """

    def __init__(self) -> None:
        """Begin without a correction."""
        self.correction = np.zeros(NUM_JOINTS)

    def learn(self, q_wanted: np.ndarray, q_measured: np.ndarray) -> None:
        """Take up part of the error at rest.

        Args:
            q_wanted: Where the joints should be in [rad]. Shape (6,).
            q_measured: Where they are in [rad]. Shape (6,).
        """
        learnt = self.correction + GAIN * (q_wanted - q_measured)
        self.correction = np.clip(learnt, -MAX_CORRECTION, MAX_CORRECTION)
