"""What lens, sensor and compression do to an image."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Optics:
    """What the camera does to an image.

    Attributes:
        shadow: Light that is left in a shadow with soft edges, in (0, 1]; 1 for no shadow.
        blur: Standard deviation of the lens in [px] of an image 320 wide.
        noise: Standard deviation of the sensor's noise, in levels of 255.
        jpeg: Quality of the compression; 100 for none.
    """

    shadow: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: int = 100


def degrade(image: np.ndarray, optics: Optics, rng: np.random.Generator) -> np.ndarray:
    """Take a perfect image with a real camera.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.
        optics: What the camera does to it.
        rng: Source of the noise and of the place of the shadow.

    Returns:
        RGB pixels. Shape (H, W, 3), uint8.
    """
    seen = image.astype(np.float32)
    scale = image.shape[1] / 320.0
    if optics.shadow < 1.0:
        seen *= _shadow(image.shape[:2], optics.shadow, rng)[..., None]
    if optics.blur > 0.0:
        seen = cv2.GaussianBlur(seen, (0, 0), optics.blur * scale)
    if optics.noise > 0.0:
        seen += rng.normal(0.0, optics.noise, seen.shape).astype(np.float32)
    pixels = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    if optics.jpeg < 100:
        _, code = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, optics.jpeg])
        decoded = cv2.imdecode(code, cv2.IMREAD_COLOR)
        assert decoded is not None
        pixels = np.ascontiguousarray(decoded[..., ::-1])
    return pixels


def _shadow(shape: tuple[int, int], light: float, rng: np.random.Generator) -> np.ndarray:
    """Light that is left in every pixel beside something large that stands in the light."""
    height, width = shape
    rows, columns = np.indices(shape, dtype=np.float32)
    angle = rng.uniform(0.0, 2.0 * np.pi)
    u, v = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
    across = (columns - u) * np.cos(angle) + (rows - v) * np.sin(angle)
    softness = rng.uniform(0.02, 0.2) * width
    return light + (1.0 - light) / (1.0 + np.exp(-across / softness))
