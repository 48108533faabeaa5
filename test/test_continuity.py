"""Joint states that cannot follow each other."""

import numpy as np
import pytest

from so101_ros.arm import HOME_Q, ArmSpec
from so101_ros.control.continuity import SLACK, SPEED_FACTOR, ContinuityCheck
from so101_ros.errors import ObservationError
from so101_ros.observation import JointState

ARM = ArmSpec(
    joint_names=("a", "b", "c", "d", "e", "f"),
    lower=np.full(6, -2.0),
    upper=np.full(6, 2.0),
    max_speed=np.full(6, 4.0),
    home=HOME_Q,
)
TICK_NS = 8_333_333
TICK_REACH = SLACK + SPEED_FACTOR * 4.0 * TICK_NS * 1e-9  # [rad]


def _state(stamp_ns: int, offset: float) -> JointState:
    return JointState(stamp_ns, HOME_Q + offset * np.eye(6)[1], np.zeros(6))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_an_arm_that_jumps_is_refused_and_the_joint_named(sign: float) -> None:
    """What is just possible passes; a little more does not."""
    check = ContinuityCheck(ARM)
    check.take(_state(0, 0.0))
    with pytest.raises(ObservationError, match=r"shoulder_lift cannot have moved by .* 0\.008 s"):
        check.take(_state(TICK_NS, sign * 1.01 * TICK_REACH))
    check.take(_state(TICK_NS, sign * 0.99 * TICK_REACH))


def test_two_poses_of_one_moment_are_refused() -> None:
    """One of them is another arm; the same pose again is no offence."""
    check = ContinuityCheck(ARM)
    check.take(_state(TICK_NS, 0.0))
    check.take(_state(TICK_NS, 0.0))
    with pytest.raises(ObservationError, match="second publisher"):
        check.take(_state(TICK_NS, 0.5))


def test_a_refused_pose_is_not_what_the_next_is_compared_with() -> None:
    """The arm goes on from where it was."""
    check = ContinuityCheck(ARM)
    check.take(_state(0, 0.0))
    with pytest.raises(ObservationError):
        check.take(_state(1, 0.5))
    check.take(_state(TICK_NS, 0.0))


def test_after_a_restart_the_arm_may_be_anywhere() -> None:
    """A reset moves the arm without a way."""
    check = ContinuityCheck(ARM)
    check.take(_state(0, 0.0))
    check.restart()
    check.take(_state(TICK_NS, 1.5))
