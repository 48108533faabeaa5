"""Measures of a sheet on the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.pose import PlanarPose, Pose
from so101_ros.task.geometry import (
    GOAL_CENTRE,
    GOAL_INNER_SIZE,
    GOAL_YAW,
    TAPE_WIDTH,
    paper_corners,
)
from so101_ros.task.measures import lies_flat, measure

AT_GOAL = PlanarPose(float(GOAL_CENTRE[0]), float(GOAL_CENTRE[1]), GOAL_YAW)

poses = st.builds(
    PlanarPose, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(-2.0 * np.pi, 2.0 * np.pi)
)


def moved(dx: float = 0.0, dy: float = 0.0, turn: float = 0.0) -> PlanarPose:
    """Move the sheet away from the goal."""
    return PlanarPose(AT_GOAL.x + dx, AT_GOAL.y + dy, AT_GOAL.yaw + turn)


def test_a_perfect_sheet_has_the_tape_around_it():
    """No distance, no turn left, and the whole tape as margin."""
    measures = measure(AT_GOAL)
    assert measures.distance_to_goal == pytest.approx(0.0)
    assert measures.yaw_error == pytest.approx(0.0)
    assert measures.margin == pytest.approx(TAPE_WIDTH)
    assert measures.inside


@given(poses)
def test_measures_are_finite_and_in_range_everywhere(pose: PlanarPose):
    """No sheet, however far away, has an infinite distance."""
    measures = measure(pose)
    assert np.isfinite([measures.distance_to_goal, measures.yaw_error, measures.margin]).all()
    assert measures.distance_to_goal >= 0.0
    assert 0.0 <= measures.yaw_error <= np.pi / 2.0
    assert measures.margin <= TAPE_WIDTH + 1e-9


@given(poses)
def test_the_margin_is_that_of_the_outermost_corner(pose: PlanarPose):
    """Measured corner by corner, along world x and y."""
    outer_half_size = 0.5 * GOAL_INNER_SIZE + TAPE_WIDTH
    depths = outer_half_size - np.abs(paper_corners(pose) - GOAL_CENTRE)
    assert measure(pose).margin == pytest.approx(depths.min(), abs=1e-9)


@given(poses)
def test_half_a_turn_changes_nothing(pose: PlanarPose):
    """The sheet looks the same after 180 degrees."""
    first, second = measure(pose), measure(PlanarPose(pose.x, pose.y, pose.yaw + np.pi))
    assert second.margin == pytest.approx(first.margin, abs=1e-9)
    assert np.cos(2.0 * second.yaw_error) == pytest.approx(np.cos(2.0 * first.yaw_error), abs=1e-9)


@pytest.mark.parametrize("shift", [0.019, 0.021])
@pytest.mark.parametrize("direction", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_the_outer_edge_of_the_tape_decides(shift: float, direction: tuple[int, int]):
    """A sheet may cover the tape but not leave it, in any direction."""
    measures = measure(moved(shift * direction[0], shift * direction[1]))
    assert measures.inside is (shift < TAPE_WIDTH)
    assert measures.margin == pytest.approx(TAPE_WIDTH - shift)
    assert measures.distance_to_goal == pytest.approx(shift)


@given(st.floats(-np.pi / 2.0, np.pi / 2.0))
def test_the_yaw_error_is_the_turn_that_is_left(turn: float):
    """Its sign does not matter."""
    assert measure(moved(turn=turn)).yaw_error == pytest.approx(abs(turn), abs=1e-9)


def test_a_sheet_that_lies_across_the_frame_is_outside():
    """At the goal's centre but 90 degrees off, the corners stick out by the difference in size."""
    measures = measure(moved(turn=np.pi / 2.0))
    assert measures.margin == pytest.approx(0.5 * (0.148 - 0.210) + TAPE_WIDTH)
    assert not measures.inside


@pytest.mark.parametrize(
    ("height", "tilt_deg", "flat"),
    [(0.0005, 0.0, True), (0.009, 4.0, True), (0.02, 0.0, False), (0.005, 6.0, False)],
)
def test_a_sheet_in_its_place_lies_flat(height: float, tilt_deg: float, flat: bool) -> None:
    """One that stands on edge or flies over the frame is not returned; nor matters its face."""
    half = 0.5 * np.radians(tilt_deg)
    upright = Pose(np.array([0.0, 0.0, height]), np.array([np.cos(half), np.sin(half), 0.0, 0.0]))
    on_its_face = Pose(upright.position, np.array([-np.sin(half), np.cos(half), 0.0, 0.0]))
    assert lies_flat(upright) is flat and lies_flat(on_its_face) is flat
