"""The tracker is compared with the truth of the same moments, and only with that."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.demo.tracking_errors import compare_poses
from so101_ros.pose import Pose, yaw_to_quaternion

STEP_NS = 33_333_333


def _recording(poses: dict[int, tuple[float, float, float]]) -> tuple[np.ndarray, list[Pose]]:
    """Poses x, y, yaw by tick."""
    stamps_ns = np.array([tick * STEP_NS for tick in poses], dtype=np.int64)
    return stamps_ns, [
        Pose(np.array([x, y, 0.0005]), yaw_to_quaternion(yaw)) for x, y, yaw in poses.values()
    ]


def test_errors_are_those_of_equal_stamps() -> None:
    """A pose that comes at another time than the truth is not compared with its neighbour."""
    truth = _recording({tick: (0.01 * tick, 0.2, 0.0) for tick in range(10)})
    tracked = _recording({2: (0.023, 0.204, 0.0), 4: (0.04, 0.2, 0.02), 12: (9.0, 9.0, 1.0)})
    errors = compare_poses(truth, tracked, 0, 9 * STEP_NS)
    assert (errors.moments, errors.poses, errors.share) == (10, 2, pytest.approx(0.2))
    assert errors.position == pytest.approx((0.0025, 0.00475, 0.005))
    assert errors.yaw == pytest.approx((0.01, 0.019, 0.02))


@given(yaw=st.floats(-3.0, 3.0), error=st.floats(-0.5, 0.5), half_turns=st.integers(-1, 1))
def test_half_a_turn_is_no_error(yaw: float, error: float, half_turns: int) -> None:
    """The sheet looks the same after it."""
    truth = _recording({0: (0.3, 0.1, yaw)})
    tracked = _recording({0: (0.3, 0.1, yaw + error + half_turns * np.pi)})
    errors = compare_poses(truth, tracked, 0, STEP_NS)
    assert errors.yaw == pytest.approx((abs(error),) * 3, abs=1e-9)


def test_an_episode_that_was_never_seen_has_no_errors() -> None:
    """No number is made up; the share says how little was seen."""
    truth = _recording({tick: (0.3, 0.1, 0.0) for tick in range(5)})
    errors = compare_poses(truth, _recording({}), 0, 9 * STEP_NS)
    assert (errors.moments, errors.poses, errors.share) == (5, 0, 0.0)
    assert errors.position is None and errors.yaw is None
    assert errors.to_dict()["median_error_m"] is None


def test_only_the_episode_counts() -> None:
    """Poses of the one before and of the one after are theirs."""
    truth = _recording({tick: (0.3, 0.1, 0.0) for tick in range(10)})
    tracked = _recording({tick: (0.3 + 0.01 * (tick == 9), 0.1, 0.0) for tick in range(10)})
    errors = compare_poses(truth, tracked, 3 * STEP_NS, 6 * STEP_NS)
    assert (errors.moments, errors.poses) == (4, 4)
    assert errors.position == pytest.approx((0.0, 0.0, 0.0))
