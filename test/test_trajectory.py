"""Timed rows: what can be built, and what comes out at any time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import CommandError
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointOffsets, JointTrajectory, hold

STAMP_NS = 5 * NANOSECONDS


@st.composite
def trajectories(draw: st.DrawFn) -> JointTrajectory:
    """Any valid trajectory."""
    gaps_s = draw(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=8))
    values = draw(st.lists(st.floats(-3.0, 3.0), min_size=len(gaps_s), max_size=len(gaps_s)))
    return JointTrajectory(STAMP_NS, np.cumsum(gaps_s), np.outer(values, np.arange(6.0)))


offsets_s = st.floats(-1.0, 5.0)


@given(trajectories(), offsets_s)
def test_a_sample_lies_within_the_rows(trajectory: JointTrajectory, offset_s: float):
    """Interpolation and extension never overshoot."""
    q = trajectory.sample(STAMP_NS + round(offset_s * NANOSECONDS))
    assert (trajectory.rows.min(axis=0) - 1e-12 <= q).all()
    assert (q <= trajectory.rows.max(axis=0) + 1e-12).all()


@given(trajectories(), st.lists(offsets_s, min_size=1, max_size=10))
def test_many_samples_are_single_samples(trajectory: JointTrajectory, times_s: list[float]):
    """Both ways of sampling agree."""
    stamps_ns = STAMP_NS + np.round(np.array(times_s) * NANOSECONDS).astype(np.int64)
    single = [trajectory.sample(int(stamp_ns)) for stamp_ns in stamps_ns]
    np.testing.assert_allclose(trajectory.sample_many(stamps_ns), single, atol=1e-9)


@given(trajectories())
def test_rows_come_back_at_their_times_and_extend_outwards(trajectory: JointTrajectory):
    """A row is what is wanted at its time; before the first and after the last nothing changes."""
    stamps_ns = STAMP_NS + np.round(trajectory.times_s * NANOSECONDS).astype(np.int64)
    np.testing.assert_allclose(trajectory.sample_many(stamps_ns), trajectory.rows, atol=1e-6)
    np.testing.assert_array_equal(trajectory.sample(0), trajectory.rows[0])
    np.testing.assert_array_equal(trajectory.sample(trajectory.end_ns + 1), trajectory.rows[-1])
    assert trajectory.end_ns == stamps_ns[-1]


def test_half_way_between_two_rows_is_their_mean():
    """Interpolation is linear in time."""
    rows = np.array([np.zeros(6), np.ones(6)])
    trajectory = JointTrajectory(STAMP_NS, np.array([0.0, 0.2]), rows)
    np.testing.assert_allclose(trajectory.sample(STAMP_NS + NANOSECONDS // 10), np.full(6, 0.5))


def test_a_hold_is_one_pose_for_ever():
    """Any time gives the held pose."""
    q = np.linspace(0.0, 1.0, 6)
    for stamp_ns in (0, STAMP_NS, 10 * STAMP_NS):
        np.testing.assert_array_equal(hold(STAMP_NS, q).sample(stamp_ns), q)


def test_a_trajectory_does_not_change_with_the_arrays_it_was_built_from():
    """It keeps copies, and they are read-only."""
    rows = np.zeros((1, 6))
    trajectory = JointTrajectory(0, np.zeros(1), rows)
    rows[0, 0] = 1.0
    assert trajectory.rows[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        trajectory.rows[0, 0] = 1.0


def test_an_offset_is_no_target():
    """The two types share their form and nothing else."""
    offsets = JointOffsets(0, np.zeros(1), np.zeros((1, 6)))
    assert not isinstance(offsets, JointTrajectory)
    assert not isinstance(hold(0, np.zeros(6)), JointOffsets)


@pytest.mark.parametrize(
    ("times_s", "rows", "text"),
    [
        ([], np.zeros((0, 6)), "at least one point"),
        ([0.0], np.zeros((1, 5)), r"shape \(1, 6\), got \(1, 5\)"),
        ([0.0, 0.1], np.zeros((1, 6)), r"shape \(2, 6\), got \(1, 6\)"),
        ([0.0], np.full((1, 6), np.nan), "must be finite"),
        ([np.inf], np.zeros((1, 6)), "must be finite"),
        ([0.1, 0.1], np.zeros((2, 6)), "times must increase from 0 or later"),
        ([-0.1], np.zeros((1, 6)), "times must increase from 0 or later"),
    ],
)
@pytest.mark.parametrize("kind", [JointTrajectory, JointOffsets])
def test_what_could_not_be_sampled_is_refused(
    kind: type, times_s: list, rows: np.ndarray, text: str
):
    """The message says what is wrong with it."""
    with pytest.raises(CommandError, match=text):
        kind(0, np.array(times_s), rows)


def test_a_tick_gets_the_row_that_is_meant_for_it() -> None:
    """A third of 0.1 s is rounded down in the row and up in the tick; no row leaks."""
    rows = np.array([[0.0] * 6, [1.0] * 6, [9.0] * 6])
    trajectory = JointTrajectory(33_333_333, np.arange(3) / 30.0, rows)
    np.testing.assert_array_equal(trajectory.sample(66_666_667), rows[1])
    np.testing.assert_array_equal(trajectory.sample(66_666_666), rows[1])
    assert (trajectory.sample(66_667_000) > rows[1]).all()
