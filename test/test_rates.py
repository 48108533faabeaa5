"""Every rate comes from one place and divides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.rates import NANOSECONDS, Rates


def test_the_nominal_rates_fit_into_each_other():
    """480 Hz physics, 120 Hz control, 30 Hz policy, 13.3 s episodes."""
    rates = Rates()
    assert (rates.physics_steps_per_control, rates.control_ticks_per_policy) == (4, 4)
    assert rates.policy_period_s * rates.episode_ticks == pytest.approx(13.33, abs=0.01)


@pytest.mark.parametrize("name", ["physics_hz", "control_hz", "policy_hz", "episode_ticks"])
@pytest.mark.parametrize("value", [0, -30])
def test_a_rate_below_one_is_refused(name: str, value: int):
    """The message names it."""
    with pytest.raises(ConfigError, match=f"{name} must be at least 1, got {value}"):
        Rates(**{name: value})


def test_rates_that_do_not_divide_are_refused():
    """Both numbers are named."""
    with pytest.raises(ConfigError, match="physics_hz=500 must be a multiple of control_hz=120"):
        Rates(physics_hz=500)
    with pytest.raises(ConfigError, match="control_hz=120 must be a multiple of policy_hz=50"):
        Rates(policy_hz=50)


@given(
    policy=st.sampled_from([1, 7, 10, 30, 50, 100]),
    share=st.sampled_from([1, 2, 3, 4, 8, 10]),
    tick=st.integers(1, 10_000_000),
)
def test_one_control_tick_in_so_many_begins_a_policy_tick(policy: int, share: int, tick: int):
    """Rounding of stamps to nanoseconds loses no tick and adds none, even after a day."""
    rates = Rates(policy * share, policy * share, policy)
    now, before = (
        rates.policy_tick_at(rates.stamp_of_control_tick(each)) for each in (tick, tick - 1)
    )
    assert now == tick // share
    assert now - before == (1 if tick % share == 0 else 0)


def test_stamps_of_control_ticks_do_not_drift():
    """A whole number of seconds later the stamp is a whole number of seconds."""
    rates = Rates()
    assert rates.stamp_of_control_tick(120 * 86_400) == 86_400 * NANOSECONDS
