"""Numbers that describe the look of an image, without a learned network.

Three groups, of classical features of whole images:

* ``colour``: mean, deviation and cube root of the third moment of CIE L*a*b*, divided by 100
  (M. Stricker, M. Orengo: Similarity of Color Images. SPIE 2420, 1995).
* ``edges``: histogram of the directions of gradients, weighted by their length (as in N. Dalal, B.
  Triggs: Histograms of Oriented Gradients for Human Detection. CVPR 2005), and how strong they are
  at three scales: blur weakens the fine ones, noise strengthens them.
* ``texture``: histogram of rotation-invariant uniform local binary patterns (T. Ojala, M.
  Pietikainen, T. Maenpaa: Multiresolution Gray-Scale and Rotation Invariant Texture Classification
  with Local Binary Patterns. PAMI 24(7), 2002) at two scales.

Of a histogram, the square roots of the shares are taken: their Euclidean distance is the Hellinger
distance of two histograms, up to a factor.
"""

import cv2
import numpy as np

from so101_ros.adaptation.colour_space import to_lab

GROUPS = {
    "colour": slice(0, 9),
    "edges": slice(9, 21),
    "texture": slice(21, 41),
    "all": slice(0, 41),
}
"""Where each group is in :func:`describe_image`."""

DIMENSIONS = 41
"""Length of :func:`describe_image`."""

_LAB_SCALE = 100.0
_DIRECTIONS = 9
_PATTERNS = 10  # of eight neighbours: 0 to 8 brighter ones in one piece, and all others
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_MARGIN = 4.0  # gray levels; a rendered surface is even, and rounding is no pattern


def describe_image(rgb: np.ndarray) -> np.ndarray:
    """Describe the look of an image.

    Args:
        rgb: RGB pixels, at least 16x16 of them. Shape (height, width, 3), uint8.

    Returns:
        The features; :data:`GROUPS` says which is where. Shape (DIMENSIONS,).
    """
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    half = _halve(gray)
    parts = (
        _colour_moments(to_lab(rgb)),
        _direction_histogram(gray),
        np.array([_edge_strength(each) for each in (gray, half, _halve(half))]),
        _pattern_histogram(gray),
        _pattern_histogram(half),
    )
    return np.concatenate(parts)


def _colour_moments(lab: np.ndarray) -> np.ndarray:
    values = lab.reshape(-1, 3).astype(float) / _LAB_SCALE
    mean = values.mean(axis=0)
    centred = values - mean
    skew = np.cbrt((centred**3).mean(axis=0))
    return np.concatenate([mean, centred.std(axis=0), skew])


def _direction_histogram(gray: np.ndarray) -> np.ndarray:
    """Square roots of the shares of directions in [0, pi). Shape (_DIRECTIONS,)."""
    across, down = _gradient(gray)
    length = np.hypot(across, down)
    direction = np.floor(np.arctan2(down, across) / np.pi * _DIRECTIONS).astype(int) % _DIRECTIONS
    return _root_shares(np.bincount(direction.ravel(), length.ravel(), minlength=_DIRECTIONS))


def _edge_strength(gray: np.ndarray) -> float:
    """log10 of 1 + the mean length of gradients in gray levels per pixel."""
    return float(np.log10(1.0 + np.hypot(*_gradient(gray)).mean()))


def _gradient(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives to the right and downwards, in gray levels per pixel."""
    scale = 1.0 / 8.0  # of Sobel's weights
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=scale)
    return across, cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=scale)


def _pattern_histogram(gray: np.ndarray) -> np.ndarray:
    """Square roots of the shares of patterns. Shape (_PATTERNS,)."""
    height, width = gray.shape
    values = gray.astype(np.int16)
    centre = values[1:-1, 1:-1] + np.int16(_MARGIN)
    brighter = np.stack(
        [
            values[1 + down : height - 1 + down, 1 + across : width - 1 + across] >= centre
            for down, across in _NEIGHBOURS
        ]
    )
    changes = (brighter != np.roll(brighter, 1, axis=0)).sum(axis=0)
    patterns = np.where(changes <= 2, brighter.sum(axis=0), _PATTERNS - 1)
    return _root_shares(np.bincount(patterns.ravel(), minlength=_PATTERNS))


def _root_shares(counts: np.ndarray) -> np.ndarray:
    """An image without any gradient has no share of a direction."""
    total = counts.sum()
    return np.sqrt(counts / total) if total > 0.0 else np.zeros(len(counts))


def _halve(gray: np.ndarray) -> np.ndarray:
    height, width = gray.shape
    return cv2.resize(gray, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
