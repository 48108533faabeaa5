"""Patterns for the table, drawn by rule: how bright the table is from place to place."""

from functools import lru_cache

import numpy as np

from so101_ros.errors import ConfigError

SIZE = 256  # [px], a power of 2 as OpenGL likes it
_SEED = 7  # the patterns are the same in every process


@lru_cache
def draw_texture(name: str) -> np.ndarray:
    """Draw a pattern that goes on seamlessly where it repeats.

    Args:
        name: ``wood``, ``speckle``, ``weave`` or ``checker``.

    Returns:
        Share of the table's colour per pixel, three times the same. Shape (SIZE, SIZE, 3), uint8.

    Raises:
        ConfigError: If the name is unknown.
    """
    if name not in _PATTERNS:
        raise ConfigError(f"texture {name!r} is unknown. Allowed: {', '.join(_PATTERNS)}")
    brightness = _PATTERNS[name](np.random.default_rng(_SEED))
    grey = np.rint(255.0 * np.clip(brightness, 0.0, 1.0)).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    pixels.setflags(write=False)
    return pixels


def _smooth_noise(rng: np.random.Generator, cells: tuple[int, int]) -> np.ndarray:
    """Noise in [0, 1] that repeats seamlessly, with a grid of cells along rows and columns."""
    import cv2  # for which those who only ask for help should not wait

    grid = np.pad(rng.random(cells), 2, mode="wrap").astype(np.float32)
    per_cell = SIZE // cells[0], SIZE // cells[1]
    grown = cv2.resize(
        grid,
        (grid.shape[1] * per_cell[1], grid.shape[0] * per_cell[0]),
        interpolation=cv2.INTER_CUBIC,
    )
    top, left = 2 * per_cell[0], 2 * per_cell[1]
    return grown[top : top + SIZE, left : left + SIZE]


def _draw_wood(rng: np.random.Generator) -> np.ndarray:
    """Grain along the columns, in four boards."""
    grain = 0.5 * _smooth_noise(rng, (64, 4)) + 0.5 * _smooth_noise(rng, (16, 2))
    board = np.repeat(rng.uniform(0.8, 1.0, 4), SIZE // 4)[:, None]
    gap = np.where(np.arange(SIZE) % (SIZE // 4) == 0, 0.6, 1.0)[:, None]
    return board * gap * (0.7 + 0.3 * grain)


def _draw_speckle(rng: np.random.Generator) -> np.ndarray:
    """Dark and pale grains, like stone."""
    return 0.7 + 0.18 * _smooth_noise(rng, (64, 64)) + 0.12 * rng.random((SIZE, SIZE))


def _draw_weave(_: np.random.Generator) -> np.ndarray:
    """Threads that go over and under each other."""
    rows, columns = np.indices((SIZE, SIZE))
    over = (rows // 8 + columns // 8) % 2 == 0
    across = np.where(over, rows % 8, columns % 8)
    return 0.7 + 0.3 * np.sin(np.pi * (across + 0.5) / 8.0)


def _draw_checker(_: np.random.Generator) -> np.ndarray:
    """Two by two fields."""
    rows, columns = np.indices((SIZE, SIZE))
    return np.where((2 * rows // SIZE + 2 * columns // SIZE) % 2 == 0, 0.84, 1.0)


_PATTERNS = {
    "wood": _draw_wood,
    "speckle": _draw_speckle,
    "weave": _draw_weave,
    "checker": _draw_checker,
}
