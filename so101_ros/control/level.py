"""Keep the fingertips level under load, so that both press."""

import numpy as np

from so101_ros.arm import JOINT_NAMES

GAIN = 0.15  # share of the error taken up per policy tick
DECAY = 0.8  # what is left of the correction per policy tick without load
MAX_CORRECTION = 0.15  # [rad]

_PITCH = [JOINT_NAMES.index(name) for name in ("shoulder_lift", "elbow_flex", "wrist_flex")]
_WRIST = JOINT_NAMES.index("wrist_flex")


class TipLevel:
    """Turn the wrist until the hand is measured to point as it was told to.

    The axes of shoulder lift, elbow and wrist flex are parallel: the sum of their angles says how
    the hand leans. Under load servos give way, the hand leans, and only one tip would press.

    Attributes:
        correction: To be added to joint targets, in [rad]. Shape (6,).
    """

    def __init__(self) -> None:
        """Begin without a correction."""
        self.correction = np.zeros(len(JOINT_NAMES))

    def regulate(self, q_wanted: np.ndarray, q_measured: np.ndarray) -> None:
        """Take up part of the lean.

        Args:
            q_wanted: Where the joints should be in [rad]. Shape (6,).
            q_measured: Where they are in [rad]. Shape (6,).
        """
        lean = float((q_wanted - q_measured)[_PITCH].sum())
        wrist = self.correction[_WRIST] + GAIN * lean
        self.correction[_WRIST] = np.clip(wrist, -MAX_CORRECTION, MAX_CORRECTION)

    def release(self) -> None:
        """Let the correction fade, without load."""
        self.correction[_WRIST] *= DECAY
