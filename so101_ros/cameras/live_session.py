"""Collect views from a camera while somebody moves a board in front of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from so101_ros.cameras.board import BoardView, CalibrationBoard
from so101_ros.cameras.coverage import Coverage
from so101_ros.cameras.fit import MAX_VIEWS, fit_camera
from so101_ros.cameras.guidance import next_hint
from so101_ros.cameras.pictures import Sighting
from so101_ros.cameras.viewpoint import MIN_DISTANCE, Viewpoint
from so101_ros.errors import CalibrationError

FURTHER_HINT = "tilt the board further, near the camera"
"""What helps when everything else was shown: tilts from near tell the focal length best."""

_STILL = 0.003  # of the image width, between two pictures; more blurs the corners
_MIN_COMMON = 4  # corners that two pictures must share to tell a motion


class PictureSource(Protocol):
    """Whatever delivers pictures one after the other."""

    def read(self) -> np.ndarray:
        """Wait for the next picture in grey. Shape (height, width), uint8."""
        ...


@dataclass(frozen=True, slots=True)
class LiveProgress:
    """What one picture brought.

    Attributes:
        seen: Whether it shows the board.
        still: Whether the board stood still.
        kept: Whether the view was new, and kept.
        views: Views kept so far.
        coverage: Share of the image that has been shown corners.
        hint: What to show next; None if it is enough.
    """

    seen: bool
    still: bool
    kept: bool
    views: int
    coverage: float
    hint: str | None


class LiveSession:
    """Keep every view that is new, as a picture on disk, so that none is lost.

    Attributes:
        folder: Where the pictures of the views are.
    """

    def __init__(self, camera: PictureSource, board: CalibrationBoard, folder: Path) -> None:
        """Begin without views.

        Args:
            camera: Where pictures come from.
            board: What is held in front of it.
            folder: Where the pictures of the views go; it is made for this session.

        Raises:
            CalibrationError: If the folder exists or cannot be made.
        """
        self._camera = camera
        self._board = board
        self.folder = folder
        self._pictures = 0
        self._views: list[BoardView] = []
        self._viewpoints: list[Viewpoint] = []
        self._before: BoardView | None = None
        self._tells_lens = False
        first = camera.read()
        self._size = (first.shape[1], first.shape[0])
        self._coverage = Coverage(*self._size)
        _make(folder)

    @property
    def done(self) -> bool:
        """Whether enough was shown."""
        return len(self._views) >= MAX_VIEWS or self._hint() is None

    @property
    def sighting(self) -> Sighting:
        """What was kept so far."""
        return Sighting(self._size, self._pictures, tuple(self._views))

    def step(self) -> LiveProgress:
        """Look at the next picture.

        Raises:
            CalibrationError: If the camera delivers none, or a picture cannot be kept.
        """
        gray = self._camera.read()
        self._pictures += 1
        name = f"view_{len(self._views) + 1:03d}.png"
        view = self._board.find(gray, name)
        still = view is not None and self._motion(view) <= _STILL * self._size[0]
        kept = view is not None and still and self._keep(view, gray)
        self._before = view
        return LiveProgress(
            view is not None, still, kept, len(self._views), self._coverage.share, self._hint()
        )

    def _hint(self) -> str | None:
        hint = next_hint(self._viewpoints, self._coverage)
        return FURTHER_HINT if hint is None and not self._tells_lens else hint

    def _try_fit(self) -> bool:
        """Whether the views tell the lens; how well it fits is for the end to judge."""
        try:
            fit_camera(self.sighting, "camera", np.inf)
        except CalibrationError:
            return False
        return True

    def _keep(self, view: BoardView, gray: np.ndarray) -> bool:
        viewpoint = Viewpoint.of_view(view, *self._size)
        if any(viewpoint.distance_to(other) < MIN_DISTANCE for other in self._viewpoints):
            return False
        _write(self.folder / view.source, gray)
        self._views.append(view)
        self._viewpoints.append(viewpoint)
        self._coverage.add([view.corners])
        if next_hint(self._viewpoints, self._coverage) is None:
            self._tells_lens = self._try_fit()
        return True

    def _motion(self, view: BoardView) -> float:
        """How far the corners moved since the picture before, in [px]; infinite if unknown."""
        if self._before is None:
            return np.inf
        same = (view.points[:, np.newaxis] == self._before.points).all(axis=2)
        now, before = np.nonzero(same)
        if len(now) < _MIN_COMMON:
            return np.inf
        steps = view.corners[now] - self._before.corners[before]
        return float(np.median(np.linalg.norm(steps, axis=1)))


def free_folder(wanted: Path) -> Path:
    """Find a name that is not taken, so that the pictures of an earlier session stay.

    Args:
        wanted: The name to begin with.

    Returns:
        It, or the first of ``<name>_2``, ``<name>_3`` and so on that does not exist.
    """
    number, folder = 1, wanted
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}_{number}")
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as err:
        raise CalibrationError(f"folder {folder} cannot be made: {err.strerror}") from err


def _write(path: Path, gray: np.ndarray) -> None:
    encoded, data = cv2.imencode(".png", gray)
    if not encoded:
        raise CalibrationError(f"{path} cannot be encoded as PNG")
    try:
        path.write_bytes(data.tobytes())
    except OSError as err:
        raise CalibrationError(f"{path} cannot be written: {err.strerror}") from err
