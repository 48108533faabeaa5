"""What lens, sensor and compression make of an image; cheap enough for every frame.

All that scales light is one map that is multiplied once. Noise is drawn once per image size, larger
than the image, and read from another place for every frame.
"""

import hashlib
import math
import zlib
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from so101_ros.simulation.look_config import LookConfig

REFERENCE_WIDTH = 320
"""Width of the image in [px] that lengths of a look refer to."""

_NARROW = 0.7  # [px], three samples can spread so much and still look like a bell
_NOTHING = 1e-9  # a weight that moves no byte
_MARGIN = 64  # [px], how far the noise can be shifted along each axis


class Optics:
    """One camera in one episode.

    What it does depends on look, seed, camera, image size and time since the reset alone, so that
    every process that shows an episode shows the same pixels.
    """

    def __init__(self, look: LookConfig, seed: int, camera: str, width: int, height: int) -> None:
        """Prepare for an episode.

        Args:
            look: Lens and sensor.
            seed: Seed of the episode.
            camera: Name of the camera.
            width: Image width in [px].
            height: Image height in [px].
        """
        self._look = look
        self._key = f"{seed} {camera}"
        self._size = width, height
        self._blur = look.blur * width / REFERENCE_WIDTH
        self._taps, self._bell = _choose_kernel(self._blur)
        rng = np.random.default_rng([seed, zlib.crc32(camera.encode())])
        self._gains = _draw_gains(look, rng, width, height)
        self._noise = _scale_noise(width, height, look.noise) if look.noise > 0.0 else None

    def expose(self, pixels: np.ndarray, elapsed_ns: int) -> np.ndarray:
        """Take an image.

        Args:
            pixels: RGB pixels of a perfect camera, to be used up. Shape (height, width, 3), uint8.
            elapsed_ns: Time since the reset in [ns]; chooses the noise.

        Returns:
            RGB pixels. Shape (height, width, 3), uint8; possibly in the same array.
        """
        if self._blur > 0.0:
            pixels = cv2.GaussianBlur(pixels, (self._taps, self._taps), self._bell)
        if self._gains is not None:
            scale = self._gains.largest / 255.0
            pixels = cv2.multiply(pixels, self._gains.shares, dst=pixels, scale=scale)
        if self._noise is not None:
            pixels = self._add_noise(pixels, self._noise, elapsed_ns)
        if self._look.jpeg_quality < 100:
            pixels = _compress(pixels, self._look.jpeg_quality)
        return pixels

    def _add_noise(self, pixels: np.ndarray, noise: "_Noise", elapsed_ns: int) -> np.ndarray:
        digest = hashlib.blake2b(f"{self._key} {elapsed_ns}".encode(), digest_size=2).digest()
        top, left = (byte % _MARGIN for byte in digest)
        width, height = self._size
        window = np.s_[top : top + height, left : left + width]
        pixels = cv2.add(pixels, noise.brighter[window], dst=pixels)
        return cv2.subtract(pixels, noise.darker[window], dst=pixels)


def _choose_kernel(blur: float) -> tuple[int, float]:
    """Choose the size of a Gaussian kernel, and the deviation of the bell that it samples.

    Three samples of a narrow bell spread less than the bell. The ratio of the outer ones to the
    middle one that spreads as wanted is that of a wider bell.
    """
    if blur > _NARROW:
        return 2 * math.ceil(2.0 * blur) + 1, blur
    outer = max(_NOTHING, 0.5 * blur**2 / (1.0 - blur**2))
    return 3, math.sqrt(-0.5 / math.log(outer))


class _Gains(NamedTuple):
    """What the light of every pixel is multiplied by, as bytes: exact to half a level.

    Attributes:
        shares: Of the largest, in 255ths. Shape (height, width, 3).
        largest: The largest gain.
    """

    shares: np.ndarray
    largest: float


class _Noise(NamedTuple):
    """What is added and what is taken away, in levels; larger than the image by a margin."""

    brighter: np.ndarray
    darker: np.ndarray


@lru_cache(maxsize=4)
def _draw_noise(width: int, height: int) -> np.ndarray:
    """Normal noise of deviation 1, the same in every process. Shape (height, width, 3)."""
    shape = height + _MARGIN, width + _MARGIN, 3
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@lru_cache(maxsize=4)
def _scale_noise(width: int, height: int, deviation: float) -> _Noise:
    """Split noise into what two saturating operations on bytes add and take away."""
    noise = _draw_noise(width, height)
    return _Noise(
        *(cv2.multiply(noise, _ALIKE * scale, dtype=cv2.CV_8U) for scale in (deviation, -deviation))
    )


_ALIKE = np.ones(4)


def _draw_gains(
    look: LookConfig, rng: np.random.Generator, width: int, height: int
) -> _Gains | None:
    """Find what the light of every pixel is multiplied by; None for 1."""
    channels = look.exposure * np.array(look.white_balance)
    largest = float(channels.max())
    shares = np.rint(255.0 * channels / largest)
    if look.vignetting == 0.0 and look.shadow == 1.0:
        if (channels == 1.0).all():
            return None
        return _Gains(np.full((height, width, 3), shares, dtype=np.uint8), largest)
    columns = np.arange(width, dtype=np.float32) - 0.5 * (width - 1)
    rows = np.arange(height, dtype=np.float32)[:, None] - 0.5 * (height - 1)
    light = 1.0 - look.vignetting * (columns**2 + rows**2) / (columns[-1] ** 2 + rows[-1, 0] ** 2)
    if look.shadow < 1.0:
        light *= _cast_shadow(look.shadow, rng, columns, rows)
    light = cv2.merge([light.astype(np.float32)] * 3)
    return _Gains(cv2.multiply(light, np.array([*shares, 0.0]), dtype=cv2.CV_8U), largest)


def _cast_shadow(
    light: float, rng: np.random.Generator, columns: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Light that is left in every pixel beside something large that stands in the light.

    Args:
        light: Share that is left in the middle of the shadow.
        rng: Source of its place.
        columns: Coordinates of the pixels from the middle of the image in [px]. Shape (width,).
        rows: The same along the other axis. Shape (height, 1).
    """
    angle, softness = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.02, 0.2) * len(columns)
    u, v = rng.uniform(-0.3, 0.3, 2) * (len(columns), len(rows))
    across = (columns - np.float32(u)) * np.float32(np.cos(angle))
    across = across + (rows - np.float32(v)) * np.float32(np.sin(angle))
    return light + (1.0 - light) * 0.5 * (1.0 + np.tanh(across * np.float32(0.5 / softness)))


def _compress(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG and back."""
    colours = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, code = cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(code, cv2.IMREAD_COLOR)
    assert decoded is not None  # it has just been encoded
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
