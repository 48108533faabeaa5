"""Cameras alone: a bare loop of both, and what a scene that was drawn costs."""

import time
from collections.abc import Sequence
from contextlib import closing

import numpy as np

from so101_ros.benchmark.figure import Figure
from so101_ros.randomization.load import load_tier
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import CAMERA_NAMES


def time_bare_renderer(states: Sequence[np.ndarray], width: int, height: int) -> float:
    """Render every state in every camera.

    Args:
        states: MuJoCo's full physics states.
        width: Image width in [px].
        height: Image height in [px].

    Returns:
        Wall time in [s].
    """
    rig = CameraRig(SceneConfig(), width, height)
    try:
        _show(rig, states[0])  # the first image uploads textures
        began_s = time.perf_counter()
        for state in states:
            _show(rig, state)
        return time.perf_counter() - began_s
    finally:
        rig.close()


def measure_rendering(
    episodes: int = 50, images: int = 20, size: tuple[int, int] = (320, 240)
) -> list[Figure]:
    """Render the nominal scene and the visual ones in turn.

    Args:
        episodes: How many visual scenes are drawn.
        images: Of the top camera, per episode and scene; the median counts.
        size: Width and height in [px].

    Returns:
        Time per image of both and their ratio, and the time to change the scene.

    Raises:
        RenderError: If this machine cannot render.
    """
    tier, backend = load_tier("visual"), MujocoBackend()
    with (
        closing(CameraRig(tier.nominal, *size)) as plain,
        closing(CameraRig(tier.nominal, *size)) as drawn,
    ):
        plain.show(backend.state)
        times_s = np.array(
            [
                _time_episode(plain, drawn, tier.sample(seed), seed, backend.state, images)
                for seed in range(episodes)
            ]
        )
    nominal_s, visual_s, begin_s = times_s.mean(axis=0)
    note = f"mean of {episodes} episodes, lens and sensor included"
    text = f"{size[0]}x{size[1]}"
    return [
        Figure(f"image of the nominal scene, {text}", 1e3 * nominal_s, "ms"),
        Figure(f"image of a visual scene, {text}", 1e3 * visual_s, "ms", note),
        Figure("visual / nominal image", visual_s / nominal_s, "", note),
        Figure("cameras, change of the scene", 1e3 * begin_s, "ms", "in place, with its physics"),
    ]


def _time_episode(
    plain: CameraRig,
    drawn: CameraRig,
    config: SceneConfig,
    seed: int,
    state: np.ndarray,
    images: int,
) -> tuple[float, float, float]:
    """Time per nominal image, per visual image and of the change between scenes, in [s]."""
    began_s = time.perf_counter()
    drawn.begin(config, seed)
    begin_s = time.perf_counter() - began_s
    drawn.show(state)
    drawn.render(CAMERA_NAMES[0], 0)  # the first image prepares lens and sensor
    pairs = [(_time_image(plain, tick), _time_image(drawn, tick)) for tick in range(images)]
    nominal_s, visual_s = np.median(pairs, axis=0)
    return nominal_s, visual_s, begin_s


def _time_image(rig: CameraRig, tick: int) -> float:
    began_s = time.perf_counter()
    rig.render(CAMERA_NAMES[0], tick)
    return time.perf_counter() - began_s


def _show(rig: CameraRig, state: np.ndarray) -> None:
    rig.show(state)
    for camera in CAMERA_NAMES:
        rig.render(camera, 0)
