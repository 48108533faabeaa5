"""The picture of a demo shows what was recorded."""

from pathlib import Path

import cv2
import numpy as np

from so101_ros.demo.delivery import Delivery
from so101_ros.demo.paper_trace import PaperTrace, cut_trace
from so101_ros.demo.plot import draw_demo
from so101_ros.drawing.figures import save_figure
from so101_ros.pose import PlanarPose, Pose, yaw_to_quaternion
from so101_ros.rates import NANOSECONDS
from so101_ros.task.geometry import GOAL_CENTRE

DELIVERIES = {"joint_states": (120, Delivery(120, 90, 1.0, 1.0))}


def _pose(x: float, y: float, yaw: float) -> Pose:
    return Pose(np.array([x, y, 0.0005]), yaw_to_quaternion(yaw))


def _trace(label: str) -> PaperTrace:
    """A sheet that slides into the frame within a second."""
    share = np.linspace(0.0, 1.0, 31)
    start = np.array([0.30, 0.0])
    centres = start + share[:, None] * (GOAL_CENTRE - start)
    poses = [PlanarPose(x, y, 0.5 * np.pi * s) for (x, y), s in zip(centres, share, strict=True)]
    return PaperTrace(label, share, tuple(poses))


def test_a_trace_is_one_episode_with_its_own_time() -> None:
    """Poses outside the episode are left out; time counts from its begin."""
    stamps = np.arange(5) * NANOSECONDS
    poses = [_pose(0.1 * index, 0.0, 0.2) for index in range(5)]
    trace = cut_trace("seed 0", stamps, poses, NANOSECONDS, 3 * NANOSECONDS)
    np.testing.assert_allclose(trace.times_s, [0.0, 1.0, 2.0])
    np.testing.assert_allclose(trace.path, [[0.1, 0.0], [0.2, 0.0], [0.3, 0.0]])
    np.testing.assert_allclose([pose.yaw for pose in trace.poses], 0.2)


def test_the_picture_holds_paths_errors_and_rates() -> None:
    """The drawn lines are the recorded ones, in the orientation of the top camera."""
    trace = _trace("episode 1, seed 0")
    figure = draw_demo([trace], DELIVERIES, "demo")
    paths, distance, turn, rates = figure.axes
    labelled = {line.get_label(): line for line in paths.lines}
    line = labelled["episode 1, seed 0"]
    np.testing.assert_allclose(np.asarray(line.get_xydata()), trace.path[:, ::-1] * [-1.0, 1.0])
    assert len(paths.patches) == 4  # two edges of the tape, the start and the end of the sheet
    millimetres = np.asarray(distance.lines[0].get_ydata())
    assert millimetres[0] > 150.0
    assert abs(millimetres[-1]) < 1e-6
    assert np.asarray(turn.lines[0].get_ydata())[-1] < 1e-6
    assert [text.get_text() for text in rates.texts] == ["75.0 %", "joint_states  120 Hz"]


def test_the_picture_is_written_as_png(tmp_path: Path) -> None:
    """The file is an image of a useful size."""
    path = tmp_path / "demo.png"
    save_figure(draw_demo([_trace("a"), _trace("b")], DELIVERIES, "demo"), path)
    image = cv2.imread(str(path))
    assert image is not None
    assert min(image.shape[:2]) > 600


def test_an_episode_without_poses_is_drawn_as_nothing() -> None:
    """A demo that was stopped early still has its picture."""
    empty = PaperTrace("seed 0", np.array([]), ())
    figure = draw_demo([empty], DELIVERIES, "demo")
    assert len(figure.axes[0].patches) == 2
