"""See the sheet in what a model gets to see."""

import cv2
import numpy as np

from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Tracking
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.pinhole import Intrinsics
from so101_ros.simulation.scene import TRACKED_CAMERA

ASPECT = 4.0 / 3.0
"""Width over height of what the cameras see; models may have been shown it squashed."""

_PERIOD_NS = NANOSECONDS // 30  # between images, as far as the tracker is told


class SheetEye:
    """Track the sheet from image to image, without a clock."""

    def __init__(self, backend: MujocoBackend) -> None:
        """Know nothing yet.

        Args:
            backend: A scene with the camera that takes the images.
        """
        self._model = backend.model
        # Requests come as they like: neither a rest between them nor the time since is known.
        self._settings = TrackerSettings(
            paper_thickness=backend.config.paper.thickness, hold_s=0.0, frozen_s=0.0
        )
        self._tracker: PaperTracker | None = None
        self._images = 0

    def reset(self) -> None:
        """Forget the sheet."""
        if self._tracker is not None:
            self._tracker.reset()

    def look(self, image: np.ndarray) -> Tracking:
        """Take in an image of the whole view, squashed or not.

        Args:
            image: RGB pixels. Shape (H, W, 3), uint8.

        Returns:
            Where the sheet is, or why that is not known.

        Raises:
            ObservationError: If it is no image.
        """
        image = _unsquash(image)
        self._images += 1
        return self._tracker_of(image).update(image, self._images * _PERIOD_NS)

    def _tracker_of(self, image: np.ndarray) -> PaperTracker:
        height, width = image.shape[:2]
        tracker = self._tracker
        if tracker is None or (tracker.intrinsics.height, tracker.intrinsics.width) != (
            height,
            width,
        ):
            intrinsics = Intrinsics.from_mujoco(self._model, TRACKED_CAMERA, width, height)
            tracker = self._tracker = PaperTracker(intrinsics, self._settings)
        return tracker


def _unsquash(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    whole = round(ASPECT * height)
    return image if width == whole else cv2.resize(image, (whole, height))
