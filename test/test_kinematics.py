"""The hand's frames, against MuJoCo's full scene."""

import mujoco
import numpy as np

from so101_ros.arm import GRIPPER, HOME_Q, qpos_addresses
from so101_ros.control.kinematics import GRIPPER_FRAME, PRESS, PRESS_JAW, ArmKinematics
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, TOOL, build_model


def _random_q(kinematics: ArmKinematics, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(kinematics.arm.lower, kinematics.arm.upper)


def test_press_site_is_half_way_between_the_level_tips() -> None:
    """At the press jaw angle the site is the tips' midpoint, whatever the other joints do."""
    kinematics, model = ArmKinematics(), build_model()
    data = mujoco.MjData(model)
    rng = np.random.default_rng(3)
    for _ in range(50):
        q = _random_q(kinematics, rng)
        q[GRIPPER] = PRESS_JAW
        data.qpos[qpos_addresses(model)] = q
        mujoco.mj_kinematics(model, data)
        tips = np.array([data.site(FIXED_TIP).xpos, data.site(MOVING_TIP).xpos])
        position, rotation = kinematics.site_pose(q, PRESS)
        np.testing.assert_allclose(position, tips.mean(axis=0), atol=1e-9)
        line = (tips[1] - tips[0]) / np.linalg.norm(tips[1] - tips[0])
        assert line @ rotation[:, 0] > np.cos(0.02)


def test_tips_are_level_and_pointing_down_at_home() -> None:
    """The rest pose is a press pose in the air."""
    _, rotation = ArmKinematics().site_pose(HOME_Q, PRESS)
    assert rotation[2, 2] < -0.9999


def test_gripper_frame_sits_at_the_tool() -> None:
    """The frame that teleoperation leads is the maker's gripper frame."""
    kinematics = ArmKinematics()
    position, rotation = kinematics.site_pose(HOME_Q, GRIPPER_FRAME)
    tool, _ = kinematics.site_pose(HOME_Q, TOOL)
    np.testing.assert_allclose(position, tool, atol=1e-12)
    np.testing.assert_allclose(rotation[:, 2], [0.0, 0.0, -1.0], atol=1e-3)
