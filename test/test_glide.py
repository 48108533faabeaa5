"""Timed swings of the hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.control.glide import Glide
from so101_ros.control.hand import DownwardHand, Pivot

PIVOT = Pivot(0.077, -0.002, np.pi / 4)
DT = 1.0 / 30.0


@st.composite
def hands(draw: st.DrawFn) -> DownwardHand:
    """Hands around the pivot."""
    polar = np.array([draw(st.floats(0.08, 0.3)), draw(st.floats(-2.0, 2.0))])
    return DownwardHand(*PIVOT.point(polar), draw(st.floats(0.0, 0.1)), draw(st.floats(-4, 4)))


@given(start=hands(), end=hands())
@settings(deadline=None)
def test_a_glide_keeps_its_limits_and_arrives(start: DownwardHand, end: DownwardHand) -> None:
    """Speeds stay within the limits, the radius between those of the ends, the end is exact."""
    glide = Glide.between(start, end, PIVOT, speed=0.4, turn_speed=3.0)
    radii = sorted(PIVOT.polar(hand.planar.xy)[0] for hand in (start, end))
    before = start
    while not glide.finished:
        hand = glide.advance(DT)
        step = np.linalg.norm([hand.x - before.x, hand.y - before.y, hand.z - before.z])
        assert step <= 0.4 * DT * 1.001 + 1e-9
        assert abs(hand.yaw - before.yaw) <= 3.0 * DT * 1.001 + 1e-9
        assert radii[0] - 1e-9 <= PIVOT.polar(hand.planar.xy)[0] <= radii[1] + 1e-9
        before = hand
    for name in ("x", "y", "z", "yaw"):
        assert getattr(before, name) == pytest.approx(getattr(end, name), abs=1e-12)


@given(hand=hands())
def test_standing_still_takes_no_time(hand: DownwardHand) -> None:
    """A glide to where the hand is has finished before it starts."""
    assert Glide.between(hand, hand, PIVOT, 0.4, 3.0).finished


def test_the_swing_never_passes_behind_the_arm() -> None:
    """From far left to far right the hand goes through the front."""
    left, right = PIVOT.point(np.array([0.2, 1.9])), PIVOT.point(np.array([0.2, -1.9]))
    start, end = DownwardHand(*left, 0.03, 0.0), DownwardHand(*right, 0.03, 0.0)
    middle = start.towards(end, 0.5, PIVOT)
    assert abs(PIVOT.polar(middle.planar.xy)[1]) < 1e-9
