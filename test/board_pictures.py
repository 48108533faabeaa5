"""Pictures of a printed board, taken by a camera whose lens is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.cameras.board import CalibrationBoard
from so101_ros.cameras.board_page import board_origin, render_page
from so101_ros.cameras.pictures import Picture

_PAGE_DPI = 120
_PER_METRE = _PAGE_DPI / 0.0254  # [px/m]
_FINER = 3  # rays along each side of a pixel
_DESK = 90  # brightness around the page


@dataclass(frozen=True)
class Place:
    """Where the middle of the board is, in image widths and heights, and where it faces."""

    x: float
    y: float
    distance: float  # [m]
    face_right: float  # [rad]
    face_down: float  # [rad]
    turn: float = 0.0  # [rad], about the line of sight


class PaperCamera:
    """A camera that looks at the page of a board."""

    def __init__(
        self,
        board: CalibrationBoard,
        size: tuple[int, int],
        matrix: np.ndarray,
        distortion: Sequence[float],
    ) -> None:
        self._board = board
        self.size = size
        self.matrix = matrix
        self.distortion = np.array(distortion)
        page = render_page(board, _PAGE_DPI)
        # Blurred to what a pixel of the camera sees, so that nothing is skipped between rays.
        self._page = cv2.GaussianBlur(page, (0, 0), 1.0)
        self._rays = self._cast_rays()

    def take(self, place: Place, name: str = "picture") -> Picture:
        """Photograph the board."""
        rotation, position = self.pose(place)
        left, top = board_origin(self._board)
        # Board coordinates (x, y, 1) to optical ones, and page pixels to board coordinates.
        to_optical = np.column_stack([rotation[:, 0], rotation[:, 1], position])
        to_page = np.array(
            [
                [_PER_METRE, 0.0, _PER_METRE * left - 0.5],
                [0.0, _PER_METRE, _PER_METRE * top - 0.5],
                [0.0, 0.0, 1.0],
            ]
        )
        mapped = self._rays @ (to_page @ np.linalg.inv(to_optical)).T
        mapped = (mapped[..., :2] / mapped[..., 2:]).astype(np.float32)
        fine = cv2.remap(
            self._page, mapped[..., 0], mapped[..., 1], cv2.INTER_LINEAR, borderValue=_DESK
        )
        gray = cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA)
        noise = np.random.default_rng(len(name)).normal(0.0, 2.0, gray.shape)
        return Picture(name, np.clip(gray + noise, 0, 255).astype(np.uint8))

    def pose(self, place: Place) -> tuple[np.ndarray, np.ndarray]:
        """Rotation and position of the board's upper left corner in optical coordinates."""
        pixel = np.array([place.x * self.size[0], place.y * self.size[1]])
        ray = np.append(self._undistort(pixel), 1.0)
        turns = ((0, 0, place.turn), (0, -place.face_right, 0), (place.face_down, 0, 0))
        roll, yaw, pitch = (cv2.Rodrigues(np.array(turn, dtype=float))[0] for turn in turns)
        rotation = pitch @ yaw @ roll
        middle = np.array([0.5 * self._board.width, 0.5 * self._board.height, 0.0])
        return rotation, place.distance * ray - rotation @ middle

    def _cast_rays(self) -> np.ndarray:
        width, height = self.size
        u, v = np.meshgrid(np.arange(width), np.arange(height))
        rays = self._undistort(np.stack([u, v], axis=-1))
        fine = cv2.resize(rays, (width * _FINER, height * _FINER), interpolation=cv2.INTER_LINEAR)
        return np.concatenate([fine, np.ones_like(fine[..., :1])], axis=-1)

    def _undistort(self, pixels: np.ndarray) -> np.ndarray:
        """Solve the lens model for the ray of each pixel; shape (..., 2) in and out."""
        (fx, _, cx), (_, fy, cy), _ = self.matrix
        k1, k2, p1, p2, k3 = self.distortion
        seen = (pixels - (cx, cy)) / (fx, fy)
        ray = seen
        for _ in range(20):
            x, y = ray[..., 0], ray[..., 1]
            r2 = x * x + y * y
            radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
            shift = np.stack(
                [2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y],
                axis=-1,
            )
            ray = (seen - shift) / radial[..., np.newaxis]
        return ray


def places(count: int, seed: int, distance: float) -> Iterator[Place]:
    """Draw places like those of a careful hand: all over the image, near, far and tilted."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        x, y = rng.uniform(0.2, 0.8, 2)
        face_right, face_down, turn = rng.uniform(-0.6, 0.6, 3)
        yield Place(x, y, distance * rng.uniform(0.8, 1.5), face_right, face_down, turn)
