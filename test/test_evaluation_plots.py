"""The pictures of an evaluation show its numbers."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from episode_results import make_result, make_results, make_trace
from matplotlib.collections import PolyCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from so101_ros.drawing.table_top import paper_outline, to_picture
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.plots import (
    draw_distance,
    draw_final_poses,
    draw_success,
    draw_time_to_success,
    write_plots,
)
from so101_ros.evaluation.policy_summary import PolicySummary, summarise
from so101_ros.evaluation.sheet_path import SheetPath
from so101_ros.pose import PlanarPose
from so101_ros.task.geometry import BASE_POSE, GOAL_CENTRE


def _summary(policy: str, successes: int, failures: int) -> PolicySummary:
    results = make_results(successes, failures, policy=policy)
    return summarise(policy, results, np.array([]))


def _path(seed: int, time_s: float, distance: float = 0.0, success: bool = True) -> SheetPath:
    ending = Ending.SUCCESS if success else Ending.TIME_LIMIT
    result = make_result(seed, ending, time_s=time_s, distance=distance)
    return SheetPath.of(result, make_trace(distance, result.ticks))


def _paths(successes: int, failures: int) -> list[SheetPath]:
    solved = [_path(seed, 1.0 + 0.1 * seed) for seed in range(successes)]
    missed = [_path(100 + seed, 3.0, 0.1, success=False) for seed in range(failures)]
    return solved + missed


def _labelled(figure: Figure) -> dict[str, Line2D]:
    (axes,) = figure.axes
    lines = {str(line.get_label()): line for line in axes.lines}
    return {label: line for label, line in lines.items() if not label.startswith("_")}


def _ydata(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_ydata(), float)


def test_a_sheet_path_is_taken_out_of_a_trace() -> None:
    """Times, distances and the end, without the rest of the trace."""
    path = SheetPath.of(make_result(), make_trace(0.05, ticks=30))
    np.testing.assert_allclose(path.times_s[[0, -1]], [0.0, 1.0])
    np.testing.assert_allclose(path.distances[[0, -1]], [0.2, 0.05])
    np.testing.assert_allclose(path.final.xy, GOAL_CENTRE - [0.0, 0.05])
    assert path.final.yaw == pytest.approx(np.pi / 2)


def test_the_table_lies_as_the_top_camera_sees_it() -> None:
    """World x is up and world y is left."""
    np.testing.assert_allclose(to_picture(np.array([[0.3, 0.1]])), [[-0.1, 0.3]])
    outline = paper_outline(PlanarPose(0.3, 0.1, 0.0))
    np.testing.assert_allclose(outline.mean(axis=0), [-0.1, 0.3])
    np.testing.assert_allclose(np.ptp(outline, axis=0), [0.210, 0.148])


def test_success_shows_rates_intervals_and_thresholds() -> None:
    """Points lie at the rates, bars end at the interval, and both thresholds are drawn."""
    summaries = [_summary("ik", 97, 3), _summary("zero", 0, 100)]
    (axes,) = draw_success(summaries).axes
    for container, summary in zip(axes.containers, summaries, strict=True):
        assert isinstance(container, ErrorbarContainer)
        point, _, (bar,) = container.lines
        assert point.get_xdata() == pytest.approx([100 * summary.success_rate])
        ends = bar.get_segments()[0][:, 0]
        assert ends == pytest.approx(100 * np.array(summary.verdict.interval), abs=1e-9)
    uprights = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata() for line in uprights] == [[5.0, 5.0], [20.0, 20.0]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ik", "zero"]
    assert [text.get_text() for text in axes.texts] == ["97 of 100, accept", "0 of 100, reject"]


def test_distance_shows_single_episodes_when_they_are_few() -> None:
    """Each is a thin line of its own, and the median a thick one."""
    figure = draw_distance({"ik": _paths(2, 1)})
    (axes,) = figure.axes
    assert len(axes.lines) == 4
    assert not axes.collections
    median = _labelled(figure)["ik"]
    assert median.get_linewidth() > max(line.get_linewidth() for line in axes.lines[:3])
    np.testing.assert_allclose(_ydata(median)[[0, -1]], [200.0, 0.0], atol=1e-9)


def test_distance_shows_a_band_when_they_are_many() -> None:
    """From the 10th to the 90th percentile, in millimetres."""
    figure = draw_distance({"ik": _paths(15, 5), "zero": _paths(0, 20)})
    (axes,) = figure.axes
    bands = [each for each in axes.collections if isinstance(each, PolyCollection)]
    assert len(bands) == 2
    assert len(axes.lines) == 2
    extents = bands[0].get_paths()[0].get_extents()
    assert (extents.y0, extents.y1) == pytest.approx((0.0, 200.0), abs=1e-6)


def test_an_episode_that_ended_keeps_its_last_distance() -> None:
    """Otherwise the median would rise when the best episodes end."""
    figure = draw_distance({"ik": [_path(0, 1.0), _path(1, 2.0, 0.1, success=False)]})
    median = _ydata(_labelled(figure)["ik"])
    assert len(median) == 61
    np.testing.assert_allclose(median[30], 0.5 * (0.0 + 150.0), atol=1e-6)
    np.testing.assert_allclose(median[-1], 0.5 * (0.0 + 100.0), atol=1e-6)


def test_time_to_success_rises_at_each_success_to_the_rate() -> None:
    """A step at every success, flat to the end, and the count in the legend."""
    figure = draw_time_to_success({"ik": _paths(3, 1), "zero": _paths(0, 4)})
    lines = _labelled(figure)
    ik = lines["ik: 3 of 4"]
    np.testing.assert_allclose(np.asarray(ik.get_xdata(), float), [0.0, 1.0, 1.1, 1.2, 3.0])
    np.testing.assert_allclose(_ydata(ik), [0.0, 25.0, 50.0, 75.0, 75.0])
    np.testing.assert_allclose(_ydata(lines["zero: 0 of 4"]), 0.0)


def test_final_poses_are_outlines_by_outcome() -> None:
    """One panel per policy, successes and failures apart, and the tape below them."""
    paths = {"ik": _paths(3, 1), "zero": _paths(0, 4)}
    figure = draw_final_poses(paths)
    assert [axes.get_title() for axes in figure.axes] == ["ik: 3 of 4", "zero: 0 of 4"]
    for axes, (solved, missed) in zip(figure.axes, [(3, 1), (0, 4)], strict=True):
        outlines = [each for each in axes.collections if isinstance(each, PolyCollection)]
        assert [len(each.get_paths()) for each in outlines] == [solved, missed]
        assert len(axes.patches) == 2  # the edges of the tape
        base = np.asarray(axes.lines[0].get_xydata())
        np.testing.assert_allclose(base, [[-BASE_POSE.y, BASE_POSE.x]])
    vertices = np.asarray(figure.axes[0].collections[0].get_paths()[0].vertices)
    np.testing.assert_allclose(vertices[:4], paper_outline(paths["ik"][0].final))


def test_the_panels_are_as_many_as_the_policies() -> None:
    """Five policies leave no empty frames in the second row."""
    figure = draw_final_poses({f"policy {index}": _paths(1, 1) for index in range(5)})
    assert len(figure.axes) == 5


@pytest.mark.parametrize("policies", [["ik"], [f"replay:/data/{index:030}" for index in range(8)]])
@pytest.mark.parametrize("episodes", [1, 40])
def test_all_pictures_are_written(tmp_path: Path, policies: Sequence[str], episodes: int) -> None:
    """For one policy and for eight, for one episode and for many, none of them blank."""
    summaries = [_summary(policy, episodes, 0) for policy in policies]
    files = write_plots(
        tmp_path / "plots", summaries, {each: _paths(episodes, 0) for each in policies}
    )
    names = ["success.png", "distance.png", "time_to_success.png", "final_poses.png"]
    assert [file.name for file in files] == names
    for file in files:
        image = cv2.imread(str(file))
        assert image is not None
        assert min(image.shape[:2]) > 200
        assert image.std() > 10.0


def test_a_policy_that_failed_at_once_can_be_drawn() -> None:
    """An episode without a single tick has one state."""
    paths = {"broken": [SheetPath.of(make_result(ending=Ending.POLICY_ERROR), make_trace(0.2, 0))]}
    assert len(_ydata(_labelled(draw_distance(paths))["broken"])) == 1
    assert list(_labelled(draw_time_to_success(paths))) == ["broken: 0 of 1"]
