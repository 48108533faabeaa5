"""Where to press and how far to carry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.control.kinematics import ArmKinematics
from so101_ros.control.reach import DownwardReach
from so101_ros.control.stroke import TIP_SPAN, compose, paper_goals, plan_stroke, relative
from so101_ros.pose import PlanarPose
from so101_ros.task.geometry import PAPER_SIZE
from so101_ros.task.measures import measure
from so101_ros.task.starts import PaperStarts

REACH = DownwardReach(ArmKinematics())
POSES = st.builds(
    PlanarPose, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(-2 * np.pi, 2 * np.pi)
)


@given(outer=POSES, inner=POSES)
def test_compose_and_relative_are_inverse(outer: PlanarPose, inner: PlanarPose) -> None:
    """Seen from a frame and carried back, a pose is the same, turns included."""
    back = relative(outer, compose(outer, inner))
    np.testing.assert_allclose([*back.xy, back.yaw], [*inner.xy, inner.yaw], atol=1e-12)


@given(yaw=st.floats(-np.pi, np.pi))
def test_both_ways_round_fit_the_frame(yaw: float) -> None:
    """Both goals are solutions of the task, and the first needs at most a quarter turn."""
    near, far = paper_goals(PlanarPose(0.3, 0.0, yaw))
    assert measure(near).margin > 0.019 and measure(far).margin > 0.019
    assert abs(near.yaw - yaw) <= np.pi / 2 + 1e-9
    assert abs(far.yaw - near.yaw) == pytest.approx(np.pi)


@pytest.mark.parametrize("any_yaw", [False, True], ids=["task starts", "any yaw"])
def test_one_stroke_is_enough_for_every_start(any_yaw: bool) -> None:
    """From any start of the task a single stroke within reach leads to the goal."""
    starts = PaperStarts(yaw=(-np.pi, np.pi)) if any_yaw else PaperStarts()
    rng = np.random.default_rng(11)
    for _ in range(100):
        paper = starts.sample(rng)
        stroke = plan_stroke(paper, REACH, rng)
        assert stroke is not None and stroke.share == 1.0
        end = compose(stroke.paper_goal, relative(paper, stroke.start))
        path = np.linspace([*stroke.start.xy, stroke.start.yaw], [*end.xy, end.yaw], 50)
        assert (REACH.margin(path) > 0.0).all()


@settings(deadline=None, max_examples=50)
@given(
    paper=st.builds(
        PlanarPose, st.floats(0.25, 0.35), st.floats(-0.1, 0.1), st.floats(-np.pi, np.pi)
    )
)
def test_both_tips_come_down_on_the_sheet(paper: PlanarPose) -> None:
    """Wherever the task may begin, tips land on the sheet with room for a centimetre of error."""
    stroke = plan_stroke(paper, REACH, np.random.default_rng(0))
    assert stroke is not None
    half = 0.5 * TIP_SPAN * np.array([np.cos(stroke.start.yaw), np.sin(stroke.start.yaw)])
    tips = paper.to_local(np.array([stroke.start.xy + half, stroke.start.xy - half]))
    assert (np.abs(tips) < 0.5 * PAPER_SIZE - 0.010).all()


def test_a_far_sheet_cannot_be_pressed() -> None:
    """Nothing is invented for a sheet out of reach."""
    assert plan_stroke(PlanarPose(0.9, 0.9, 0.0), REACH, np.random.default_rng(0)) is None


def test_a_partial_stroke_stops_where_the_reach_ends() -> None:
    """A sheet at the edge is brought part of the way, inside the reach."""
    partial = [
        (paper, stroke)
        for x in np.linspace(-0.15, 0.15, 13)
        for y in np.linspace(-0.30, -0.10, 9)
        if (paper := PlanarPose(x, y, 0.5))
        and (stroke := plan_stroke(paper, REACH, np.random.default_rng(0)))
        and stroke.share < 1.0
    ]
    assert partial  # the sample means something
    for paper, stroke in partial:
        end = compose(stroke.paper_goal, relative(paper, stroke.start))
        assert REACH.margin(np.array([*end.xy, end.yaw])) > 0.0
