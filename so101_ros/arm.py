"""The SO-101 arm, described once.

Joint names and their order are the contract of every topic, file and array in this package. Limits
are not typed in here: they are read from the robot model.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

from so101_ros.errors import ModelError

JOINT_NAMES = (
    "shoulder_pan",
    "shoulder_lift",
    "elbow_flex",
    "wrist_flex",
    "wrist_roll",
    "gripper",
)
"""Arm order: every joint array in this package has this order."""

NUM_JOINTS = len(JOINT_NAMES)

GRIPPER = JOINT_NAMES.index("gripper")
"""Index of the gripper in arm order."""

HOME_Q = np.array(
    [0.0, -0.289, 0.375, 1.485, 0.0, 0.30]
)  # [rad], hand straight down, tips 60 mm up
HOME_Q.setflags(write=False)

MAX_JOINT_SPEED = 4.7  # [rad]/[s], STS3215 at 7.4 V without load: 45 rpm


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """What everyone must know of the arm.

    Attributes:
        joint_names: Names in arm order.
        lower: Lower position limits in [rad]. Shape (6,).
        upper: Upper position limits in [rad]. Shape (6,).
        max_speed: Joint speed limits in [rad]/[s]. Shape (6,).
        home: Rest pose in [rad]. Shape (6,).
    """

    joint_names: tuple[str, ...]
    lower: np.ndarray
    upper: np.ndarray
    max_speed: np.ndarray
    home: np.ndarray

    @classmethod
    def from_model(cls, model: mujoco.MjModel) -> "ArmSpec":
        """Read the arm's limits from a compiled model.

        Args:
            model: A model with the six SO-101 joints.

        Returns:
            The arm as the model describes it.

        Raises:
            ModelError: If one of the six joints is missing, no hinge, or has no range.
        """
        check_joints(model)
        limits = np.array([model.joint(name).range for name in JOINT_NAMES])
        lower, upper = limits[:, 0].copy(), limits[:, 1].copy()
        arrays = (lower, upper, np.full(NUM_JOINTS, MAX_JOINT_SPEED))
        for array in arrays:
            array.setflags(write=False)
        return cls(JOINT_NAMES, *arrays, home=HOME_Q)


def check_joints(model: mujoco.MjModel) -> None:
    """Refuse a model that is not an SO-101.

    Args:
        model: The compiled model.

    Raises:
        ModelError: If one of the six joints is missing, no hinge, or has no range.
    """
    present = [model.joint(i).name for i in range(model.njnt)]
    missing = [name for name in JOINT_NAMES if name not in present]
    if missing:
        raise ModelError(
            f"the robot model lacks the joints {missing}; it has {present}. "
            f"An SO-101 model needs hinge joints named {list(JOINT_NAMES)}."
        )
    for name in JOINT_NAMES:
        joint = model.joint(name)
        if joint.type[0] != mujoco.mjtJoint.mjJNT_HINGE or not model.jnt_limited[joint.id]:
            raise ModelError(f"joint {name!r} must be a hinge with a range")


def qpos_addresses(model: mujoco.MjModel) -> np.ndarray:
    """Addresses of the six joints in ``qpos``, in arm order. Shape (6,)."""
    return np.array([model.jnt_qposadr[model.joint(name).id] for name in JOINT_NAMES])


def dof_addresses(model: mujoco.MjModel) -> np.ndarray:
    """Addresses of the six joints in ``qvel``, in arm order. Shape (6,)."""
    return np.array([model.jnt_dofadr[model.joint(name).id] for name in JOINT_NAMES])
