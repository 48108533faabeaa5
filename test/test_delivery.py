"""Delivery is judged by holes in the grid of stamps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.demo.delivery import join_deliveries, judge_delivery
from so101_ros.demo.graph_topics import nominal_rates
from so101_ros.errors import ConfigError
from so101_ros.rates import NANOSECONDS, Rates

RATES = Rates()


def _stamps(rate_hz: int, first_tick: int, count: int) -> np.ndarray:
    """Stamps on the control grid, as the graph makes them."""
    stride = RATES.control_hz // rate_hz
    ticks = first_tick + stride * np.arange(count)
    return np.array([RATES.stamp_of_control_tick(int(tick)) for tick in ticks])


def _just_after(stamps: np.ndarray) -> int:
    """End of a span that holds all of them: the end itself does not belong to it."""
    return int(stamps[-1]) + NANOSECONDS // 1000


@given(
    rate_hz=st.sampled_from([30, 60, 120]),
    first_tick=st.integers(0, 10_000),
    count=st.integers(3, 400),
    data=st.data(),
)
def test_every_hole_is_found(rate_hz: int, first_tick: int, count: int, data) -> None:
    """Whatever is missing inside the span is lost, and nothing else."""
    stamps = _stamps(rate_hz, first_tick, count)
    missing = data.draw(st.sets(st.integers(1, count - 2)))
    kept = np.delete(stamps, sorted(missing))
    delivery = judge_delivery(kept, rate_hz, int(stamps[0]), _just_after(stamps), wall_s=1.0)
    assert (delivery.received, delivery.lost) == (len(kept), len(missing))
    assert delivery.expected == count


@given(phase=st.integers(0, 3), early=st.integers(1, 20), late=st.integers(1, 20))
def test_a_late_start_and_an_early_end_are_lost(phase: int, early: int, late: int) -> None:
    """A topic that begins late or falls silent loses messages although its stamps have no hole."""
    stamps = _stamps(30, phase, 100)
    start_ns, end_ns = int(_stamps(30, phase, 1)[0]), _just_after(stamps)
    delivery = judge_delivery(stamps[early:-late], 30, start_ns, end_ns, wall_s=1.0)
    assert delivery.lost == early + late


def test_silence_loses_everything() -> None:
    """A topic without a message in the span has a rate of zero, not a perfect record."""
    delivery = judge_delivery(np.array([], dtype=np.int64), 30, 0, 2 * NANOSECONDS, wall_s=4.0)
    assert (delivery.expected, delivery.received, delivery.share) == (60, 0, 0.0)
    assert delivery.rate_hz == 0.0


def test_duplicates_count_once() -> None:
    """Receiving one message twice does not make up for a lost one."""
    stamps = _stamps(30, 0, 31)
    twice = np.concatenate([stamps[:10], stamps[:10], stamps[11:]])
    delivery = judge_delivery(twice, 30, 0, _just_after(stamps), wall_s=1.0)
    assert (delivery.received, delivery.lost) == (30, 1)


def test_rates_are_per_simulated_and_per_wall_second() -> None:
    """A simulation at half speed keeps its simulated rates and halves the others."""
    stamps = _stamps(120, 0, 241)
    delivery = judge_delivery(stamps, 120, 0, 2 * NANOSECONDS, wall_s=4.0)
    assert delivery.rate_hz == pytest.approx(120.0)
    assert delivery.wall_rate_hz == pytest.approx(60.0)


def test_joined_spans_add_up() -> None:
    """Episodes are joined by their counts, not by their percentages."""
    good = judge_delivery(_stamps(30, 0, 31), 30, 0, NANOSECONDS, wall_s=1.0)
    bad = judge_delivery(_stamps(30, 0, 10), 30, 0, NANOSECONDS, wall_s=3.0)
    joined = join_deliveries([good, bad])
    assert (joined.expected, joined.received, joined.lost) == (60, 40, 20)
    assert (joined.simulated_s, joined.wall_s) == (2.0, 4.0)


def test_refuses_an_empty_span() -> None:
    """There is no rate in no time."""
    with pytest.raises(ConfigError, match="positive rate and a span, got 30 Hz from 5 to 5 ns"):
        judge_delivery(np.array([5]), 30, 5, 5, wall_s=1.0)


def test_nominal_rates_follow_the_rates_of_the_system() -> None:
    """Images and policies run at the policy rate, joints and clock at the control rate."""
    rates = nominal_rates(Rates(control_hz=240, policy_hz=40), ("top",))
    assert rates["joint_states"] == rates["/clock"] == 240
    assert rates["camera/top/image_raw/compressed"] == rates["policy/ik/action"] == 40
    assert not any("wrist" in topic for topic in rates)


def test_a_tracker_owes_a_pose_for_every_image() -> None:
    """One that is missing counts as lost; without a tracker nobody expects any."""
    assert nominal_rates(Rates(), ("top",), tracked=True)["paper_pose"] == 30
    assert "paper_pose" not in nominal_rates(Rates(), ("top",))


def test_lock_step_has_one_command_per_policy_tick() -> None:
    """Free-running commands come at the blender's own rate."""
    assert nominal_rates(Rates(), ())["joint_trajectory"] == 60
    assert nominal_rates(Rates(), (), lock_step=True)["joint_trajectory"] == 30
