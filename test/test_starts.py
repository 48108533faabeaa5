"""Where the sheet lies when an episode begins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.task.measures import measure
from so101_ros.task.starts import PaperStarts

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_starts_lie_in_their_ranges_and_are_no_success(seed: int):
    """The nominal ranges, whatever the seed."""
    pose = PaperStarts().sample(np.random.default_rng(seed))
    assert 0.25 <= pose.x <= 0.35 and -0.10 <= pose.y <= 0.10 and -0.3 <= pose.yaw <= 0.3
    assert not measure(pose).inside


@given(seeds)
def test_one_seed_is_one_start(seed: int):
    """Randomness comes from the generator alone."""
    first, second = (PaperStarts().sample(np.random.default_rng(seed)) for _ in range(2))
    assert first == second


def test_starts_fill_their_ranges():
    """No corner of the ranges is left out."""
    rng = np.random.default_rng(0)
    poses = [PaperStarts().sample(rng) for _ in range(500)]
    samples = np.array([[pose.x, pose.y, pose.yaw] for pose in poses])
    low, high = np.array([0.25, -0.1, -0.3]), np.array([0.35, 0.1, 0.3])
    assert (samples.min(axis=0) < low + 0.03 * (high - low)).all()
    assert (samples.max(axis=0) > high - 0.03 * (high - low)).all()


def test_a_start_that_is_already_a_success_is_drawn_again():
    """A range around the goal yields only sheets that are outside."""
    x, y = GOAL_CENTRE.tolist()
    starts = PaperStarts((x - 0.03, x + 0.03), (y - 0.03, y + 0.03), (GOAL_YAW, GOAL_YAW))
    rng = np.random.default_rng(1)
    assert not any(measure(starts.sample(rng)).inside for _ in range(200))


@pytest.mark.parametrize("wrong", [(0.3, 0.2), (float("nan"), 0.3), (0.2, float("inf"))])
def test_ranges_that_cannot_be_drawn_from_are_refused(wrong: tuple[float, float]):
    """The message names the range."""
    with pytest.raises(ConfigError, match=r"paper start x must be \(low, high\)"):
        PaperStarts(x=wrong)


def test_ranges_that_hold_nothing_but_successes_are_refused():
    """Drawing on and on would hang whoever asks."""
    x, y = GOAL_CENTRE.tolist()
    starts = PaperStarts((x, x), (y, y), (GOAL_YAW, GOAL_YAW))
    with pytest.raises(ConfigError, match=r"every start in PaperStarts\(x=.* is a success already"):
        starts.sample(np.random.default_rng(0))
