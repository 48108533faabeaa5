"""Analytic reach, against inverse kinematics as the witness."""

import numpy as np

from so101_ros.control.hand import DownwardHand
from so101_ros.control.ik import IkSolver
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.control.reach import DownwardReach

KINEMATICS = ArmKinematics()
REACH = DownwardReach(KINEMATICS)


def _random_hands(count: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    xy = rng.uniform([-0.1, -0.25], [0.4, 0.35], size=(count, 2))
    return REACH.unwind(np.column_stack([xy, rng.uniform(-np.pi, np.pi, count)]))


def test_whatever_is_in_reach_can_be_pressed_and_hovered() -> None:
    """A positive margin promises a solution straight down at the sheet and 30 mm up."""
    solver = IkSolver(KINEMATICS, PRESS)
    hands = _random_hands(300)
    inside = hands[REACH.margin(hands) > 0.0]
    assert len(inside) > 50  # the sample means something
    for x, y, yaw in inside:
        for z in (0.004, 0.030):
            # Start with the pan that faces the target, as a planner coming from above it does.
            q = np.array([-REACH.pivot.polar(np.array([x, y]))[1], 0.0, 0.4, 1.2, 0.0, 0.3])
            q = np.clip(q, KINEMATICS.arm.lower, KINEMATICS.arm.upper)
            assert solver.solve(q, DownwardHand(x, y, z, yaw).target, 80).success, (x, y, z, yaw)


def test_far_away_is_out_of_reach() -> None:
    """Beyond the stretched arm the margin is negative."""
    assert REACH.margin(np.array([0.6, 0.5, 0.0])) < 0.0
    assert REACH.margin(np.array([*KINEMATICS.pan_axis, 0.0])) < 0.0


def test_unwinding_keeps_the_direction_and_the_least_roll() -> None:
    """Full turns are added, nothing else, and no other turn needs less roll."""
    hands = _random_hands(50)
    wound = hands + np.array([0.0, 0.0, 4.0 * np.pi])
    np.testing.assert_allclose(REACH.unwind(wound), hands, atol=1e-9)
