"""What can be wrong about where joints and cameras are; the defaults are right."""

import math
from dataclasses import dataclass

from so101_ros.arm import NUM_JOINTS
from so101_ros.simulation.ranges import check_between

_NOWHERE = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class CalibrationConfig:
    """Errors of calibration and mounting. Whoever measures or commands does not know of them.

    Attributes:
        joint_zeros: What a joint measures more than it is, in [rad]; its commands are off by the
            same. Six.
        base_offset: Where the arm stands beside its place: x and y in [m], yaw in [rad].
        top_camera_offset: Where the top camera hangs beside its place in ``world``, in [m].
        top_camera_turn: Rotation vector of the top camera in its own frame, in [rad].
        wrist_camera_offset: The same for the wrist camera, in the frame of the gripper link.
        wrist_camera_turn: The same for the wrist camera.
    """

    joint_zeros: tuple[float, ...] = (0.0,) * NUM_JOINTS
    base_offset: tuple[float, ...] = _NOWHERE
    top_camera_offset: tuple[float, ...] = _NOWHERE
    top_camera_turn: tuple[float, ...] = _NOWHERE
    wrist_camera_offset: tuple[float, ...] = _NOWHERE
    wrist_camera_turn: tuple[float, ...] = _NOWHERE

    def __post_init__(self) -> None:
        """Refuse what is no error but another set-up.

        Raises:
            ConfigError: If an error is not finite or too large.
        """
        check_between(self, -0.5, 0.5, "joint_zeros", "base_offset")
        check_between(self, -0.5, 0.5, "top_camera_offset", "wrist_camera_offset")
        check_between(self, -math.pi, math.pi, "top_camera_turn", "wrist_camera_turn")
