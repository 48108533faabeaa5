"""Where the cameras of every scene are, whatever the arm, and how wide they look."""

from typing import NamedTuple

import mujoco
import numpy as np

from so101_ros.task.geometry import GOAL_CENTRE


class CameraMount(NamedTuple):
    """Where a camera is when nothing is wrong with it.

    Attributes:
        position: In the frame of what it is fixed to, in [m].
        quaternion: Of MuJoCo's camera frame in that frame: w, x, y, z.
        fovy: Vertical field of view in [deg], as MuJoCo has it.
    """

    position: tuple[float, ...]
    quaternion: tuple[float, ...]
    fovy: float


def _quaternion_of_axes(x_axis: list[float], y_axis: list[float]) -> tuple[float, ...]:
    quaternion = np.empty(4)
    axes = np.column_stack([x_axis, y_axis, np.cross(x_axis, y_axis)])
    mujoco.mju_mat2Quat(quaternion, axes.astype(float).ravel())
    return tuple(quaternion)


def _quaternion_of_axis_angle(axis: list[float], angle: float) -> tuple[float, ...]:
    quaternion = np.empty(4)
    mujoco.mju_axisAngle2Quat(quaternion, np.array(axis) / np.linalg.norm(axis), angle)
    return tuple(quaternion)


TOP = CameraMount(
    (*GOAL_CENTRE.tolist(), 0.40),
    _quaternion_of_axes([0, -1, 0], [1, 0, 0]),
    90.0,
)
"""Hangs in ``world``."""

WRIST = CameraMount(
    (0.0025, 0.0609, 0.0120),
    _quaternion_of_axis_angle([-0.2356, 0.2268, 0.9450], 1.6273),
    75.0,
)
"""Is fixed to the gripper link."""
