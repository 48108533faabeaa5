"""The learner's 25 numbers."""

import numpy as np

from so101_ros.observation import JointState
from so101_ros.pose import Pose
from so101_ros.task.geometry import GOAL_CENTRE
from so101_ros.task.state_vector import STATE_PARTS, STATE_SIZE, state_vector


def test_the_parts_cover_the_vector_once() -> None:
    """No number belongs to two parts or to none."""
    indices = [index for part in STATE_PARTS.values() for index in range(STATE_SIZE)[part]]
    assert indices == list(range(STATE_SIZE))


def test_every_number_is_where_its_part_says() -> None:
    """Distinct values come back from their places."""
    numbers = np.arange(1.0, 23.0)
    joints = JointState(0, numbers[:6], numbers[6:12])
    paper, tool = Pose(numbers[12:15], numbers[15:19]), numbers[19:22]
    state = state_vector(joints, paper, tool)
    assert state.dtype == np.float32 and state.shape == (25,)
    expected = {
        "joint_position": numbers[:6],
        "joint_velocity": numbers[6:12],
        "paper_position": numbers[12:15],
        "paper_quaternion": numbers[15:19],
        "goal_vector": [*GOAL_CENTRE, 0.0] - numbers[12:15],
        "tool_position": tool,
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(state[STATE_PARTS[name]], np.float32(values))


def test_a_sheet_at_the_goal_has_nowhere_to_go() -> None:
    """The goal vector points from the sheet to the goal."""
    joints = JointState(0, np.zeros(6), np.zeros(6))
    at_goal = Pose(np.array([*GOAL_CENTRE, 0.0]), np.array([1.0, 0.0, 0.0, 0.0]))
    state = state_vector(joints, at_goal, np.zeros(3))
    np.testing.assert_array_equal(state[STATE_PARTS["goal_vector"]], np.zeros(3))
