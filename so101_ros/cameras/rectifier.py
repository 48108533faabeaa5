"""Take a lens's distortion out of images, once it is known."""

import cv2
import numpy as np

from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.simulation.pinhole import Intrinsics


class Rectifier:
    """Turn images of a camera into those of a pinhole.

    Attributes:
        intrinsics: The pinhole.
    """

    def __init__(self, calibration: CameraCalibration) -> None:
        """Prepare the map from the one to the other, unless they are the same.

        Args:
            calibration: Of the camera.
        """
        pinhole = calibration.projection[:, :3]
        (fx, _, cx), (_, fy, cy), _ = pinhole.tolist()
        self.intrinsics = Intrinsics(calibration.width, calibration.height, fx, fy, cx, cy)
        is_pinhole = (
            not calibration.distortion.any()
            and np.array_equal(pinhole, calibration.matrix)
            and np.array_equal(calibration.rectification, np.eye(3))
        )
        self._maps = None if is_pinhole else _build_maps(calibration, pinhole)

    def rectify(self, image: np.ndarray) -> np.ndarray:
        """Take the distortion out of an image.

        Args:
            image: Pixels. Shape (height, width, channels), uint8.

        Returns:
            The rectified image. One of another size than the calibration's comes back as it is:
            whoever goes on with it must compare it with the intrinsics anyway.
        """
        expected = self.intrinsics.height, self.intrinsics.width
        if self._maps is None or image.shape[:2] != expected:
            return image
        return cv2.remap(image, *self._maps, cv2.INTER_LINEAR)


def _build_maps(
    calibration: CameraCalibration, pinhole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    first, second = cv2.initUndistortRectifyMap(
        calibration.matrix,
        calibration.distortion,
        calibration.rectification,
        pinhole,
        calibration.size,
        cv2.CV_16SC2,
    )
    return first, second
