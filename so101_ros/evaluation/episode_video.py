"""See an evaluated episode again, with both cameras."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from so101_ros.evaluation.episode import EpisodeResult, EpisodeTrace
from so101_ros.pose import Pose
from so101_ros.recording.side_by_side import CAPTION_HEIGHT, put_side_by_side
from so101_ros.recording.video_writer import VideoWriter
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.cameras import CameraRenderer
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import CAMERA_NAMES
from so101_ros.task.measures import measure

_WIDTH, _HEIGHT = 320, 240  # [px], of each camera


def pick_episodes(results: Sequence[EpisodeResult]) -> dict[str, EpisodeResult]:
    """Choose what is worth seeing.

    Successes are better than failures and these better than what broke; among successes the fastest
    is the best, among the others the one that ended nearest to the goal.

    Args:
        results: Episodes of one policy.

    Returns:
        The ``worst`` and the ``median`` episode; the worst alone if it is both, and nothing for no
        episode.
    """
    if not results:
        return {}
    ordered = sorted(results, key=_badness)
    picked = {"worst": ordered[-1], "median": ordered[(len(ordered) - 1) // 2]}
    return picked if len(ordered) > 1 else {"worst": ordered[-1]}


def write_episode_video(path: Path, trace: EpisodeTrace, config: SceneConfig, caption: str) -> int:
    """Render an episode at simulated time, one frame per state.

    Args:
        path: The file to write, ending in ``.mp4``.
        trace: What happened.
        config: The scene that it happened in.
        caption: Text above the images; time and distance to the goal are added to it.

    Returns:
        Number of frames.

    Raises:
        RenderError: If this machine cannot render.
        So101Error: If the scene cannot be built.
    """
    backend = MujocoBackend(config)
    width, height = len(CAMERA_NAMES) * _WIDTH, _HEIGHT + CAPTION_HEIGHT
    with (
        CameraRenderer(backend.model, _WIDTH, _HEIGHT) as renderer,
        VideoWriter(path, width, height, trace.policy_hz) as video,
    ):
        for tick, time_s in enumerate(trace.times_s):
            backend.show(trace.q[tick], trace.paper[tick])
            images = [renderer.render(backend.data, camera) for camera in CAMERA_NAMES]
            video.write(put_side_by_side(images, _describe(caption, time_s, trace.paper[tick])))
        return video.frame_count


def _badness(result: EpisodeResult) -> tuple[int, float]:
    """A key that grows from the best episode to the worst."""
    if result.time_to_success_s is not None:
        return (0, result.time_to_success_s)
    return (2 if result.ending.broken else 1, result.final.distance_to_goal)


def _describe(caption: str, time_s: float, paper: np.ndarray) -> str:
    distance = measure(Pose(paper[:3], paper[3:]).planar).distance_to_goal
    return f"{caption}   {time_s:.1f} s   {1e3 * distance:.0f} mm"
