"""A flat board of squares whose corners a camera is shown."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from so101_ros.errors import ConfigError

MIN_SQUARES = 3
"""Fewest squares along a side; below it a view has too few corners."""

MIN_CORNERS = 8
"""Fewest corners of a view; a pose and a bit of lens need them."""


@dataclass(frozen=True, slots=True)
class BoardView:
    """The corners of a board in one picture.

    Attributes:
        source: The picture's name.
        corners: Where they appear in [px]. Shape (n, 2), float32.
        points: The same corners on the board, z = 0, in [m]. Shape (n, 3), float32.
    """

    source: str
    corners: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A black part of a board; x to the right, y down, from its upper left corner, in [m]."""

    x: float
    y: float
    width: float
    height: float


class CalibrationBoard(ABC):
    """A board of ``columns`` x ``rows`` squares, the upper left one black.

    Attributes:
        columns: Squares along x.
        rows: Squares along y.
        square: Side of a square in [m].
    """

    def __init__(self, columns: int, rows: int, square: float) -> None:
        """Describe a board.

        Args:
            columns: Squares along x.
            rows: Squares along y.
            square: Side of a square in [m].

        Raises:
            ConfigError: If there are too few squares, or they have no size.
        """
        for name, count in (("columns", columns), ("rows", rows)):
            if count < MIN_SQUARES:
                raise ConfigError(f"a board needs at least {MIN_SQUARES} {name}, got {count}")
        if (columns - 1) * (rows - 1) < MIN_CORNERS:
            raise ConfigError(
                f"a board of {columns} x {rows} squares has too few inner corners; "
                f"at least {MIN_CORNERS} are needed"
            )
        if not (np.isfinite(square) and square > 0.0):
            raise ConfigError(f"the squares need a size above 0, got {1e3 * square:g} mm")
        self.columns = columns
        self.rows = rows
        self.square = square

    @property
    def width(self) -> float:
        """Extent along x in [m]."""
        return self.columns * self.square

    @property
    def height(self) -> float:
        """Extent along y in [m]."""
        return self.rows * self.square

    @abstractmethod
    def find(self, gray: np.ndarray, source: str) -> BoardView | None:
        """Look for the board in a picture.

        Args:
            gray: The picture. Shape (height, width), uint8.
            source: The picture's name.

        Returns:
            What was seen; None without at least :data:`MIN_CORNERS` corners that span a plane.
        """

    @abstractmethod
    def describe(self) -> str:
        """Put it into words, with all sizes that a print must have."""

    def draw(self, per_square: int) -> np.ndarray:
        """Draw the board, with a white rim as wide as a square.

        Args:
            per_square: Side of a square in [px].

        Returns:
            Shape ((rows + 2) * per_square, (columns + 2) * per_square), uint8.
        """
        image = np.full(((self.rows + 2) * per_square, (self.columns + 2) * per_square), 255)
        scale = per_square / self.square
        for part in self.black_rectangles():
            edges = (part.x, part.x + part.width, part.y, part.y + part.height)
            left, right, top, bottom = (round(scale * edge) + per_square for edge in edges)
            image[top:bottom, left:right] = 0
        return image.astype(np.uint8)

    def black_rectangles(self) -> list[Rectangle]:
        """List what must be printed in black; rectangles may overlap."""
        side = self.square
        return [
            Rectangle(column * side, row * side, side, side)
            for row in range(self.rows)
            for column in range(self.columns)
            if (row + column) % 2 == 0
        ]
