"""A ChArUco board: markers in its white squares tell which corners are seen, so parts will do."""

import cv2
import numpy as np

from so101_ros.cameras.board import MIN_CORNERS, BoardView, CalibrationBoard, Rectangle
from so101_ros.errors import ConfigError

MAX_MARKERS = 50
"""Markers of 4 x 4 bits in OpenCV's smallest dictionary: the fewer, the rarer a mistake."""

# Between small markers OpenCV looks for a corner in a window of few pixels. Twice the size halves
# the error and finds twice as many corners in rendered views of 320 x 240 px.
_SMALL_WIDTH = 1000  # [px]
_ENLARGED = 2

_SAMPLE_SQUARE = 60  # [px] of the drawn board that the detector is tried on

_CELLS = 6  # along a marker: four bits and the black border on both sides


class CharucoBoard(CalibrationBoard):
    """Squares, with a marker in every white one.

    Attributes:
        marker: Side of a marker in [m].
    """

    def __init__(self, columns: int, rows: int, square: float, marker: float) -> None:
        """Describe a board.

        Args:
            columns: Squares along x.
            rows: Squares along y.
            square: Side of a square in [m].
            marker: Side of a marker in [m].

        Raises:
            ConfigError: If a size is not possible, or this OpenCV cannot find the board.
        """
        super().__init__(columns, rows, square)
        if not 0.0 < marker < square:
            raise ConfigError(
                f"a marker must be smaller than its square of {1e3 * square:g} mm and larger than "
                f"0, got {1e3 * marker:g} mm"
            )
        if (markers := columns * rows // 2) > MAX_MARKERS:
            raise ConfigError(
                f"a board of {columns} x {rows} squares needs {markers} markers; there are "
                f"{MAX_MARKERS}. Take fewer squares, or a chessboard"
            )
        _require_detector()
        self.marker = marker
        self._dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        self._board = cv2.aruco.CharucoBoard((columns, rows), square, marker, self._dictionary)
        self._detector = cv2.aruco.CharucoDetector(self._board)
        self._offset = self._measure_offset()

    def find(self, gray: np.ndarray, source: str) -> BoardView | None:
        """Look for those corners whose markers are seen."""
        scale = _ENLARGED if gray.shape[1] <= _SMALL_WIDTH else 1
        large = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        corners, ids, _, _ = self._detector.detectBoard(large)
        if ids is None or len(ids) < MIN_CORNERS:
            return None
        if self._board.checkCharucoCornersCollinear(ids):
            return None
        points = np.asarray(self._board.getChessboardCorners(), dtype=np.float32)
        # Enlarging keeps the image's edge, which is half a pixel from the first centre.
        pixels = (corners.reshape(-1, 2) - self._offset + 0.5) / scale - 0.5
        return BoardView(source, pixels.astype(np.float32), points[ids.ravel().astype(int)])

    def describe(self) -> str:
        """Put it into words."""
        return (
            f"ChArUco, {self.columns} x {self.rows} squares of {1e3 * self.square:g} mm, "
            f"markers of {1e3 * self.marker:g} mm (DICT_4X4_50)"
        )

    def _measure_offset(self) -> np.ndarray:
        """How far corners are reported from where they are in [px]: half a pixel before OpenCV 5.

        Shape (2,).
        """
        corners, ids, _, _ = self._detector.detectBoard(self.draw(_SAMPLE_SQUARE))
        if ids is None:
            raise ConfigError(
                f"the markers of {1e3 * self.marker:g} mm are too small to be found in squares of "
                f"{1e3 * self.square:g} mm. Take larger ones"
            )
        column, row = np.divmod(ids.ravel(), self.columns - 1)[::-1]
        expected = _SAMPLE_SQUARE * (np.stack([column, row], axis=1) + 2) - 0.5
        return np.mean(corners.reshape(-1, 2) - expected, axis=0)

    def black_rectangles(self) -> list[Rectangle]:
        """List the squares, and the markers' cells in runs along both directions.

        Where only runs along one direction would touch, a hairline would show between them.
        """
        rectangles = super().black_rectangles()
        for marker, outline in zip(
            np.ravel(self._board.getIds()), self._board.getObjPoints(), strict=True
        ):
            image = cv2.aruco.generateImageMarker(self._dictionary, int(marker), _CELLS)
            x, y, _ = np.asarray(outline, dtype=float)[0]
            cell = self.marker / _CELLS
            for row, start, length in _runs(image == 0):
                rectangles.append(Rectangle(x + start * cell, y + row * cell, length * cell, cell))
            for column, start, length in _runs(image.T == 0):
                rectangles.append(
                    Rectangle(x + column * cell, y + start * cell, cell, length * cell)
                )
        return rectangles


def _runs(cells: np.ndarray) -> list[tuple[int, int, int]]:
    """List (line, start, length) of every run of true cells along a line."""
    found = []
    for index, line in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        found += [(index, int(a), int(b - a)) for a, b in edges.reshape(-1, 2)]
    return found


def _require_detector() -> None:
    if not hasattr(cv2, "aruco") or not hasattr(cv2.aruco, "CharucoDetector"):
        raise ConfigError(
            f"OpenCV {cv2.__version__} has no ChArUco detector; 4.8 or newer has one "
            "(pip install --upgrade opencv-python-headless). A chessboard works without"
        )
