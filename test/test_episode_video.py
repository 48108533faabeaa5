"""Episodes that are worth seeing, seen again."""

from pathlib import Path

import av
import numpy as np
import pytest
from episode_results import make_result, make_results, make_trace
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q
from so101_ros.evaluation.episode import Ending, EpisodeResult, EpisodeTrace
from so101_ros.evaluation.episode_video import pick_episodes, write_episode_video
from so101_ros.recording.side_by_side import CAPTION_HEIGHT
from so101_ros.simulation.config import SceneConfig

WIDTH, HEIGHT = 320, 240


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """A video of half a second, read back."""
    path = tmp_path_factory.mktemp("video") / "worst.mp4"
    trace = make_trace(ticks=15)
    trace.q[:] = HOME_Q + np.linspace(0.0, 1.0, 16)[:, None] * [0.6, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert write_episode_video(path, trace, SceneConfig(), "ik seed 7") == 16
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == trace.policy_hz
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _paper_centre(frame: np.ndarray) -> np.ndarray:
    """Mean column and row of the white pixels of the top camera's image, in [px]."""
    top = frame[CAPTION_HEIGHT:, :WIDTH].astype(int)
    rows, columns = np.nonzero(top.min(axis=2) > 200)
    assert len(rows) > 500, "the sheet is not in the picture"
    return np.array([columns.mean(), rows.mean()])


def test_a_video_has_a_frame_for_every_state(frames: list[np.ndarray]) -> None:
    """Both cameras side by side below a caption."""
    assert len(frames) == 16
    assert {frame.shape for frame in frames} == {(HEIGHT + CAPTION_HEIGHT, 2 * WIDTH, 3)}


def test_every_frame_has_its_caption(frames: list[np.ndarray]) -> None:
    """The text is visible, and its numbers change."""
    bars = [frame[:CAPTION_HEIGHT].astype(int) for frame in frames]
    assert min(bar.max() for bar in bars) > 150
    assert np.abs(bars[0] - bars[-1]).max() > 100


def test_the_sheet_moves_as_it_did(frames: list[np.ndarray]) -> None:
    """The top camera's right is world -y: a sheet that slides along y moves to the left."""
    first, last = _paper_centre(frames[0]), _paper_centre(frames[-1])
    assert first[0] - last[0] > 50.0
    np.testing.assert_allclose(last, [WIDTH / 2, HEIGHT / 2], atol=25.0)


def test_the_arm_moves_as_it_did(frames: list[np.ndarray]) -> None:
    """The wrist camera rides on the arm, so that its whole picture changes."""
    wrist = [frame[CAPTION_HEIGHT:, WIDTH:].astype(int) for frame in (frames[0], frames[-1])]
    assert np.abs(wrist[0] - wrist[1]).mean() > 5.0


def test_an_episode_without_a_tick_is_a_single_frame(tmp_path: Path) -> None:
    """A policy that failed at once leaves a video of the start."""
    path = tmp_path / "worst.mp4"
    trace: EpisodeTrace = make_trace(0.2, ticks=0)
    assert write_episode_video(path, trace, SceneConfig(), "broken seed 0") == 1
    assert path.is_file()


def test_worst_and_median_of_mixed_endings() -> None:
    """Successes by time, then failures by distance, then policy errors."""
    fast, slow = make_result(1, time_s=2.0), make_result(2, time_s=9.0)
    near = make_result(3, Ending.TIME_LIMIT, distance=0.03)
    far = make_result(4, Ending.TIME_LIMIT, distance=0.3)
    error = make_result(5, Ending.POLICY_ERROR, distance=0.01)
    assert pick_episodes([far, slow, error, near, fast]) == {"worst": error, "median": near}
    assert pick_episodes([far, slow, near, fast]) == {"worst": far, "median": slow}
    assert pick_episodes([slow, fast]) == {"worst": slow, "median": fast}


def test_a_single_episode_is_shown_once() -> None:
    """The worst of one is its median too."""
    (only,) = make_results(1)
    assert pick_episodes([only]) == {"worst": only}
    assert pick_episodes([]) == {}


endings = st.tuples(st.sampled_from(Ending), st.floats(0.1, 13.0), st.floats(0.0, 0.5))


@given(drawn=st.lists(endings, min_size=2, max_size=9))
def test_no_episode_is_worse_than_the_worst(drawn: list[tuple[Ending, float, float]]) -> None:
    """And at least half of them are no better than the median."""
    results = [
        make_result(seed, ending, time_s=time_s, distance=distance)
        for seed, (ending, time_s, distance) in enumerate(drawn)
    ]
    picked = pick_episodes(results)
    assert not any(_worse(each, picked["worst"]) for each in results)
    no_better = [each for each in results if not _worse(picked["median"], each)]
    assert len(no_better) >= len(results) / 2


def _worse(one: EpisodeResult, other: EpisodeResult) -> bool:
    first, second = (
        (each.ending is not Ending.SUCCESS, each.ending.broken) for each in (one, other)
    )
    if first != second:
        return first > second
    if one.success:
        return (one.time_to_success_s or 0.0) > (other.time_to_success_s or 0.0)
    return one.final.distance_to_goal > other.final.distance_to_goal
