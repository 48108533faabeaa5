"""Keeping the tips level."""

import numpy as np
import pytest

from so101_ros.arm import HOME_Q, JOINT_NAMES
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.control.level import MAX_CORRECTION, TipLevel

KINEMATICS = ArmKinematics()


def _lean(q: np.ndarray) -> float:
    """Angle of the hand from straight down, in [rad]."""
    _, rotation = KINEMATICS.site_pose(q, PRESS)
    return float(np.arccos(np.clip(-rotation[2, 2], -1.0, 1.0)))


def test_a_hand_that_gives_way_is_turned_back() -> None:
    """Three joints give way; the wrist alone brings the hand back to straight down."""
    give_way = np.array([0.0, 0.02, 0.015, 0.03, 0.0, 0.0])
    level = TipLevel()
    assert _lean(HOME_Q - give_way) > 0.06
    for _ in range(60):
        level.regulate(HOME_Q, HOME_Q + level.correction - give_way)
    assert _lean(HOME_Q + level.correction - give_way) < 0.002


def test_only_the_wrist_is_corrected_within_bounds_and_let_go() -> None:
    """A blocked hand does not wind the wrist up, and without load the correction fades."""
    level, wrist = TipLevel(), JOINT_NAMES.index("wrist_flex")
    for _ in range(1000):
        level.regulate(HOME_Q, HOME_Q - 1.0)
    assert level.correction[wrist] == pytest.approx(MAX_CORRECTION)
    assert np.count_nonzero(level.correction) == 1
    for _ in range(40):
        level.release()
    assert np.abs(level.correction).max() < 1e-4
