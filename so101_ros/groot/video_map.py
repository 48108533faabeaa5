"""One camera between its own images and those that a model was trained on."""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from so101_ros.errors import ConfigError, ObservationError
from so101_ros.simulation.scene import CAMERA_NAMES

_SMALLEST, _LARGEST = 16, 4096  # [px]


class VideoFit(str, Enum):
    """How an image of another shape becomes one of the model's size."""

    SQUASH = "squash"
    """The whole image, each side scaled by itself."""
    PAD = "pad"
    """The whole image in its shape, black bars around it."""
    CROP = "crop"
    """The middle of the image, in its shape."""


class ColourOrder(str, Enum):
    """The order in which the model expects the colours of a pixel."""

    RGB = "rgb"
    BGR = "bgr"


@dataclass(frozen=True)
class VideoMap:
    """How a camera's image becomes what the model gets under a key.

    Attributes:
        camera: Name of the camera.
        size: Width and height in [px] that the model was trained with.
        fit: How to get there.
        colour: Order of the colours.
    """

    camera: str
    size: tuple[int, int]
    fit: VideoFit = VideoFit.SQUASH
    colour: ColourOrder = ColourOrder.RGB

    def __post_init__(self) -> None:
        """Refuse what no camera or model has.

        Raises:
            ConfigError: If an entry is outside its allowed range; the message begins with its name.
        """
        if self.camera not in CAMERA_NAMES:
            raise ConfigError(
                f"camera {self.camera!r} is unknown. Allowed: {', '.join(CAMERA_NAMES)}"
            )
        if not all(_SMALLEST <= side <= _LARGEST for side in self.size):
            raise ConfigError(
                f"size must be [width, height] of {_SMALLEST} to {_LARGEST} px, got "
                f"{list(self.size)}"
            )

    def to_model(self, rgb: np.ndarray) -> np.ndarray:
        """Turn a camera's image into the model's.

        Args:
            rgb: RGB pixels. Shape (height, width, 3), uint8.

        Returns:
            Pixels of the model's size and order of colours. Shape (height, width, 3), uint8.

        Raises:
            ObservationError: If it is no such image.
        """
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
            raise ObservationError(
                f"camera {self.camera!r}: an image must be (height, width, 3) of uint8, got "
                f"{rgb.shape} of {rgb.dtype}"
            )
        return self._order(_FITS[self.fit](rgb, self.size))

    def from_model(self, pixels: np.ndarray) -> np.ndarray:
        """Turn the model's image into RGB; size and fit stay.

        Args:
            pixels: Pixels in the model's order of colours. Shape (height, width, 3), uint8.
        """
        return self._order(pixels)

    def _order(self, pixels: np.ndarray) -> np.ndarray:
        if self.colour is ColourOrder.RGB:
            return pixels
        return np.ascontiguousarray(pixels[..., ::-1])


def _squash(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    shrinks = width >= size[0] and height >= size[1]
    # Averaging whole pixels is for shrinking; to enlarge, it repeats them.
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _pad(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inner = (max(1, round(scale * width)), max(1, round(scale * height)))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    padded = np.zeros((size[1], size[0], 3), np.uint8)
    padded[top : top + inner[1], left : left + inner[0]] = _squash(rgb, inner)
    return padded


def _crop(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = min(width / size[0], height / size[1])
    inner = (max(1, round(scale * size[0])), max(1, round(scale * size[1])))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    return _squash(rgb[top : top + inner[1], left : left + inner[0]], size)


_FITS = {VideoFit.SQUASH: _squash, VideoFit.PAD: _pad, VideoFit.CROP: _crop}
