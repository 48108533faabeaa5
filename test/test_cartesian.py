"""Cartesian teleoperation on the simulated arm."""

import mujoco
import numpy as np
import pytest

from so101_ros.arm import GRIPPER
from so101_ros.control.kinematics import GRIPPER_FRAME, ArmKinematics
from so101_ros.errors import CommandError, PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.policies.cartesian import CartesianPolicy
from so101_ros.pose import Pose
from so101_ros.simulation.backend import MujocoBackend

KINEMATICS = ArmKinematics()


def _hand_pose(q: np.ndarray) -> Pose:
    position, rotation = KINEMATICS.site_pose(q, GRIPPER_FRAME)
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.ravel())
    return Pose(position, quaternion)


def _run(policy: CartesianPolicy, backend: MujocoBackend, ticks: int) -> float:
    """Follow the policy; largest distance the hand moved in one tick, in [m]."""
    largest, last = 0.0, _hand_pose(backend.joint_state.q).position
    for _ in range(ticks):
        action = policy.act(Observation(backend.joint_state, None))
        backend.step(np.tile(action.rows[-1], (4, 1)))
        here = _hand_pose(backend.joint_state.q).position
        largest, last = max(largest, float(np.linalg.norm(here - last))), here
    return largest


def test_follows_position_and_gripper() -> None:
    """The hand arrives within the servos' droop, at a bounded speed, and the jaw opens."""
    backend, policy = MujocoBackend(), CartesianPolicy()
    home = _hand_pose(backend.arm.home)
    target = Pose(home.position + np.array([0.03, -0.05, 0.03]), home.quaternion)
    policy.set_target(target)
    policy.set_gripper(1.0)
    largest = _run(policy, backend, 60)
    error = _hand_pose(backend.joint_state.q).position - target.position
    assert np.linalg.norm(error) < 0.008
    assert largest < 0.02
    assert backend.joint_state.q[GRIPPER] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("far", [0.6, 1e6, 1e30])
def test_a_target_out_of_reach_is_refused_before_anything_moves(far: float) -> None:
    """The error says how far off the hand would be, also where no solver can follow."""
    backend, policy = MujocoBackend(), CartesianPolicy()
    home = _hand_pose(backend.arm.home)
    policy.set_target(Pose(home.position + np.array([far, 0.0, 0.0]), home.quaternion))
    with pytest.raises(PolicyUnavailable, match=r"out of reach: the hand would be \d+ mm"):
        policy.act(Observation(backend.joint_state, None))


def test_a_target_below_the_table_is_refused() -> None:
    """Pressing is fine, pushing into the table is not: an arm would stall there."""
    backend, policy = MujocoBackend(), CartesianPolicy()
    home = _hand_pose(backend.arm.home)
    for height, allowed in ((0.012, True), (-0.05, False)):
        policy.set_target(Pose(np.array([*home.position[:2], height]), home.quaternion))
        if allowed:
            policy.act(Observation(backend.joint_state, None))
            continue
        with pytest.raises(PolicyUnavailable, match=r"push a fingertip \d+ mm into the table"):
            policy.act(Observation(backend.joint_state, None))


def test_no_target_no_action_also_after_a_reset() -> None:
    """An interruption forgets the target."""
    backend, policy = MujocoBackend(), CartesianPolicy()
    observation = Observation(backend.joint_state, None)
    policy.set_target(_hand_pose(backend.arm.home))
    policy.act(observation)
    policy.reset(0)
    with pytest.raises(PolicyUnavailable, match="no target_pose or gripper_target"):
        policy.act(observation)


@pytest.mark.parametrize("q", [float("nan"), 5.0, -1.0])
def test_a_bad_jaw_angle_is_refused(q: float) -> None:
    """The error names the range."""
    with pytest.raises(CommandError, match=r"gripper_target must be in \[-0\.175, 1\.745\] rad"):
        CartesianPolicy().set_gripper(q)
