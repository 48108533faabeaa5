"""The pacer owes ticks to the wall clock, and gives up what cannot be caught up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.simulation.pacing import MAX_DEBT_S, Pacer

TICK_S = 1.0 / 120.0


@given(
    factor=st.sampled_from([0.25, 1.0, 3.0]),
    waits_s=st.lists(st.floats(0.0, 0.05), min_size=1, max_size=60),
)
def test_runs_as_many_ticks_as_time_passed(factor: float, waits_s: list[float]) -> None:
    """However irregular the calls, simulated time stays within a tick of wall time."""
    pacer = Pacer(TICK_S, factor)
    now_s = 100.0
    ticks = pacer.due_ticks(now_s)
    for wait_s in waits_s:
        now_s += wait_s
        due = pacer.due_ticks(now_s)
        pacer.done(due)
        ticks += due
    assert ticks * TICK_S == pytest.approx((now_s - 100.0) * factor, abs=0.51 * TICK_S)
    assert pacer.dropped_s == 0.0


@given(late_s=st.lists(st.floats(-0.4 * TICK_S, 0.4 * TICK_S), min_size=1, max_size=60))
def test_timer_of_the_same_period_finds_one_tick(late_s: list[float]) -> None:
    """A timer that is early or late by less than half a period runs one tick at every call."""
    pacer = Pacer(TICK_S, 1.0)
    assert pacer.due_ticks(0.0) == 0
    for call, offset_s in enumerate(late_s, start=1):
        assert pacer.due_ticks(call * TICK_S + offset_s) == 1
        pacer.done(1)


def test_unfinished_ticks_stay_due() -> None:
    """What a call did not run is owed to the next one."""
    pacer = Pacer(TICK_S, 1.0)
    pacer.due_ticks(0.0)
    assert pacer.due_ticks(10 * TICK_S) == 10
    pacer.done(4)
    assert pacer.due_ticks(10 * TICK_S) == 6


def test_long_stall_is_dropped_and_counted() -> None:
    """After a stall the simulation goes on at its pace instead of racing."""
    pacer = Pacer(TICK_S, 1.0)
    pacer.due_ticks(0.0)
    stall_s = 2.0 * MAX_DEBT_S
    assert pacer.due_ticks(stall_s) == 0
    assert pacer.dropped_s == pytest.approx(stall_s)
    assert pacer.due_ticks(stall_s + 3 * TICK_S) == 3


def test_nothing_is_owed_for_a_pause() -> None:
    """A restart forgets the time before it."""
    pacer = Pacer(TICK_S, 1.0)
    pacer.due_ticks(0.0)
    pacer.restart()
    assert pacer.due_ticks(0.3) == 0
    assert pacer.due_ticks(0.3 + 2 * TICK_S) == 2
    assert pacer.dropped_s == 0.0


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_what_is_no_pace(factor: float) -> None:
    """The error names the factor that was given."""
    with pytest.raises(ConfigError, match=f"positive and finite, got {factor}"):
        Pacer(TICK_S, factor)
