"""Colours as people see them: lightness and two opponent colours."""

from dataclasses import dataclass

import cv2
import numpy as np

_WHITE = 255.0


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """Turn sRGB into CIE L*a*b* (D65).

    Args:
        rgb: Pixels. Shape (height, width, 3), uint8.

    Returns:
        L in [0, 100], a and b in about [-128, 127]. Shape (height, width, 3), float32.
    """
    return cv2.cvtColor(rgb.astype(np.float32) / np.float32(_WHITE), cv2.COLOR_RGB2Lab)


def from_lab(lab: np.ndarray) -> np.ndarray:
    """Turn CIE L*a*b* into sRGB.

    Args:
        lab: As :func:`to_lab` returns it. Shape (height, width, 3), float32.

    Returns:
        Pixel values in [0, 255], not rounded. Shape (height, width, 3), float32.
    """
    return cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * np.float32(_WHITE)


@dataclass(frozen=True, slots=True)
class LabStatistics:
    """Which colours an image has.

    Attributes:
        mean: Of L, a and b. Shape (3,).
        std: Of L, a and b. Shape (3,).
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, lab: np.ndarray) -> "LabStatistics":
        """Measure an image.

        Args:
            lab: As :func:`to_lab` returns it. Shape (height, width, 3).
        """
        mean, std = cv2.meanStdDev(lab)
        return cls(mean.ravel(), std.ravel())
