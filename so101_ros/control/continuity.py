"""Refuse measurements that no arm can have moved to."""

import numpy as np

from so101_ros.arm import JOINT_NAMES, ArmSpec
from so101_ros.errors import ObservationError
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS

SPEED_FACTOR = 2.0
"""How much faster than its limit a joint may be pushed or fall."""

SLACK = 0.05  # [rad], backlash and noise of a measurement


class ContinuityCheck:
    """Compare each joint state with the one before it.

    Two arms on one topic, or a tool that publishes a pose of its own, show as an arm that jumps.
    """

    def __init__(self, arm: ArmSpec) -> None:
        """Begin without a joint state.

        Args:
            arm: Whose speed limits count.
        """
        self._max_speed = SPEED_FACTOR * arm.max_speed
        self._last: JointState | None = None

    def restart(self) -> None:
        """Take the next joint state as it is: an epoch begins, the arm may be anywhere."""
        self._last = None

    def take(self, joints: JointState) -> None:
        """Take in one joint state.

        Args:
            joints: The arm, not older than the one before.

        Raises:
            ObservationError: If a joint is further from where it was than it can have moved; the
                joint state is then forgotten.
        """
        if self._last is not None:
            self._check(joints, self._last)
        self._last = joints

    def _check(self, joints: JointState, last: JointState) -> None:
        elapsed_s = (joints.stamp_ns - last.stamp_ns) / NANOSECONDS
        moved = np.abs(joints.q - last.q)
        excess = moved - (SLACK + elapsed_s * self._max_speed)
        worst = int(np.argmax(excess))
        if excess[worst] > 0.0:
            raise ObservationError(
                f"{JOINT_NAMES[worst]} cannot have moved by {moved[worst]:.3g} rad in "
                f"{elapsed_s:.3f} s; is there a second publisher of joint states?"
            )
