"""A plain chessboard: all of it must be in the picture."""

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView, CalibrationBoard


class Chessboard(CalibrationBoard):
    """Squares only."""

    def find(self, gray: np.ndarray, source: str) -> BoardView | None:
        """Look for all inner corners."""
        inner = (self.columns - 1, self.rows - 1)
        found, corners = cv2.findChessboardCornersSB(gray, inner, flags=cv2.CALIB_CB_ACCURACY)
        if not found:
            return None
        return BoardView(source, corners.reshape(-1, 2).astype(np.float32), self._points())

    def describe(self) -> str:
        """Put it into words."""
        return f"chessboard, {self.columns} x {self.rows} squares of {1e3 * self.square:g} mm"

    def _points(self) -> np.ndarray:
        row, column = np.indices((self.rows - 1, self.columns - 1)).reshape(2, -1)
        return self.square * np.stack([column + 1, row + 1, 0 * row], axis=1).astype(np.float32)
