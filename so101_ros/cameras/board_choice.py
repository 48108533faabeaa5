"""Which board: its kind and size, with what fits on a sheet of A4."""

from dataclasses import dataclass
from typing import TypeVar

from so101_ros.cameras.board import CalibrationBoard
from so101_ros.cameras.charuco import CharucoBoard
from so101_ros.cameras.chessboard import Chessboard
from so101_ros.errors import ConfigError

_MARKER_SHARE = 0.66  # of a square

_Number = TypeVar("_Number", int, float)

BOARD_KINDS = ("charuco", "chessboard")
"""What can be printed and looked for."""


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """A board in numbers; what is None becomes the default of its kind.

    Attributes:
        kind: One of :data:`BOARD_KINDS`.
        columns: Squares along the long side of the page.
        rows: Squares along the short side.
        square: Side of a square in [m].
        marker: Side of a ChArUco marker in [m].
    """

    kind: str = "charuco"
    columns: int | None = None
    rows: int | None = None
    square: float | None = None
    marker: float | None = None

    def make(self) -> CalibrationBoard:
        """Build the board.

        Raises:
            ConfigError: If the kind is unknown or a number is not possible.
        """
        if self.kind == "charuco":
            return self._make_charuco()
        if self.kind == "chessboard":
            return self._make_chessboard()
        raise ConfigError(f"unknown board {self.kind!r}. Allowed: {', '.join(BOARD_KINDS)}")

    def _make_charuco(self) -> CalibrationBoard:
        square = _either(self.square, 0.035)
        # Larger markers are read from farther away, but leave corners less room to be measured in.
        marker = _either(self.marker, round(_MARKER_SHARE * square, 3))
        return CharucoBoard(_either(self.columns, 7), _either(self.rows, 5), square, marker)

    def _make_chessboard(self) -> CalibrationBoard:
        if self.marker is not None:
            raise ConfigError("a chessboard has no markers; leave --marker-mm out")
        return Chessboard(
            _either(self.columns, 10), _either(self.rows, 7), _either(self.square, 0.025)
        )


def _either(value: _Number | None, default: _Number) -> _Number:
    return default if value is None else value
