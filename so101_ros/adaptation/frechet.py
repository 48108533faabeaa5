"""How far apart two sets of points are, each seen as a normal distribution."""

import numpy as np

from so101_ros.errors import ConfigError


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the squared Frechet distance of the normal distributions fitted to two sets.

    |m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2)), D. Dowson, B. Landau: The Frechet Distance
    between Multivariate Normal Distributions. J. Multivariate Analysis 12, 1982. With centred
    points A and B as rows, the last trace is the sum of the singular values of A B^T over
    sqrt((n1 - 1) (n2 - 1)), which needs no root of a matrix, and no inverse: there may be fewer
    points than dimensions.

    The distance of finite sets is too large on average, the more so the fewer points and the more
    dimensions: two sets from one distribution are not at 0.

    Args:
        first: Points. Shape (n1, d), n1 >= 2.
        second: Points. Shape (n2, d), n2 >= 2.

    Returns:
        The squared distance, in squared units of the points; at least 0.

    Raises:
        ConfigError: If a set has fewer than two points, or the dimensions differ.
    """
    if len(first) < 2 or len(second) < 2 or first.shape[1] != second.shape[1]:
        raise ConfigError(
            "a distance needs two sets of at least two points of one dimension, got shapes "
            f"{first.shape} and {second.shape}"
        )
    mean_1, centred_1 = _centre(first)
    mean_2, centred_2 = _centre(second)
    spread = (centred_1**2).sum() + (centred_2**2).sum()
    common = np.linalg.svd(_reduce(centred_1) @ _reduce(centred_2).T, compute_uv=False).sum()
    return max(0.0, float(((mean_1 - mean_2) ** 2).sum() + spread - 2.0 * common))


def _centre(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and rows whose squares sum up to the covariance."""
    mean = points.mean(axis=0)
    return mean, (points - mean) / np.sqrt(len(points) - 1)


def _reduce(rows: np.ndarray) -> np.ndarray:
    """As few rows as possible with the same squares and products. Shape (min(n, d), d)."""
    return rows if len(rows) <= rows.shape[1] else np.asarray(np.linalg.qr(rows, mode="r"))
