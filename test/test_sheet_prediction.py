"""A sheet that was seen a while ago is where the hand has carried it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.control.sheet_prediction import SheetPrediction
from so101_ros.control.stroke import compose, relative
from so101_ros.pose import PlanarPose

TICK_NS = 33_333_333
SHEET = PlanarPose(0.3, 0.0, 0.2)

HANDS = st.builds(PlanarPose, st.floats(0.2, 0.4), st.floats(-0.1, 0.2), st.floats(-3.0, 3.0))


def numbers(pose: PlanarPose) -> np.ndarray:
    """x, y and yaw."""
    return np.array([pose.x, pose.y, pose.yaw])


@given(hands=st.lists(HANDS, min_size=2, max_size=25), late_ticks=st.integers(0, 12))
def test_what_sticks_to_the_hand_is_where_the_hand_has_brought_it(
    hands: list[PlanarPose], late_ticks: int
) -> None:
    """However the hand moves, and however late the image is."""
    prediction = SheetPrediction()
    held = relative(hands[0], SHEET)
    sheets = [compose(hand, held) for hand in hands]
    for tick, hand in enumerate(hands):
        seen = tick - late_ticks
        paper = sheets[seen] if seen >= 0 else SHEET  # it lay still before
        told = prediction.predict(paper, seen * TICK_NS, hand, tick * TICK_NS)
        np.testing.assert_allclose(numbers(told), numbers(sheets[tick]), atol=1e-9)


def test_an_image_of_now_is_believed_as_it_is() -> None:
    """Also when the sheet has slipped: nothing is predicted, to the last bit."""
    prediction = SheetPrediction()
    for tick in range(3):
        hand = PlanarPose(0.1 * tick, 0.0, 0.0)
        assert prediction.predict(SHEET, tick * TICK_NS, hand, tick * TICK_NS) is SHEET


def test_a_hand_that_has_let_go_carries_nothing() -> None:
    """The way through the air does not count."""
    prediction = SheetPrediction()
    prediction.predict(SHEET, 0, PlanarPose(0.0, 0.0, 0.0), 0)
    prediction.release()
    told = prediction.predict(SHEET, TICK_NS, PlanarPose(0.5, 0.5, 1.0), 3 * TICK_NS)
    assert numbers(told) == pytest.approx(numbers(SHEET))
