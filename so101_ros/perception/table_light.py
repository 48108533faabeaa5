"""How bright and of which colour the bare table is, everywhere in the image.

Light falls unevenly on a table. Divided by what the table would look like in the same place, an
image shows the same colours wherever things lie.
"""

from dataclasses import dataclass

import cv2
import numpy as np

DARK_LEVEL = 10.0
"""Level of 255 that is added on both sides of the ratio, so that black does not amplify noise."""

_GRID = (40, 30)  # samples along u and v
_ITERATIONS = 5
_WIDEST = 0.45  # [log ratio], what still counts as table in the first guess
_NARROWEST = 0.10
_LEAST_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class TableLight:
    """An image relative to its table.

    Attributes:
        ratio: The image divided by the table's colour in the same place; bare table is 1 in all
            channels. Shape (H, W, 3), float32.
        table: The table's colour in the image, as levels of 255. Shape (H, W, 3), float32.
        noise: Standard deviation of the ratio on bare table: camera noise and the table's texture.
    """

    ratio: np.ndarray
    table: np.ndarray
    noise: float


def divide_by_table(image: np.ndarray) -> TableLight | None:
    """Find the colour that most of the image has, with its slow changes, and divide by it.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.

    Returns:
        The image relative to its table; None if no single surface fills a quarter of it.
    """
    samples = cv2.resize(image, _GRID, interpolation=cv2.INTER_AREA).reshape(-1, 3)
    logs = np.log(samples.astype(np.float32) + DARK_LEVEL)
    surface, inliers = _fit_surface(logs)
    if inliers.mean() < _LEAST_SHARE:
        return None
    coarse = np.exp(surface).reshape(_GRID[1], _GRID[0], 3)
    height, width = image.shape[:2]
    table = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    ratio = (image.astype(np.float32) + DARK_LEVEL) / table
    return TableLight(ratio, table, _noise(ratio, inliers))


def _fit_surface(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a quadratic to the samples of the commonest colour, dropping all others."""
    surface = np.broadcast_to(_commonest(logs), logs.shape)
    inliers = np.zeros(len(logs), dtype=bool)
    for tolerance in np.linspace(_WIDEST, _NARROWEST, _ITERATIONS):
        off = np.abs(logs - surface).max(axis=1)
        inliers = off < tolerance
        if inliers.sum() < 2 * _BASIS.shape[1]:
            break
        chosen = _BASIS[inliers]
        weights = np.linalg.solve(
            chosen.T @ chosen + 1e-3 * np.eye(chosen.shape[1], dtype=np.float32),
            chosen.T @ logs[inliers],
        )
        surface = _BASIS @ weights
    return surface, inliers


def _commonest(logs: np.ndarray) -> np.ndarray:
    """Centre of the fullest cell of a coarse colour histogram, made sharp. Shape (3,)."""
    cells = np.round(logs / 0.25).astype(np.int64)
    keys = cells @ np.array([10_000, 100, 1])
    values, counts = np.unique(keys, return_counts=True)
    centre = np.median(logs[keys == values[counts.argmax()]], axis=0)
    near = np.abs(logs - centre).max(axis=1) < _WIDEST
    return np.median(logs[near], axis=0)


def _noise(ratio: np.ndarray, inliers: np.ndarray) -> float:
    height, width = ratio.shape[:2]
    rows = (np.arange(_GRID[1]) * height // _GRID[1]) + height // (2 * _GRID[1])
    columns = (np.arange(_GRID[0]) * width // _GRID[0]) + width // (2 * _GRID[0])
    samples = ratio[rows[:, None], columns].reshape(-1, 3)[inliers]
    return float(1.4826 * np.median(np.abs(samples - 1.0)))


def _basis() -> np.ndarray:
    u, v = np.meshgrid(np.linspace(-1, 1, _GRID[0]), np.linspace(-1, 1, _GRID[1]))
    u, v = u.ravel(), v.ravel()
    return np.column_stack([np.ones_like(u), u, v, u * u, u * v, v * v]).astype(np.float32)


_BASIS = _basis()
