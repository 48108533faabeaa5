"""The servo that carries the sheet, on an ideal hand and sheet."""

import numpy as np
import pytest

from so101_ros.control.drag import MAX_LEAD, MAX_SPEED, MAX_TURN_SPEED, Drag
from so101_ros.control.hand import DownwardHand
from so101_ros.control.stroke import compose, relative
from so101_ros.pose import PlanarPose

DT = 1.0 / 30.0


@pytest.mark.parametrize("lag_ticks", [0, 2], ids=["ideal servos", "servos lagging by 67 ms"])
def test_the_sheet_follows_the_hand_to_the_goal(lag_ticks: int) -> None:
    """With a firm press the error vanishes without overshooting the speed limits."""
    goal, hand_in_paper = PlanarPose(0.275, 0.175, 1.57), PlanarPose(-0.03, 0.05, 0.4)
    hand = compose(PlanarPose(0.30, 0.0, 0.2), hand_in_paper)
    drag = Drag(goal, PlanarPose(0.30, 0.0, 0.2), hand)
    reference = DownwardHand(hand.x, hand.y, 0.004, hand.yaw)
    pipeline = [hand] * (lag_ticks + 1)
    for _ in range(200):
        paper = compose(hand, relative(hand_in_paper, PlanarPose(0.0, 0.0, 0.0)))
        following = drag.advance(reference, paper, hand, DT)
        speed = np.hypot(following.x - reference.x, following.y - reference.y) / DT
        assert speed <= MAX_SPEED * 1.001
        assert abs(following.yaw - reference.yaw) <= MAX_TURN_SPEED * DT * 1.001
        reference = following
        pipeline = [*pipeline[1:], reference.planar]
        hand = pipeline[0]
    assert drag.has_arrived(paper)
    assert drag.slip(paper, hand) < 1e-9
    assert reference.z == 0.004


def test_a_stuck_hand_is_not_left_behind() -> None:
    """The reference leads by a bounded distance, so that a stuck sheet is not torn."""
    hand = paper = PlanarPose(0.2, 0.0, 0.0)
    drag = Drag(PlanarPose(0.5, 0.0, 1.0), paper, hand)
    reference = DownwardHand(0.2, 0.0, 0.004, 0.0)
    for _ in range(100):
        reference = drag.advance(reference, paper, hand, DT)
    assert np.hypot(reference.x - hand.x, reference.y - hand.y) == pytest.approx(MAX_LEAD)
    assert any(drag.is_stuck(paper, DT) for _ in range(30))


def test_slip_is_how_far_the_press_has_wandered() -> None:
    """A sheet that stays while the hand moves on slips by that distance, whatever its yaw."""
    paper, hand = PlanarPose(0.3, 0.0, 2.0), PlanarPose(0.28, 0.03, 0.5)
    drag = Drag(PlanarPose(0.275, 0.175, 1.57), paper, hand)
    moved = PlanarPose(hand.x + 0.006, hand.y - 0.008, hand.yaw)
    assert drag.slip(drag.unwrap(paper), moved) == pytest.approx(0.010)


def test_the_sheet_is_seen_on_the_goals_turn() -> None:
    """A yaw beyond pi and its equal below -pi are the same sheet, near the goal."""
    drag = Drag(PlanarPose(0.0, 0.0, 3.1), PlanarPose(0.0, 0.0, 3.0), PlanarPose(0.0, 0.0, 0.0))
    assert drag.unwrap(PlanarPose(0.0, 0.0, -3.1)).yaw == pytest.approx(2 * np.pi - 3.1)
