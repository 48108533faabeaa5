"""A camera that is plugged in."""

import cv2
import numpy as np

from so101_ros.errors import CalibrationError


class CameraDevice:
    """Read pictures from a camera of the operating system."""

    def __init__(self, number: int, size: tuple[int, int] | None = None) -> None:
        """Open the camera.

        Args:
            number: Its number: 2 is ``/dev/video2``.
            size: Width and height to ask for, in [px]; None for what it delivers by itself.

        Raises:
            CalibrationError: If there is no such camera, or it does not deliver that size.
        """
        self._number = number
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise CalibrationError(
                f"camera {number} cannot be opened. Check that /dev/video{number} exists, that you "
                "may read it (group video) and that nothing else uses it"
            )
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
            self._check_size(size)

    def read(self) -> np.ndarray:
        """Wait for the next picture.

        Returns:
            In grey. Shape (height, width), uint8.

        Raises:
            CalibrationError: If the camera delivers none.
        """
        delivered, image = self._capture.read()
        if not delivered:
            raise CalibrationError(f"camera {self._number} delivers no pictures. Plug it in again")
        return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)

    def close(self) -> None:
        """Let others use the camera."""
        self._capture.release()

    def _check_size(self, size: tuple[int, int]) -> None:
        height, width = self.read().shape
        if (width, height) != size:
            self.close()
            raise CalibrationError(
                f"camera {self._number} was asked for {size[0]}x{size[1]} and delivers "
                f"{width}x{height}. Ask for a size that it has (v4l2-ctl --list-formats-ext)"
            )
