"""The guard: limits, ramps, hold and stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from so101_ros.arm import HOME_Q, JOINT_NAMES, ArmSpec
from so101_ros.control.guard import Guard, GuardSettings, GuardState
from so101_ros.errors import CommandError, ConfigError
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS, Rates

ARM = ArmSpec(JOINT_NAMES, np.full(6, -2.0), np.full(6, 2.0), np.full(6, 4.0), HOME_Q)
RATES = Rates()
ROWS = 12  # control ticks in the default horizon of 0.1 s
MARGIN = GuardSettings().limit_margin
RAMP_STEP = GuardSettings().ramp_speed / RATES.control_hz
MAX_STEP = 4.0 / RATES.control_hz
STAMP_ROUNDING = 1e-6  # [rad], what a nanosecond is worth at these speeds
NEAR = 0.04  # [rad], close enough that nothing is ramped

any_rows = arrays(float, (ROWS, 6), elements=st.floats(-10.0, 10.0))


def joints_at(tick: int, q: np.ndarray = HOME_Q) -> JointState:
    """Measure a pose at a control tick."""
    return JointState(RATES.stamp_of_control_tick(tick), np.array(q), np.zeros(6))


def constantly(q: np.ndarray) -> np.ndarray:
    """Want one pose all the time. Shape (12, 6)."""
    return np.tile(q, (ROWS, 1))


def beyond_limits(q: np.ndarray) -> np.ndarray:
    """How far each joint is outside the range that the guard keeps, in [rad]."""
    return np.maximum(np.abs(q) - (2.0 - MARGIN), 0.0)


def following(q: np.ndarray = HOME_Q) -> Guard:
    """Build a guard that has left its first ramp."""
    guard = Guard(ARM)
    assert guard.command(joints_at(0, q), constantly(q)).state is GuardState.FOLLOWING
    return guard


def test_a_target_within_reach_passes_unchanged():
    """The guard adds nothing of its own."""
    guard = following()
    wanted = HOME_Q + np.linspace(0.0, 0.1, ROWS)[:, None]
    guarded = guard.command(joints_at(0), wanted)
    np.testing.assert_array_equal(guarded.command.rows, wanted)
    assert guarded.state is GuardState.FOLLOWING
    assert not guard.position_clips.any() and not guard.speed_clips.any()


def test_rows_are_stamped_with_the_joint_state_and_lie_on_the_next_control_ticks():
    """The first row is one control tick ahead, the last one horizon."""
    command = Guard(ARM).command(joints_at(7), constantly(HOME_Q)).command
    assert command.stamp_ns == joints_at(7).stamp_ns
    np.testing.assert_allclose(command.times_s, np.arange(1, 13) / 120)
    np.testing.assert_allclose(
        Guard(ARM).stamps_after(0), np.arange(1, 13) * NANOSECONDS / 120, atol=1.0
    )


@given(
    wishes=st.lists(any_rows, min_size=1, max_size=6),
    start=arrays(float, 6, elements=st.floats(-2, 2)),
)
def test_no_wish_breaks_a_limit(wishes: list[np.ndarray], start: np.ndarray):
    """Whatever is wanted, each commanded step is within the speed limit, also between commands."""
    guard = Guard(ARM)
    target = start
    for tick, wanted in enumerate(wishes):
        command = guard.command(joints_at(tick, start), wanted).command
        steps = np.diff(command.rows, axis=0, prepend=target[None])
        assert np.abs(steps).max() <= MAX_STEP + STAMP_ROUNDING
        target = command.rows[0]
        assert (beyond_limits(command.rows) <= beyond_limits(start) + STAMP_ROUNDING).all()


def test_clips_are_counted_by_joint_and_kind():
    """One joint beyond its limit, another too fast: each is named by its own counter."""
    guard = following(np.array([0.0, 0.0, 1.98, 0.0, 0.0, 0.0]))
    wanted = constantly(np.array([0.0, 0.045, 2.5, 0.0, 0.0, 0.0]))
    guarded = guard.command(joints_at(0), wanted)
    assert guarded.state is GuardState.FOLLOWING
    assert guard.position_clips.tolist() == [0, 0, 1, 0, 0, 0]
    assert guard.speed_clips.tolist() == [0, 1, 0, 0, 0, 0]
    assert guarded.command.rows[:, 2].max() == pytest.approx(2.0 - MARGIN)


def test_the_first_command_starts_at_the_measured_pose_and_ramps():
    """A far target is approached at ramp speed until the gap is gone."""
    guard = Guard(ARM)
    far = HOME_Q + np.array([0.3, 0.0, 0.0, 0.0, 0.0, 0.0])
    states, previous = [], HOME_Q
    for tick in range(60):
        guarded = guard.command(joints_at(tick), constantly(far))
        states.append(guarded.state)
        limit = RAMP_STEP if guarded.state is GuardState.RAMPING else MAX_STEP
        assert np.abs(guarded.command.rows[0] - previous).max() <= limit + STAMP_ROUNDING
        previous = guarded.command.rows[0]
    assert states[0] is GuardState.RAMPING and states[-1] is GuardState.FOLLOWING
    assert states.index(GuardState.FOLLOWING) == pytest.approx(0.25 / RAMP_STEP, abs=1)
    np.testing.assert_allclose(previous, far)


def test_a_ramp_is_not_counted_as_a_clip():
    """Clips say that somebody wants too much; a ramp is the guard's own doing."""
    guard = Guard(ARM)
    assert guard.command(joints_at(0), constantly(HOME_Q + 0.3)).state is GuardState.RAMPING
    assert not guard.speed_clips.any()


def test_the_hold_pose_is_latched_once():
    """The measured pose sags; the held target does not follow it down."""
    guard = following()
    first = guard.command(joints_at(4), None, "no ik action")
    assert first.state is GuardState.HOLDING and first.reason == "no ik action"
    for tick in range(5, 60):
        sagged = HOME_Q - 0.01 * (tick - 4)
        held = guard.command(joints_at(tick, sagged), None)
        np.testing.assert_array_equal(held.command.rows, constantly(HOME_Q))


def test_without_any_command_before_the_hold_pose_is_the_measured_one():
    """A start without policies moves nothing."""
    guard = Guard(ARM)
    q = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    for tick in range(3):
        rows = guard.command(joints_at(tick, q if tick == 0 else HOME_Q), None).command.rows
        np.testing.assert_array_equal(rows, constantly(q))


def test_after_a_hold_the_arm_ramps_from_the_held_pose():
    """What is wanted now may be far from where the arm was stopped."""
    guard = following()
    guard.command(joints_at(1), None)
    guarded = guard.command(joints_at(2, HOME_Q - 0.02), constantly(HOME_Q + 0.3))
    assert guarded.state is GuardState.RAMPING
    np.testing.assert_allclose(guarded.command.rows[0], HOME_Q + RAMP_STEP)


def test_a_hold_lasts_until_it_is_resumed():
    """Wishes are ignored while an operator holds the arm, and the reason is his."""
    guard = following()
    guard.hold("held by the operator")
    for tick in range(1, 5):
        guarded = guard.command(joints_at(tick), constantly(HOME_Q + NEAR))
        assert (guarded.state, guarded.reason) == (GuardState.HOLDING, "held by the operator")
        np.testing.assert_array_equal(guarded.command.rows, constantly(HOME_Q))
    guard.resume()
    guarded = guard.command(joints_at(5, HOME_Q - 0.01), constantly(HOME_Q + 0.3))
    assert guarded.state is GuardState.RAMPING
    np.testing.assert_allclose(guarded.command.rows[0], HOME_Q - 0.01 + RAMP_STEP)


def test_a_stop_goes_to_the_measured_pose_and_outlives_restarts():
    """The arm stops pushing; neither wishes nor an epoch release it, only a resume does."""
    guard = following()
    measured = HOME_Q - 0.02
    guard.stop()
    guarded = guard.command(joints_at(1, measured), constantly(HOME_Q + NEAR))
    assert (guarded.state, guarded.reason) == (GuardState.STOPPED, "emergency stop")
    np.testing.assert_allclose(guarded.command.rows[-1], measured)
    guard.stop()
    rows = guard.command(joints_at(2, measured - 0.1), constantly(HOME_Q)).command.rows
    np.testing.assert_allclose(rows[-1], measured)
    guard.restart()
    assert guard.command(joints_at(9), constantly(HOME_Q)).state is GuardState.STOPPED
    guard.resume()
    assert guard.command(joints_at(10), constantly(HOME_Q)).state is GuardState.FOLLOWING


def test_a_stop_outranks_a_hold():
    """Whichever comes first, the stop is what is reported."""
    guard = following()
    guard.stop()
    guard.hold()
    assert guard.command(joints_at(1), None).state is GuardState.STOPPED


def test_a_restart_begins_at_the_measured_pose():
    """After a reset the arm is elsewhere; the last command says nothing about it."""
    guard = following()
    elsewhere = HOME_Q + 0.5
    guard.restart()
    guarded = guard.command(joints_at(100, elsewhere), constantly(HOME_Q))
    assert guarded.state is GuardState.RAMPING
    np.testing.assert_allclose(guarded.command.rows[0], elsewhere - RAMP_STEP)


def test_a_measured_pose_beyond_a_limit_is_left_slowly():
    """A joint that was pushed over its limit returns at ramp speed, without a jump."""
    beyond = np.array([2.2, 0.0, 0.0, 0.0, 0.0, 0.0])
    command = Guard(ARM).command(joints_at(0, beyond), constantly(beyond)).command
    np.testing.assert_allclose(command.rows[:, 0], 2.2 - RAMP_STEP * np.arange(1, 13))


def test_wanted_rows_of_another_length_are_refused():
    """Rows belong to the guard's own ticks."""
    with pytest.raises(CommandError, match=r"must have shape \(12, 6\), got \(3, 6\)"):
        Guard(ARM).command(joints_at(0), np.zeros((3, 6)))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"speed_scale": 0.0}, r"speed_scale must be in \(0, 1\], got 0.0"),
        ({"ramp_speed": -1.0}, "ramp_speed must be above 0 rad/s, got -1.0"),
        ({"horizon_s": float("nan")}, "horizon_s must be above 0 s, got nan"),
        ({"limit_margin": 1.0}, r"limit_margin must be in \[0, 0.5\] rad, got 1.0"),
    ],
)
def test_settings_outside_their_range_are_refused(change: dict, text: str):
    """The message says what was given and what is allowed."""
    with pytest.raises(ConfigError, match=text):
        GuardSettings(**change)


def test_a_margin_that_swallows_a_joint_is_refused():
    """A joint needs room to move."""
    stiff = ArmSpec(JOINT_NAMES, np.full(6, -0.1), np.full(6, 0.1), np.full(6, 4.0), HOME_Q)
    with pytest.raises(ConfigError, match="leaves a joint no range"):
        Guard(stiff, settings=GuardSettings(limit_margin=0.1))
