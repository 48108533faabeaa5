"""Poses and planar angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.pose import (
    PlanarPose,
    Pose,
    rotation,
    wrap_to_half_pi,
    wrap_to_pi,
    yaw_to_quaternion,
)

lengths = st.floats(-2.0, 2.0)
angles = st.floats(-10.0, 10.0)
poses = st.builds(PlanarPose, lengths, lengths, angles)


@given(poses, st.tuples(lengths, lengths))
def test_local_and_world_are_inverse(pose: PlanarPose, point: tuple[float, float]):
    """There and back again."""
    there = pose.to_world(np.array(point))
    np.testing.assert_allclose(pose.to_local(there), point, atol=1e-9)


def test_a_quarter_turn_carries_x_to_y():
    """Yaw is counted from x towards y, and points are rotated before they are moved."""
    pose = PlanarPose(1.0, 2.0, np.pi / 2.0)
    np.testing.assert_allclose(pose.to_world(np.array([0.5, 0.0])), [1.0, 2.5], atol=1e-12)


@given(poses)
def test_many_points_are_carried_like_one(pose: PlanarPose):
    """Rows are points."""
    points = np.array([[0.1, 0.2], [-0.3, 0.4], [0.0, 0.0]])
    single = [pose.to_world(point) for point in points]
    np.testing.assert_allclose(pose.to_world(points), single)
    np.testing.assert_allclose(pose.to_world(points)[2], pose.xy)


@given(st.floats(-np.pi + 1e-6, np.pi))
def test_yaw_survives_the_quaternion(yaw: float):
    """A rotation about z and its angle are the same thing."""
    quaternion = yaw_to_quaternion(yaw)
    assert np.linalg.norm(quaternion) == pytest.approx(1.0)
    pose = Pose(np.array([0.1, 0.2, 0.3]), quaternion)
    assert wrap_to_pi(pose.yaw - yaw) == pytest.approx(0.0, abs=1e-9)
    assert pose.planar.x == 0.1 and pose.planar.y == 0.2 and pose.planar.yaw == pose.yaw


def test_a_tilted_sheet_keeps_its_yaw():
    """A small tilt, as of a sheet that rests on a fingertip, hardly changes the yaw."""
    yaw, tilt = 0.7, 0.05
    w, _, _, z = yaw_to_quaternion(yaw)
    c, s = np.cos(0.5 * tilt), np.sin(0.5 * tilt)
    tilted = np.array([w * c, w * s, z * s, z * c])  # yaw after a tilt about x
    assert Pose(np.zeros(3), tilted).yaw == pytest.approx(yaw, abs=1e-3)


@given(angles)
def test_wrapped_angles_point_the_same_way(angle: float):
    """Wrapping changes an angle by whole (or half) turns only, into its range."""
    whole, half = wrap_to_pi(angle), wrap_to_half_pi(angle)
    assert -np.pi <= whole < np.pi and -np.pi / 2 <= half < np.pi / 2
    np.testing.assert_allclose(rotation(whole), rotation(angle), atol=1e-9)
    np.testing.assert_allclose(rotation(2.0 * half), rotation(2.0 * angle), atol=1e-9)
