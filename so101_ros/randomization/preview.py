"""A contact sheet: what the cameras see when episodes of a tier begin."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from so101_ros.picture_files import write_png
from so101_ros.randomization.tier import SceneTier
from so101_ros.recording.side_by_side import put_side_by_side
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.scene import CAMERA_NAMES
from so101_ros.simulation.scene_cameras import SceneCameras

_GAP = 4  # [px]


def write_preview(
    tier: SceneTier,
    seeds: Sequence[int],
    path: Path,
    columns: int = 3,
    size: tuple[int, int] = (320, 240),
) -> None:
    """Write the first image of both cameras for several seeds as one PNG.

    Args:
        tier: What episodes are drawn from.
        seeds: One field of the sheet each; at least one.
        path: The file.
        columns: Fields side by side, at most.
        size: Width and height of each image in [px].

    Raises:
        ConfigError: If a scene cannot be drawn, the size is not allowed, or the file cannot be
            written.
        RenderError: If this machine cannot render.
    """
    write_png(path, _arrange(draw_fields(tier, seeds, size), columns))


def draw_fields(
    tier: SceneTier, seeds: Sequence[int], size: tuple[int, int] = (320, 240)
) -> list[np.ndarray]:
    """Draw what the cameras see when episodes begin, each labelled with tier and seed.

    Args:
        tier: What episodes are drawn from.
        seeds: Of the episodes.
        size: Width and height of each image in [px].

    Returns:
        The cameras side by side, one picture per seed; RGB, uint8.

    Raises:
        ConfigError: If a scene cannot be drawn, or the size is not allowed.
        RenderError: If this machine cannot render.
    """
    backend = MujocoBackend(tier.nominal)
    with closing(SceneCameras(backend.model, backend.data, *size)) as cameras:
        return [_draw_field(tier, seed, backend, cameras) for seed in seeds]


def _draw_field(
    tier: SceneTier, seed: int, backend: MujocoBackend, cameras: SceneCameras
) -> np.ndarray:
    config = tier.sample(seed)
    backend.retune(config)
    backend.reset(tier.start(seed))
    cameras.begin(config.look, seed)
    images = [cameras.take(camera, 0) for camera in CAMERA_NAMES]
    return put_side_by_side(images, f"{tier.name}, seed {seed}")


def _arrange(fields: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Put fields into rows, with a gap after each."""
    framed = [cv2.copyMakeBorder(field, 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT) for field in fields]
    columns = min(columns, len(framed))
    framed += [np.zeros_like(framed[0])] * (-len(framed) % columns)
    rows = [np.hstack(framed[start : start + columns]) for start in range(0, len(framed), columns)]
    return np.vstack(rows)
