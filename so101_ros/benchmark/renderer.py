"""A bare loop that renders both cameras, and nothing else."""

import time
from collections.abc import Sequence

import numpy as np

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


def _show(rig: CameraRig, state: np.ndarray) -> None:
    rig.show(state)
    for camera in CAMERA_NAMES:
        rig.render(camera, 0)
