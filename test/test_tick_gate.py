"""Thinning out joint states."""

import numpy as np

from so101_ros.control.tick_gate import TickGate
from so101_ros.rates import Rates

RATES = Rates()


def test_every_fourth_joint_state_begins_a_policy_tick():
    """120 Hz become 30 Hz, on the ticks that everyone counts from time zero."""
    gate = TickGate(RATES)
    opened = [tick for tick in range(1, 41) if gate.opens_at(RATES.stamp_of_control_tick(tick))]
    assert opened == list(range(4, 41, 4))


def test_a_lost_joint_state_delays_a_tick_and_does_not_lose_it():
    """Whatever arrives first after the tick begins it, once."""
    gate = TickGate(RATES)
    gate.opens_at(0)
    assert gate.opens_at(RATES.stamp_of_control_tick(5))
    assert not gate.opens_at(RATES.stamp_of_control_tick(6))
    assert gate.opens_at(RATES.stamp_of_control_tick(8))


def test_a_clock_that_was_set_back_begins_a_tick():
    """A simulator that starts again is answered at once."""
    gate = TickGate(RATES)
    gate.opens_at(RATES.stamp_of_control_tick(1000))
    assert gate.opens_at(0)


def test_gates_agree_whenever_they_begin():
    """Two processes that joined at different times pick the same joint states."""
    early, late = TickGate(RATES), TickGate(RATES)
    stamps_ns = [RATES.stamp_of_control_tick(tick) for tick in range(100)]
    picked = np.array([early.opens_at(stamp_ns) for stamp_ns in stamps_ns])
    assert [late.opens_at(stamp_ns) for stamp_ns in stamps_ns[37:]] == picked[37:].tolist()
