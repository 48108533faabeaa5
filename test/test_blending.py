"""Blending: weights, freshness, fallback, epochs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from so101_ros.blend_settings import Base, BlendSettings
from so101_ros.blending import END_GRACE_S, Blender, BlendState
from so101_ros.errors import CommandError, ConfigError
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointOffsets, JointTrajectory, hold

IK_Q = np.linspace(-0.5, 0.5, 6)
GROOT_Q = np.linspace(0.3, -0.2, 6)
NOW = np.zeros(1, dtype=np.int64)

angles = arrays(float, 6, elements=st.floats(-2.0, 2.0))
weights = st.floats(0.0, 1.0)


def ns(seconds: float) -> int:
    """Convert [s] to [ns]."""
    return round(seconds * NANOSECONDS)


def blender_with(
    settings: BlendSettings, ik: np.ndarray | None = IK_Q, groot: np.ndarray | None = GROOT_Q
) -> Blender:
    """Build a blender whose bases answered at time 0."""
    blender = Blender(settings)
    blender.begin_epoch(0)
    if ik is not None:
        blender.accept(Base.IK, hold(0, ik))
    if groot is not None:
        blender.accept(Base.GROOT, hold(0, groot))
    return blender


def total_of(blender: Blender, now_ns: int = 0) -> np.ndarray:
    """Blend at one time; there must be a blend. Shape (6,)."""
    total = blender.blend(now_ns, NOW + now_ns).total
    assert total is not None
    return total[0]


@given(ik=angles, groot=angles)
def test_the_ends_of_the_weight_reproduce_each_base_exactly(ik: np.ndarray, groot: np.ndarray):
    """Weight 0 is IK and weight 1 is GR00T, bit for bit."""
    for weight, expected in ((0.0, ik), (1.0, groot)):
        blender = blender_with(BlendSettings(groot_weight=weight), ik, groot)
        np.testing.assert_array_equal(total_of(blender), expected)


@given(ik=angles, groot=angles, weight=weights, nudge=st.floats(0.0, 1e-3))
def test_the_blend_is_continuous_in_the_weight(
    ik: np.ndarray, groot: np.ndarray, weight: float, nudge: float
):
    """A small change of the weight moves the target by no more than its share of the gap."""
    blender = blender_with(BlendSettings(groot_weight=weight), ik, groot)
    before = total_of(blender)
    other = min(1.0, weight + nudge)
    blender.settings = BlendSettings(groot_weight=other)
    moved = np.abs(total_of(blender) - before)
    assert (moved <= (other - weight) * np.abs(groot - ik) + 1e-12).all()


@given(weight=weights, alpha=weights, offset=arrays(float, 6, elements=st.floats(-1.0, 1.0)))
def test_terms_add_up_and_the_residual_stays_under_its_cap(
    weight: float, alpha: float, offset: np.ndarray
):
    """The sum is the sum of its published terms; no joint is corrected beyond its cap."""
    cap = (0.01, 0.02, 0.03, 0.0, 0.05, 2.0)
    blender = blender_with(BlendSettings(groot_weight=weight, alpha=alpha, residual_cap=cap))
    blender.accept_residual(JointOffsets(0, np.zeros(1), offset[None]))
    blend = blender.blend(0, NOW)
    assert blend.state is BlendState.BLENDED and blend.total is not None
    np.testing.assert_allclose(blend.terms["ik"][0], (1.0 - weight) * IK_Q)
    np.testing.assert_allclose(blend.terms["groot"][0], weight * GROOT_Q)
    limit = np.array(cap)
    np.testing.assert_allclose(blend.terms["residual"][0], np.clip(alpha * offset, -limit, limit))
    np.testing.assert_allclose(sum(blend.terms.values()), blend.total)


def test_chunks_are_sampled_at_the_time_of_the_blend():
    """A chunk that comes 0.1 s late starts with what it wanted for now."""
    blender = Blender()
    blender.begin_epoch(0)
    rows = np.linspace(0.0, 1.0, 11)[:, None] * np.ones(6)
    blender.accept(Base.IK, JointTrajectory(0, np.linspace(0.0, 0.2, 11), rows))
    stamps_ns = ns(0.1) + np.array([0, ns(0.05), ns(0.3)])
    total = blender.blend(ns(0.1), stamps_ns).total
    assert total is not None
    np.testing.assert_allclose(total[:, 0], [0.5, 0.75, 1.0], atol=1e-9)


def test_a_stale_residual_is_an_offset_of_zero():
    """The base goes on alone, and the residual's weight says so."""
    blender = blender_with(BlendSettings(residual_timeout_s=0.05, residual_cap=(1.0,) * 6))
    blender.accept_residual(JointOffsets(0, np.array([0.0, 1.0]), np.full((2, 6), 0.1)))
    np.testing.assert_allclose(total_of(blender, ns(0.05)), IK_Q + 0.1)
    blend = blender.blend(ns(0.06), NOW)
    assert blend.weights["residual"] == 0.0
    assert blend.state is BlendState.BLENDED
    np.testing.assert_array_equal(total_of(blender, ns(0.06)), IK_Q)


def test_a_stale_base_hands_all_weight_to_the_other():
    """GR00T stops answering: IK takes over whole, and the reason names GR00T."""
    blender = blender_with(BlendSettings(groot_weight=0.7, groot_timeout_s=0.3))
    blender.accept(Base.IK, hold(ns(0.4), IK_Q))
    blend = blender.blend(ns(0.4), NOW)
    assert blend.state is BlendState.FALLBACK
    assert blend.weights == {"ik": 1.0, "groot": 0.0, "residual": 0.0}
    assert blend.reason == "the groot action is 0.40 s old (limit 0.3 s)"
    np.testing.assert_array_equal(total_of(blender, ns(0.4)), IK_Q)


def test_a_running_base_without_weight_takes_over_too():
    """IK is missing and GR00T, with weight 0, is being published: better than no answer."""
    blender = blender_with(BlendSettings(groot_weight=0.0), ik=None)
    blend = blender.blend(0, NOW)
    assert blend.state is BlendState.FALLBACK
    assert blend.reason == "no ik action in this epoch"
    np.testing.assert_array_equal(total_of(blender), GROOT_Q)


def test_a_missing_base_without_weight_is_not_missed():
    """With weight 0, GR00T need not run."""
    blender = blender_with(BlendSettings(groot_weight=0.0), groot=None)
    assert blender.blend(0, NOW).state is BlendState.BLENDED


def test_without_a_fresh_base_there_is_no_blend():
    """Not even a residual makes a target out of nothing."""
    blender = blender_with(BlendSettings(groot_weight=0.5), ik=None, groot=None)
    blender.accept_residual(JointOffsets(0, np.zeros(1), np.full((1, 6), 0.1)))
    blend = blender.blend(0, NOW)
    assert blend.state is BlendState.HOLD
    assert blend.total is None and blend.terms == {}
    assert blend.reason == "no ik action in this epoch; no groot action in this epoch"


@pytest.mark.parametrize(
    ("late_s", "state"), [(-0.01, BlendState.BLENDED), (0.01, BlendState.HOLD)]
)
def test_a_chunk_outlives_its_last_row_by_the_grace_only(late_s: float, state: BlendState):
    """A young chunk whose rows have run out is stale all the same."""
    blender = blender_with(BlendSettings(action_timeout_s=10.0), groot=None)
    assert blender.blend(ns(END_GRACE_S + late_s), NOW).state is state


def test_an_epoch_drops_what_was_computed_before_it():
    """After a reset there is nothing to blend, and late answers from before are refused."""
    blender = blender_with(BlendSettings())
    blender.begin_epoch(ns(0.5))
    assert blender.blend(ns(0.5), NOW).state is BlendState.HOLD
    with pytest.raises(CommandError, match=r"before the epoch that began at 0\.500 s"):
        blender.accept(Base.IK, hold(ns(0.49), IK_Q))


def test_an_answer_that_overtakes_the_first_joint_state_of_its_epoch_is_kept():
    """Chunks and joint states travel on different topics and may change places."""
    blender = blender_with(BlendSettings())
    blender.accept(Base.IK, hold(ns(0.5), GROOT_Q))
    blender.begin_epoch(ns(0.5))
    np.testing.assert_array_equal(total_of(blender, ns(0.5)), GROOT_Q)


def test_a_clock_that_was_set_back_frees_the_way_for_new_answers():
    """The simulator was restarted: chunks of its first life are dropped, new ones accepted."""
    blender = Blender()
    blender.begin_epoch(ns(100.0))
    blender.accept(Base.IK, hold(ns(100.0), IK_Q))
    blender.begin_epoch(0)
    assert blender.blend(0, NOW).state is BlendState.HOLD
    blender.accept(Base.IK, hold(0, GROOT_Q))
    np.testing.assert_array_equal(total_of(blender), GROOT_Q)


def test_answers_out_of_order_or_from_the_future_are_refused():
    """A chunk on another clock must not block those that follow."""
    blender = blender_with(BlendSettings())
    blender.accept(Base.IK, hold(ns(0.1), IK_Q))
    with pytest.raises(CommandError, match="older than the one before"):
        blender.accept(Base.IK, hold(ns(0.05), GROOT_Q))
    with pytest.raises(CommandError, match="stamp it with the joint state"):
        blender.accept(Base.IK, hold(ns(1e9), GROOT_Q))
    np.testing.assert_array_equal(total_of(blender, ns(0.1)), IK_Q)


def test_a_chunk_from_the_future_neither_moves_the_arm_nor_shuts_out_others():
    """It may be the first of the next epoch; until then those that belong to now are followed."""
    blender = blender_with(BlendSettings(), groot=None)
    blender.accept(Base.IK, hold(ns(1.5), GROOT_Q))
    waiting = blender.blend(ns(0.1), NOW + ns(0.1))
    assert waiting.state is BlendState.HOLD
    assert waiting.reason == "the ik action is stamped 1.40 s ahead (limit 0.25 s)"
    blender.accept(Base.IK, hold(ns(0.1), IK_Q))
    np.testing.assert_array_equal(total_of(blender, ns(0.1)), IK_Q)


def test_only_bases_with_weight_are_waited_for():
    """Lock-step needs the answers that count, and no others."""
    blender = blender_with(BlendSettings(groot_weight=0.0), groot=None)
    assert blender.has_answers_for(0)
    assert not blender.has_answers_for(1)
    assert not blender.has_answers_for(0, with_residual=True)
    blender.settings = BlendSettings(groot_weight=0.5)
    assert not blender.has_answers_for(0)
    blender.accept(Base.GROOT, hold(0, GROOT_Q))
    assert blender.has_answers_for(0)


def test_who_is_waited_for_is_named():
    """Diagnostics say whose answer lock-step lacks."""
    blender = blender_with(BlendSettings(groot_weight=0.5))
    blender.accept(Base.IK, hold(ns(0.1), IK_Q))
    assert blender.missing_answers(ns(0.1), with_residual=True) == ["groot", "residual"]
    blender.accept(Base.GROOT, hold(ns(0.1), GROOT_Q))
    assert blender.missing_answers(ns(0.1)) == []


def test_a_base_that_declines_is_not_waited_for_and_keeps_its_last_chunk():
    """Lock-step goes on; what was said before holds until it is stale."""
    blender = blender_with(BlendSettings(), groot=None)
    blender.decline(Base.IK, ns(0.03))
    assert blender.has_answers_for(ns(0.03))
    np.testing.assert_array_equal(total_of(blender, ns(0.03)), IK_Q)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"groot_weight": 1.1}, r"groot_weight must be in \[0, 1\], got 1.1"),
        ({"alpha": float("nan")}, r"alpha must be in \[0, 1\], got nan"),
        ({"action_timeout_s": 0.0}, "action_timeout_s must be above 0 s, got 0.0"),
        ({"residual_timeout_s": float("inf")}, "residual_timeout_s must be above 0 s, got inf"),
        ({"residual_cap": (0.1,) * 5}, "residual_cap must be 6 numbers"),
        ({"residual_cap": (-0.1,) * 6}, "at least 0 rad"),
    ],
)
def test_settings_outside_their_range_are_refused(change: dict, text: str):
    """The message says what was given and what is allowed."""
    with pytest.raises(ConfigError, match=text):
        BlendSettings(**change)
