"""Who touches what, in situations that are clear."""

import mujoco
import numpy as np
import pytest

from so101_ros.arm import HOME_Q
from so101_ros.evaluation.rollout import Rollout
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import PlanarPose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.task.situation import Touch

AWAY = PlanarPose(-0.3, -0.3, 0.0)
LOWERED_Q = HOME_Q + np.array([0.0, 0.37, 0.0, -0.37, 0.0, 0.0])  # tips a few mm into the table


@pytest.fixture
def backend() -> MujocoBackend:
    """A scene with the arm at home."""
    return MujocoBackend()


def lower(backend: MujocoBackend, paper: PlanarPose) -> Touch:
    """Lay the sheet, lower the hand for a second, and read."""
    backend.reset(paper)
    backend.step(np.linspace(HOME_Q, LOWERED_Q, 120))
    return backend.situation.touch


def test_at_home_nothing_is_touched(backend: MujocoBackend) -> None:
    """The sheet on the table is no touch of the arm."""
    assert backend.situation.touch == Touch(0, arm_on_table=False)


def test_a_hand_on_the_table_is_not_on_the_sheet(backend: MujocoBackend) -> None:
    """The sheet lies elsewhere."""
    assert lower(backend, AWAY) == Touch(0, arm_on_table=True)


def test_a_hand_on_the_sheet_is_not_on_the_table(backend: MujocoBackend) -> None:
    """The sheet lies where the hand comes down."""
    lower(backend, AWAY)
    x, y, _ = backend.tool_position
    touch = lower(backend, PlanarPose(float(x), float(y), 0.0))
    assert touch.tips_on_paper >= 1
    assert not touch.arm_on_table


def test_reading_does_not_change_the_motion() -> None:
    """An episode that is looked at is the episode that is not."""
    looked_at, alone = MujocoBackend(), MujocoBackend()
    for target in np.linspace(HOME_Q, LOWERED_Q, 120):
        looked_at.step(target[None])
        assert looked_at.situation.touch is not None
        alone.step(target[None])
    np.testing.assert_array_equal(looked_at.state, alone.state)


def test_poses_alone_decide() -> None:
    """Whoever knows joint positions and the sheet's pose reads the same in a scene of its own."""
    rollout, other = Rollout(PressAndDragPolicy()), MujocoBackend()
    backend = rollout.world.simulator.backend
    rollout.begin(3)
    touches = []
    for _ in range(100):
        rollout.step()
        other.data.qpos[:] = backend.data.qpos
        mujoco.mj_kinematics(other.model, other.data)
        touches.append(backend.situation.touch)
        assert other.situation.touch == touches[-1]
    assert {touch.tips_on_paper for touch in touches} >= {0, 2}
