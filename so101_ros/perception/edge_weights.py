"""How much each point on an edge is worth.

Points on one edge are not independent. An edge along a row of pixels falls between two rows all
along, and an image without blur does not tell where; an edge that crosses many rows does. Such an
error is common to all points of an edge, and more points do not help.
"""

import numpy as np

_STAIRS = 0.29  # [px], standard deviation of an edge anywhere between two rows of pixels
_LEAST_COMMON = 0.03  # [px]
_POINT_SIGMA = 0.25  # [px] of an image 320 wide
_POINTS_PER_MEASUREMENT = 2.0  # neighbouring points share pixels


def weigh_points(
    pixels: np.ndarray, offsets: np.ndarray, sides: np.ndarray, scale: float, outlier: float
) -> np.ndarray:
    """Weigh the points that were found on edges.

    Args:
        pixels: Where they are in the image. Shape (n, 2).
        offsets: How far they are from where they should be, in [px]. Shape (n,).
        sides: Which edge each is on, in ascending order. Shape (n,).
        scale: Pixels of this image per pixel of one 320 wide.
        outlier: Beyond this offset a point loses its weight, in [px].

    Returns:
        Inverse variances in 1/[px]^2. Shape (n,).
    """
    if len(offsets) == 0:
        return np.empty(0)
    robust = 1.0 / (1.0 + (offsets / outlier) ** 2) ** 2
    starts = np.flatnonzero(np.diff(sides, prepend=-1))
    worth = np.add.reduceat(robust, starts)
    span = np.maximum.reduceat(pixels, starts) - np.minimum.reduceat(pixels, starts)
    crossed = np.minimum(span[:, 0], span[:, 1])
    common = np.maximum(_LEAST_COMMON, _STAIRS / np.maximum(1.0, 2.0 * crossed)) ** 2
    variance = _POINTS_PER_MEASUREMENT * (_POINT_SIGMA * scale) ** 2
    per_side = 1.0 / (variance + worth * common)
    return robust * np.repeat(per_side, np.diff(starts, append=len(sides)))
