"""A new chunk takes over without a jump, and from the end of the fade on it is alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.groot.splice import Splice, splice
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointTrajectory, hold

HORIZON = 16
RATE_HZ = 30
PERIOD_NS = round(NANOSECONDS / RATE_HZ)
END_NS = round(HORIZON * NANOSECONDS / RATE_HZ)

seeds = st.integers(0, 2**32 - 1)
stamps_ns = st.integers(0, 2 * 10**18)
delays_ns = st.integers(0, END_NS - 1)
fades_s = st.floats(0.0, 0.8)


def _chunk(stamp_ns: int, seed: int) -> JointTrajectory:
    """Sixteen random rows, the first one a period after the stamp."""
    rows = np.random.default_rng(seed).uniform(-1.5, 1.5, (HORIZON, 6))
    return JointTrajectory(stamp_ns, (np.arange(HORIZON) + 1) / RATE_HZ, rows)


def _join(old: JointTrajectory | None, new: JointTrajectory, now_ns: int, fade_s: float) -> Splice:
    joined = splice(old, new, now_ns, fade_s)
    assert joined is not None
    return joined


@given(seeds, stamps_ns, delays_ns, st.floats(1e-3, 0.8))
def test_the_command_does_not_jump(seed: int, stamp_ns: int, delay_ns: int, fade_s: float) -> None:
    """At the seam the joined chunk says what the old one said, however far the new one is."""
    old, new = _chunk(stamp_ns, seed), _chunk(stamp_ns + 8 * PERIOD_NS, seed + 1)
    now_ns = new.stamp_ns + delay_ns
    joined = _join(old, new, now_ns, fade_s)
    np.testing.assert_allclose(joined.plan.sample(now_ns), old.sample(now_ns), atol=1e-6)
    assert joined.plan.stamp_ns == new.stamp_ns


@given(seeds, stamps_ns, delays_ns, fades_s)
def test_after_the_fade_the_new_chunk_is_alone(
    seed: int, stamp_ns: int, delay_ns: int, fade_s: float
) -> None:
    """From the first knot at or after the end of the fade, at every moment."""
    new = _chunk(stamp_ns, seed)
    now_ns = stamp_ns + delay_ns
    plan = _join(hold(stamp_ns, np.zeros(6)), new, now_ns, fade_s).plan
    knots_ns = plan.stamp_ns + np.rint(plan.times_s * NANOSECONDS).astype(np.int64)
    after_ns = knots_ns[knots_ns >= now_ns + fade_s * NANOSECONDS]
    np.testing.assert_allclose(
        plan.sample_many(after_ns), new.sample_many(after_ns), atol=1e-6, rtol=0
    )
    if len(after_ns):
        between_ns = np.linspace(after_ns[0], after_ns[-1], 50).astype(np.int64)
        # Less than 0.1 ms of the new chunk's polyline is cut off at a knot that was left out.
        np.testing.assert_allclose(
            plan.sample_many(between_ns), new.sample_many(between_ns), atol=1e-2, rtol=0
        )


def test_the_fade_ends_on_the_new_chunk_between_its_rows() -> None:
    """A fade of 50 ms over rows every 33 ms ends at 50 ms, not at the row after."""
    new = _chunk(0, seed=1)
    now_ns = 2 * PERIOD_NS
    plan = _join(hold(0, np.zeros(6)), new, now_ns, 0.05).plan
    end_ns = now_ns + 50_000_000
    assert end_ns in np.rint(plan.times_s * NANOSECONDS)
    np.testing.assert_allclose(plan.sample(end_ns), new.sample(end_ns), atol=1e-12)


def test_the_weight_moves_linearly() -> None:
    """From 0 to 1 rad, at every row of a fade over three of them."""
    new = JointTrajectory(0, np.arange(6) * 0.1, np.ones((6, 6)))
    plan = _join(hold(0, np.zeros(6)), new, 100_000_000, 0.3).plan
    np.testing.assert_allclose(plan.rows[:, 0], [0.0, 1 / 3, 2 / 3, 1.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(plan.times_s, [0.1, 0.2, 0.3, 0.4, 0.5], atol=1e-12)


@given(seeds, stamps_ns, delays_ns, fades_s)
def test_without_an_old_chunk_nothing_is_faded(
    seed: int, stamp_ns: int, delay_ns: int, fade_s: float
) -> None:
    """The first answer is executed as it is, from now on."""
    new = _chunk(stamp_ns, seed)
    now_ns = stamp_ns + delay_ns
    joined = _join(None, new, now_ns, fade_s)
    assert joined.seam_jump is None
    ahead_ns = np.append(now_ns, stamp_ns + PERIOD_NS * np.arange(1, HORIZON + 1) + 1_000_000)
    ahead_ns = ahead_ns[ahead_ns >= now_ns]
    np.testing.assert_allclose(
        joined.plan.sample_many(ahead_ns), new.sample_many(ahead_ns), atol=1e-2, rtol=0
    )
    np.testing.assert_allclose(joined.plan.sample(now_ns), new.sample(now_ns), atol=1e-6)


@given(st.integers(0, HORIZON - 1), st.integers(0, PERIOD_NS - 1))
def test_rows_of_the_past_are_counted(periods: int, further_ns: int) -> None:
    """A row that is due now is past: there is no time left to get there."""
    new = _chunk(0, seed=2)
    now_ns = round(periods * NANOSECONDS / RATE_HZ) + further_ns
    if now_ns < new.end_ns:
        row_ns = np.rint(new.times_s * NANOSECONDS)
        assert _join(None, new, now_ns, 0.0).skipped == sum(row_ns <= now_ns)
    assert _join(None, new, 3 * PERIOD_NS + 1, 0.0).skipped == 3


def test_the_seam_jump_is_how_far_they_were_apart() -> None:
    """New minus old, joint by joint, before the fade."""
    jump = np.array([0.1, -0.2, 0.0, 0.3, 0.0, 0.5])
    rows = np.linspace(0.0, 1.0, 5)[:, None]
    old = JointTrajectory(0, np.arange(5) / 10, np.tile(rows, 6))
    new = JointTrajectory(0, np.arange(5) / 10, np.tile(rows, 6) + jump)
    joined = _join(old, new, 150_000_000, 0.1)
    assert joined.seam_jump is not None
    np.testing.assert_allclose(joined.seam_jump, jump, atol=1e-12)


@pytest.mark.parametrize("late_ns", [0, 1, NANOSECONDS])
def test_a_chunk_that_is_all_past_is_worth_nothing(late_ns: int) -> None:
    """Its last row is due now, or was."""
    new = _chunk(0, seed=3)
    assert splice(hold(0, np.zeros(6)), new, new.end_ns + late_ns, 0.1) is None


@given(seeds, st.integers(1, 40_000_000))
def test_an_observation_may_be_ahead_of_the_clock(seed: int, ahead_ns: int) -> None:
    """An image may arrive before the joint state of its moment; nothing can begin before it."""
    new = _chunk(NANOSECONDS, seed)
    joined = _join(hold(0, np.full(6, 0.5)), new, NANOSECONDS - ahead_ns, 0.1)
    assert joined.skipped == 0
    np.testing.assert_allclose(joined.plan.sample(NANOSECONDS - ahead_ns), 0.5)
