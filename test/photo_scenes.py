"""Images of a table with a sheet and a frame of tape, as rendered and as photographed."""

from pathlib import Path

import cv2
import numpy as np

SIZE = (320, 240)
"""Width and height in [px]."""

_TABLE, _TAPE, _SHEET, _ARM = (150, 140, 125), (190, 40, 40), (240, 240, 238), (60, 60, 70)


def draw_scene(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Draw what a renderer shows: even surfaces, sharp edges. Shape (height, width, 3), uint8."""
    rng = np.random.default_rng(seed)
    width, height = size
    image = np.full((height, width, 3), _TABLE, np.uint8)
    shade = np.linspace(0.9, 1.1, width)[np.newaxis, :, np.newaxis]
    image = np.clip(image * shade, 0, 255).astype(np.uint8)
    cv2.rectangle(image, (width // 8, height // 5), (width // 2, height * 2 // 3), _TAPE, 8)
    centre = rng.uniform((0.3, 0.3), (0.8, 0.8)) * (width, height)
    corners = cv2.boxPoints((centre.tolist(), (height / 3, height / 2), rng.uniform(-60, 60)))
    cv2.fillPoly(image, [corners.astype(np.int32)], _SHEET)
    elbow = (int(rng.uniform(0.2, 0.8) * width), height // 2)
    cv2.line(image, (width // 2, 0), elbow, _ARM, 24)
    return image


def photograph(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Draw another scene as a real camera would see it: tint, vignette, blur, noise."""
    rng = np.random.default_rng([seed, 1])
    width, height = size
    scene = draw_scene(seed + 1000, size).astype(float)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    vignette = (1.0 - 0.35 * (x**2 + y**2) / 2.0)[..., np.newaxis]
    tinted = 20.0 + 0.7 * scene * (1.05, 0.92, 0.70) * vignette * rng.uniform(0.9, 1.1)
    blurred = cv2.GaussianBlur(tinted, (0, 0), 1.0)
    return np.clip(blurred + rng.normal(0.0, 3.0, scene.shape), 0, 255).astype(np.uint8)


def write_images(folder: Path, images: list[np.ndarray]) -> Path:
    """Write RGB images as PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, rgb in enumerate(images):
        cv2.imwrite(str(folder / f"{index:03d}.png"), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return folder
