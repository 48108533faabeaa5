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
        sides: Which edge each is on, counted from 0. Shape (n,).
        scale: Pixels of this image per pixel of one 320 wide.
        outlier: Beyond this offset a point loses its weight, in [px].

    Returns:
        Inverse variances in 1/[px]^2. Shape (n,).
    """
    robust = 1.0 / (1.0 + (offsets / outlier) ** 2) ** 2
    variance = _POINTS_PER_MEASUREMENT * (_POINT_SIGMA * scale) ** 2
    weights = np.empty(len(offsets))
    for side in range(int(sides.max(initial=-1)) + 1):
        chosen = sides == side
        if chosen.any():
            worth = robust[chosen].sum()
            common = _common_sigma(pixels[chosen]) ** 2
            weights[chosen] = robust[chosen] / (variance + worth * common)
    return weights


def _common_sigma(pixels: np.ndarray) -> float:
    """Standard deviation of the error that all points of an edge share, in [px]."""
    crossed = np.ptp(pixels, axis=0).min()
    return max(_LEAST_COMMON, _STAIRS / max(1.0, 2.0 * crossed))
