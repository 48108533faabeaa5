"""The 25 numbers that a learner sees."""

import numpy as np

from so101_ros.observation import JointState
from so101_ros.pose import Pose
from so101_ros.task.geometry import GOAL_CENTRE

STATE_PARTS = {
    "joint_position": slice(0, 6),  # [rad], in arm order
    "joint_velocity": slice(6, 12),  # [rad]/[s], in arm order
    "paper_position": slice(12, 15),  # [m], in world
    "paper_quaternion": slice(15, 19),  # w, x, y, z
    "goal_vector": slice(19, 22),  # [m], from the sheet's centre to the goal's, in world
    "tool_position": slice(22, 25),  # [m], in world
}
"""What is where in the state vector."""

STATE_SIZE = 25


def state_vector(joints: JointState, paper: Pose, tool_position: np.ndarray) -> np.ndarray:
    """Write arm and sheet as one vector; :data:`STATE_PARTS` names its parts.

    Args:
        joints: The arm.
        paper: Pose of the sheet.
        tool_position: Position of the tool frame in [m]. Shape (3,).

    Returns:
        The state, finite. Shape (25,), float32.
    """
    state = np.empty(STATE_SIZE, dtype=np.float32)
    state[0:6] = joints.q
    state[6:12] = joints.dq
    state[12:15] = paper.position
    state[15:19] = paper.quaternion
    state[19:21] = GOAL_CENTRE - paper.position[:2]
    state[21] = -paper.position[2]
    state[22:25] = tool_position
    return state
