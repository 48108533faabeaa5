"""Inverse kinematics reaches what is in reach and says so when it is not."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.arm import GRIPPER, HOME_Q
from so101_ros.control.hand import DownwardHand
from so101_ros.control.ik import HandTarget, IkSolver
from so101_ros.control.kinematics import PRESS, ArmKinematics

KINEMATICS = ArmKinematics()
SOLVER = IkSolver(KINEMATICS, PRESS)


def _over(radius: float, bearing: float, yaw: float, z: float = 0.02) -> HandTarget:
    x, y = KINEMATICS.pan_axis + radius * np.array([np.cos(bearing), np.sin(bearing)])
    return DownwardHand(float(x), float(y), z, yaw).target


@given(
    radius=st.floats(0.12, 0.24),
    bearing=st.floats(np.pi / 4 - 1.2, np.pi / 4 + 1.2),
    yaw=st.floats(-0.4, 1.9),
)
@settings(max_examples=60, deadline=None)
def test_a_pose_in_reach_is_reached(radius: float, bearing: float, yaw: float) -> None:
    """The result's errors are those of forward kinematics, and within tolerance."""
    target = _over(radius, bearing, yaw)
    result = SOLVER.solve(HOME_Q, target)
    assert result.success
    position, rotation = KINEMATICS.site_pose(result.q, PRESS)
    assert np.linalg.norm(position - target.position) == pytest.approx(
        result.position_error, abs=1e-9
    )
    assert rotation[:, 2] @ target.rotation[:, 2] > np.cos(0.021)


@given(radius=st.floats(0.35, 1.0), bearing=st.floats(-np.pi, np.pi))
@settings(max_examples=30, deadline=None)
def test_a_pose_out_of_reach_is_reported_within_limits(radius: float, bearing: float) -> None:
    """Failure is told with its size; joints stay inside their limits."""
    target = _over(radius, bearing, 0.0)
    result = SOLVER.solve(HOME_Q, target)
    assert not result.success
    position, _ = KINEMATICS.site_pose(result.q, PRESS)
    assert np.linalg.norm(position - target.position) == pytest.approx(
        result.position_error, abs=1e-9
    )
    assert (result.q >= KINEMATICS.arm.lower).all() and (result.q <= KINEMATICS.arm.upper).all()


def test_steps_shrink_the_error_within_the_joint_speed_limits() -> None:
    """Each control period brings the hand closer, and no joint outruns its limit."""
    target, dt = _over(0.20, 0.2, 0.3), 1.0 / 30.0
    q, errors = HOME_Q, []
    for _ in range(60):
        result = SOLVER.step(q, target, dt)
        assert (np.abs(result.q - q) <= KINEMATICS.arm.max_speed * dt + 1e-9).all()
        q = result.q
        errors.append(result.position_error)
    assert errors[0] > 0.02
    assert all(after <= before + 1e-6 for before, after in pairwise(errors))
    assert result.success


def test_the_gripper_joint_does_not_carry_the_hand() -> None:
    """The jaw stays where it was."""
    q = HOME_Q.copy()
    q[GRIPPER] = 1.0
    assert SOLVER.solve(q, _over(0.2, 0.5, 0.4)).q[GRIPPER] == pytest.approx(1.0, abs=1e-9)


def test_a_measured_pose_just_outside_the_limits_is_no_dead_end() -> None:
    """Servos report a hair beyond their limits; the solver starts from the limit."""
    q = HOME_Q.copy()
    q[0] = KINEMATICS.arm.upper[0] + 0.002
    assert SOLVER.solve(q, _over(0.2, 0.5, 0.4)).success
