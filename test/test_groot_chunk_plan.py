"""When a model is asked, and what becomes of its answers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.groot.chunk_plan import REST_S, ChunkPlan, PlanSettings, Timing
from so101_ros.groot.joint_history import MEMORY_S, JointHistory
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS

RATE_HZ = 30.0
HORIZON = 16
STEPS = 8
TARGETS = np.linspace(0.0, 1.5, HORIZON)[:, None] * np.ones(6)

ticks = st.integers(0, 10**6)


def _plan(timing: Timing = Timing.ALIGNED, **changes: Any) -> ChunkPlan:
    return ChunkPlan(PlanSettings(RATE_HZ, HORIZON, STEPS, timing=timing, **changes))


def _tick_ns(tick: int) -> int:
    """Stamp of a policy tick, rounded as the simulation rounds it."""
    return round(tick * NANOSECONDS / RATE_HZ)


@given(ticks, st.sampled_from((0, 1)))
def test_it_asks_again_after_the_steps_that_are_to_be_executed(tick: int, first_step: int) -> None:
    """At that tick and no other, wherever the stamps were rounded."""
    plan = _plan(first_step=first_step)
    plan.take(TARGETS, _tick_ns(tick), _tick_ns(tick))
    asked = next(each for each in range(HORIZON) if plan.is_due(_tick_ns(tick + each)))
    assert asked == STEPS - 1 + first_step


def test_it_asks_at_once_when_there_is_no_answer() -> None:
    """At the beginning, and after somebody else has moved the arm."""
    for timing in Timing:
        plan = _plan(timing)
        assert plan.is_due(0)
        plan.take(TARGETS, 0, 0)
        assert not plan.is_due(0)
        plan.begin_epoch()
        assert plan.is_due(0)
        assert plan.current is None and plan.last_splice is None
        assert plan.remainder(0) is None


def test_a_stopped_arm_rests_before_the_model_looks_again() -> None:
    """Not while the answer is executed, and not in the moment in which it ends."""
    plan = _plan(Timing.STOP_AND_GO)
    plan.take(TARGETS, 0, 0)
    assert plan.current is not None
    end_ns = plan.current.end_ns
    rest_ns = round(REST_S * NANOSECONDS)
    for now_ns, due in ((0, False), (end_ns, False), (end_ns + rest_ns // 2, False)):
        assert plan.is_due(now_ns) is due
    assert plan.is_due(end_ns + rest_ns)


@pytest.mark.parametrize("timing", list(Timing))
def test_an_image_may_be_ahead_of_the_joint_states(timing: Timing) -> None:
    """The answer then begins with the image, not before."""
    taken = _plan(timing, first_step=0).take(TARGETS, NANOSECONDS, NANOSECONDS - 20_000_000)
    assert taken is not None
    np.testing.assert_allclose(taken.sample(NANOSECONDS), TARGETS[0])
    np.testing.assert_allclose(taken.sample(_tick_ns(33)), TARGETS[3], atol=1e-6)


@given(ticks, st.integers(0, 10 * NANOSECONDS), st.integers(0, 3))
def test_stop_and_go_loses_nothing_of_a_late_answer(
    tick: int, thought_ns: int, first_step: int
) -> None:
    """Row 0 comes first_step after now, the last one as much later as if it had come at once."""
    plan = _plan(Timing.STOP_AND_GO, first_step=first_step)
    now_ns = _tick_ns(tick) + thought_ns
    taken = plan.take(TARGETS, _tick_ns(tick), now_ns)
    assert taken is not None and plan.late == 0
    assert taken.stamp_ns == _tick_ns(tick)
    for row in (0, HORIZON - 1):
        meant_ns = now_ns + round((row + first_step) / RATE_HZ * NANOSECONDS)
        np.testing.assert_allclose(taken.sample(meant_ns), TARGETS[row], atol=1e-6)
    assert abs(taken.end_ns - now_ns - plan.settings.horizon_s * NANOSECONDS) <= 2


def test_an_aligned_answer_has_lost_what_is_past() -> None:
    """After 0.2 s of thinking, the arm goes where it should be 0.2 s after the observation."""
    plan = _plan()
    now_ns = _tick_ns(6)
    taken = plan.take(TARGETS, 0, now_ns)
    assert taken is not None and plan.last_splice is not None
    assert plan.last_splice.skipped == 6
    np.testing.assert_allclose(taken.sample(now_ns), TARGETS[5], atol=1e-6)


def test_answers_of_which_nothing_is_left_are_counted() -> None:
    """And what is being executed goes on as if they had not come."""
    plan = _plan()
    first = plan.take(TARGETS, 0, 0)
    late_ns = round(plan.settings.horizon_s * NANOSECONDS)
    for count in (1, 2):
        assert plan.take(TARGETS, 0, late_ns) is None
        assert plan.late == count
    assert plan.current is first


@given(ticks, st.integers(0, HORIZON - 1), st.floats(0.0, 0.3))
def test_what_is_left_says_what_the_plan_says(tick: int, later: int, fade_s: float) -> None:
    """Stamped now, for whoever takes only answers to the newest observation."""
    plan = _plan(fade_s=fade_s)
    plan.take(TARGETS, _tick_ns(tick), _tick_ns(tick))
    current = plan.take(TARGETS + 0.3, _tick_ns(tick), _tick_ns(tick))
    now_ns = _tick_ns(tick + later)
    left = plan.remainder(now_ns)
    assert current is not None and left is not None
    assert left.stamp_ns == now_ns and left.end_ns == current.end_ns
    later_ns = now_ns + np.arange(0, NANOSECONDS, 7_000_000)
    # Rows less than 0.1 ms away are left out: that is 5 mrad in the steepest of these plans.
    np.testing.assert_allclose(left.sample_many(later_ns), current.sample_many(later_ns), atol=5e-3)
    assert plan.remainder(current.end_ns) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"execution_steps": 0}, r"execution_steps must be 1 to 16 \(the horizon\), got 0"),
        ({"execution_steps": 17}, r"execution_steps must be 1 to 16 \(the horizon\), got 17"),
        ({"fade_s": -0.1}, "fade_s must be 0 s or more, got -0.1"),
        ({"fade_s": float("nan")}, "fade_s must be 0 s or more, got nan"),
        ({"fade_s": float("inf")}, "fade_s must be 0 s or more, got inf"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(
    changes: dict[str, Any], message: str
) -> None:
    """With what was given and what is allowed."""
    with pytest.raises(ConfigError, match=message):
        PlanSettings(**{"rate_hz": RATE_HZ, "horizon": HORIZON, "execution_steps": 8} | changes)


def _joints(stamp_ns: int) -> JointState:
    return JointState(stamp_ns, np.full(6, stamp_ns / NANOSECONDS), np.zeros(6))


@given(st.lists(st.integers(0, 900_000_000), min_size=1), st.integers(0, 900_000_000))
def test_the_nearest_joint_state_is_found(stamps_ns: list[int], image_ns: int) -> None:
    """As long as it is near enough."""
    history = JointHistory()
    for stamp_ns in sorted(stamps_ns):
        history.add(_joints(stamp_ns))
    apart_ns = min(abs(stamp_ns - image_ns) for stamp_ns in stamps_ns)
    found = history.near(image_ns, 1.0)
    assert found is not None
    assert abs(found.stamp_ns - image_ns) == apart_ns
    assert (history.near(image_ns, 0.02) is None) == (apart_ns > 20_000_000)


def test_old_joint_states_are_forgotten() -> None:
    """Those of the last second are kept, whatever their number; none after a reset."""
    history = JointHistory()
    assert history.near(0, 10.0) is None
    memory_ns = round(MEMORY_S * NANOSECONDS)
    for stamp_ns in (0, 1, memory_ns, memory_ns + 1):
        history.add(_joints(stamp_ns))
    oldest = history.near(0, 10.0)
    assert oldest is not None and oldest.stamp_ns == 1
    history.clear()
    assert history.near(0, 10.0) is None
