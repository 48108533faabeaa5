"""The arm's description: joint order, limits from the model, refusals."""

import mujoco
import numpy as np
import pytest

from so101_ros.arm import (
    HOME_Q,
    JOINT_NAMES,
    ArmSpec,
    check_joints,
    dof_addresses,
    qpos_addresses,
)
from so101_ros.errors import ModelError
from so101_ros.simulation.scene import build_model


def chain(**changes: str) -> mujoco.MjModel:
    """Six hinges in a row, behind a free body; `changes` replaces the XML of single joints."""
    bodies = '<body><freejoint/><geom size="0.1"/></body>'
    for name in reversed(JOINT_NAMES):
        joint = changes.get(name, f'<joint name="{name}" range="-1 2"/>')
        bodies += f'<body>{joint}<geom size="0.1"/></body>'
    xml = f'<mujoco><compiler angle="radian"/><worldbody>{bodies}</worldbody></mujoco>'
    return mujoco.MjModel.from_xml_string(xml)


def test_limits_are_those_of_the_model() -> None:
    """The published limits come out in arm order, whatever the order in the model."""
    arm = ArmSpec.from_model(build_model())
    assert arm.joint_names == JOINT_NAMES
    np.testing.assert_allclose(
        arm.lower, [-1.9199, -1.7453, -1.69, -1.6581, -2.7438, -0.1745], atol=1e-4
    )
    np.testing.assert_allclose(arm.upper, [1.9199, 1.7453, 1.69, 1.6581, 2.8412, 1.7453], atol=1e-4)
    assert np.all(arm.lower < HOME_Q) and np.all(HOME_Q < arm.upper)


def test_limits_cannot_be_edited() -> None:
    """Everyone shares one description, so nobody may change it."""
    arm = ArmSpec.from_model(chain())
    for array in (arm.lower, arm.upper, arm.max_speed, arm.home):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_addresses_follow_names_past_a_free_body() -> None:
    """A free body in front shifts every address; joints in reverse order come out in arm order."""
    model = chain()
    assert qpos_addresses(model).tolist() == [12, 11, 10, 9, 8, 7]
    assert dof_addresses(model).tolist() == [11, 10, 9, 8, 7, 6]


def test_missing_joints_are_named() -> None:
    """The message lists what is missing, what is there and what is needed."""
    model = chain(elbow_flex='<joint name="elbow" range="-1 1"/>')
    with pytest.raises(
        ModelError, match=r"lacks the joints \['elbow_flex'\]; it has .*'elbow'.*needs"
    ):
        check_joints(model)


@pytest.mark.parametrize(
    "joint",
    [
        pytest.param('<joint name="gripper" type="slide" range="0 1"/>', id="slide"),
        pytest.param('<joint name="gripper"/>', id="no range"),
    ],
)
def test_joints_must_be_hinges_with_a_range(joint: str) -> None:
    """A sliding or endless joint is no joint of the arm."""
    with pytest.raises(ModelError, match="joint 'gripper' must be a hinge with a range"):
        ArmSpec.from_model(chain(gripper=joint))
