"""Where in the image a camera was shown corners."""

from collections.abc import Iterable

import numpy as np

_CELLS = 6  # along each side of the image
_REGIONS = 3
_ROW_NAMES = ("upper", "middle", "lower")
_COLUMN_NAMES = ("left", "middle", "right")

COVERED = 0.5
"""Share of the cells of a region from which on it has been shown enough."""


class Coverage:
    """The image as a grid of cells; those with a corner are covered."""

    def __init__(self, width: int, height: int) -> None:
        """Nothing is covered yet.

        Args:
            width: Image width in [px].
            height: Image height in [px].
        """
        self._size = np.array([width, height])
        self._seen = np.zeros((_CELLS, _CELLS), dtype=bool)

    def add(self, corners: Iterable[np.ndarray]) -> None:
        """Note corners; those outside the image do not count.

        Args:
            corners: Pixel coordinates u, v. Each of shape (n, 2).
        """
        for pixels in corners:
            # The left edge of the image is half a pixel left of the first pixel's centre.
            column, row = np.floor(_CELLS * (pixels + 0.5) / self._size).astype(int).T
            inside = (column >= 0) & (column < _CELLS) & (row >= 0) & (row < _CELLS)
            self._seen[row[inside], column[inside]] = True

    @property
    def share(self) -> float:
        """Share of the image that has been shown corners, 0 to 1."""
        return float(self._seen.mean())

    def neglected(self) -> list[str]:
        """Name the ninths of the image that were shown too little, the emptiest first."""
        side = _CELLS // _REGIONS
        shares = self._seen.reshape(_REGIONS, side, _REGIONS, side).mean(axis=(1, 3))
        order = np.argsort(shares, axis=None, kind="stable")
        empty = [int(index) for index in order if shares.flat[index] < COVERED]
        return [_region_name(*divmod(index, _REGIONS)) for index in empty]


def _region_name(row: int, column: int) -> str:
    if row == column == 1:
        return "middle"
    return f"{_ROW_NAMES[row]} {_COLUMN_NAMES[column]}"
