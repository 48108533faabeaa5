"""Epochs in a stream of joint-state stamps."""

from hypothesis import given
from hypothesis import strategies as st

from so101_ros.epoch import EPOCH_GAP_S, RESET_GAP_S, EpochTracker
from so101_ros.rates import NANOSECONDS, Rates


def ns(seconds: float) -> int:
    """Convert [s] to [ns]."""
    return round(seconds * NANOSECONDS)


def test_the_first_joint_state_begins_the_first_epoch():
    """Before it, everything is stale."""
    tracker = EpochTracker()
    assert tracker.is_stale(ns(100.0))
    assert tracker.begins_at(ns(3.0))
    assert (tracker.count, tracker.start_ns) == (1, ns(3.0))


def test_joint_states_at_the_control_rate_are_one_epoch():
    """Even with a quarter of a second lost in between."""
    rates, tracker = Rates(), EpochTracker()
    lost = round(EPOCH_GAP_S * rates.control_hz) - 1
    ticks = [*range(50), *range(50 + lost, 200)]
    assert sum(tracker.begins_at(rates.stamp_of_control_tick(tick)) for tick in ticks) == 1


def test_the_gap_of_a_reset_begins_an_epoch():
    """What was stamped before the gap is stale from then on."""
    tracker = EpochTracker()
    tracker.begins_at(0)
    assert tracker.begins_at(ns(RESET_GAP_S))
    assert tracker.is_stale(ns(RESET_GAP_S) - 1)
    assert not tracker.is_stale(ns(RESET_GAP_S))


def test_time_running_backwards_begins_an_epoch():
    """A simulator that is started again counts from zero."""
    tracker = EpochTracker()
    tracker.begins_at(ns(60.0))
    assert tracker.begins_at(0)
    assert not tracker.is_stale(0)


@given(st.lists(st.integers(0, ns(2.0)), min_size=1, max_size=30))
def test_a_joint_state_is_never_stale_in_its_own_epoch(steps_ns: list[int]):
    """Whatever the gaps, and there are as many epochs as beginnings."""
    tracker, now_ns, beginnings = EpochTracker(), 0, 0
    for step_ns in steps_ns:
        now_ns += step_ns
        beginnings += tracker.begins_at(now_ns)
        assert not tracker.is_stale(now_ns)
    assert tracker.count == beginnings
