"""Where the hand can point straight down."""

from typing import NamedTuple

import numpy as np

from so101_ros.arm import JOINT_NAMES
from so101_ros.control.hand import Pivot
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.pose import wrap_to_pi

MIN_RADIUS = 0.092  # [m] from the pan axis; straight down ends at 0.085
MAX_RADIUS = 0.256  # [m]; 0.266 with the tips on the table, 0.25 when hovering 40 mm up
JOINT_MARGIN = 0.10  # [rad], kept from the limits of pan and roll

_RADIUS_UNIT = 0.010  # [m], counts as one unit of margin
_JOINT_UNIT = 0.1  # [rad] of pan or roll, likewise

_PAN = JOINT_NAMES.index("shoulder_pan")
_ROLL = JOINT_NAMES.index("wrist_roll")
_ANY_DOWN_Q = np.array([0.0, 0.1, 0.4, np.pi / 2.0 - 0.5, 0.0, 0.3])  # [rad], hand straight down


class _Turn(NamedTuple):
    """The yaw of a downward hand is linear in two joints: ``yaw = offset + pan * a + roll * b``."""

    offset: float
    per_pan: float
    per_roll: float


class DownwardReach:
    """Which hand poses on the table are within reach, pointing straight down.

    A hand pose is that of the press site seen from above: x and y in [m], yaw in [rad]. Yaw is not
    wrapped: two yaws a full turn apart need different wrist rolls.
    """

    def __init__(self, kinematics: ArmKinematics) -> None:
        """Read the geometry off the model.

        Args:
            kinematics: The arm.
        """
        self.pan_axis = kinematics.pan_axis
        self._lower = kinematics.arm.lower + JOINT_MARGIN
        self._upper = kinematics.arm.upper - JOINT_MARGIN
        self._turn = _find_turn(kinematics)
        self._press_in_roll_axis = _find_press_offset(kinematics)
        self._pan_zero = _find_pan_zero(kinematics)
        self.pivot = Pivot(*self.pan_axis, forward=self._pan_zero)

    def margin(self, hands: np.ndarray) -> np.ndarray:
        """Say how far hand poses are from the edge of what is reachable.

        Args:
            hands: Hand poses x, y, yaw. Shape (..., 3).

        Returns:
            Margin, negative out of reach; a radius counts in units of 10 mm, a joint in units of
            0.1 rad. Shape (...).
        """
        radius, pan, roll = self._cylindrical(hands)
        radial = np.minimum(radius - MIN_RADIUS, MAX_RADIUS - radius) / _RADIUS_UNIT
        pan_room = np.minimum(pan - self._lower[_PAN], self._upper[_PAN] - pan) / _JOINT_UNIT
        roll_room = np.minimum(roll - self._lower[_ROLL], self._upper[_ROLL] - roll) / _JOINT_UNIT
        return np.minimum(radial, np.minimum(pan_room, roll_room))

    def unwind(self, hands: np.ndarray) -> np.ndarray:
        """Choose the turn of every yaw that needs the least wrist roll.

        Args:
            hands: Hand poses x, y, yaw; yaws may be off by full turns. Shape (n, 3).

        Returns:
            The same poses with yaws whose wrist roll is closest to zero. Shape (n, 3).
        """
        _, _, roll = self._cylindrical(hands)
        unwound = hands.copy()
        unwound[:, 2] -= 2.0 * np.pi * np.round(roll / (2.0 * np.pi)) * self._turn.per_roll
        return unwound

    def _cylindrical(self, hands: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Radius of the roll axis in [m], pan and roll in [rad]. Each of shape (...)."""
        yaw = hands[..., 2]
        along, across = self._press_in_roll_axis
        cos, sin = np.cos(yaw), np.sin(yaw)
        x = hands[..., 0] - cos * along + sin * across - self.pan_axis[0]
        y = hands[..., 1] - sin * along - cos * across - self.pan_axis[1]
        pan = -wrap_to_pi(np.arctan2(y, x) - self._pan_zero)
        roll = (yaw - self._turn.offset - self._turn.per_pan * pan) / self._turn.per_roll
        return np.hypot(x, y), pan, roll


def _hand_yaw(kinematics: ArmKinematics, pan: float, roll: float) -> float:
    q = _ANY_DOWN_Q.copy()
    q[_PAN], q[_ROLL] = pan, roll
    _, rotation = kinematics.site_pose(q, PRESS)
    return float(np.arctan2(rotation[1, 0], rotation[0, 0]))


def _find_turn(kinematics: ArmKinematics) -> _Turn:
    step = 0.1  # [rad], any small turn: the relation is linear
    offset = _hand_yaw(kinematics, 0.0, 0.0)
    per_pan = wrap_to_pi(_hand_yaw(kinematics, step, 0.0) - offset) / step
    per_roll = wrap_to_pi(_hand_yaw(kinematics, 0.0, step) - offset) / step
    return _Turn(offset, round(per_pan), round(per_roll))


def _find_press_offset(kinematics: ArmKinematics) -> np.ndarray:
    """Press site seen from the roll axis, along the hand's x and y, in [m]. Shape (2,)."""
    hand, rotation = kinematics.site_pose(_ANY_DOWN_Q, PRESS)
    rolled_q = _ANY_DOWN_Q.copy()
    rolled_q[_ROLL] += np.pi / 2.0  # any turn but a whole one
    turned, turned_rotation = kinematics.site_pose(rolled_q, PRESS)
    # Both positions are axis + R(yaw) offset; solve for axis and offset.
    planar, turned_planar = _planar(rotation), _planar(turned_rotation)
    return np.linalg.solve(planar - turned_planar, hand[:2] - turned[:2])


def _planar(rotation: np.ndarray) -> np.ndarray:
    """Rotation by the yaw of the hand's x axis. Shape (2, 2)."""
    cos, sin = rotation[0, 0], rotation[1, 0]
    return np.array([[cos, -sin], [sin, cos]]) / np.hypot(cos, sin)


def _find_pan_zero(kinematics: ArmKinematics) -> float:
    """Direction of the roll axis from the pan axis at zero pan, in [rad]."""
    hand, rotation = kinematics.site_pose(_ANY_DOWN_Q, PRESS)
    axis = hand[:2] - _planar(rotation) @ _find_press_offset(kinematics)
    offset = axis - kinematics.pan_axis
    return float(np.arctan2(offset[1], offset[0]))
