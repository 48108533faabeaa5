"""A distorted lens is taken out of the image; a pinhole is left alone."""

import cv2
import numpy as np
import pytest

from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.cameras.rectifier import Rectifier

SIZE = 320, 240
MATRIX = np.array([[250.0, 0.0, 158.0], [0.0, 252.0, 121.0], [0.0, 0.0, 1.0]])
BARREL = np.array([-0.25, 0.06, 0.001, -0.002, 0.0])


def _calibration(distortion: np.ndarray) -> CameraCalibration:
    return CameraCalibration.of_lens("top", *SIZE, MATRIX, distortion)


def _draw_spot(pixel: np.ndarray) -> np.ndarray:
    """A soft white spot on black, placed to a fraction of a pixel."""
    u, v = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    spot = 255.0 * np.exp(-((u - pixel[0]) ** 2 + (v - pixel[1]) ** 2) / 8.0)
    return np.repeat(spot.round().astype(np.uint8)[..., None], 3, axis=2)


def _find_spot(image: np.ndarray) -> np.ndarray:
    weights = image[..., 0].astype(float)
    v, u = np.indices(weights.shape)
    return np.array([(u * weights).sum(), (v * weights).sum()]) / weights.sum()


@pytest.mark.parametrize("ray", [(0.0, 0.0), (0.45, -0.3), (-0.4, 0.33), (0.3, 0.35)])
def test_a_point_is_where_the_pinhole_says(ray: tuple[float, float]) -> None:
    """A spot drawn through the lens appears where its ray meets the rectified image."""
    calibration = _calibration(BARREL)
    point = np.array([[*ray, 1.0]])
    seen, _ = cv2.projectPoints(point, np.zeros(3), np.zeros(3), MATRIX, BARREL)
    rectifier = Rectifier(calibration)
    pinhole = rectifier.intrinsics.matrix @ point[0]
    found = _find_spot(rectifier.rectify(_draw_spot(seen.ravel())))
    np.testing.assert_allclose(found, pinhole[:2], atol=0.15)
    if ray != (0.0, 0.0):
        assert np.linalg.norm(seen.ravel() - pinhole[:2]) > 2.0  # the lens does distort


def test_a_pinhole_is_left_alone() -> None:
    """Without distortion the very same image comes back, not a copy that was interpolated."""
    calibration = CameraCalibration(
        "top",
        *SIZE,
        MATRIX,
        "plumb_bob",
        np.zeros(5),
        np.eye(3),
        np.hstack([MATRIX, np.zeros((3, 1))]),
    )
    image = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    rectifier = Rectifier(calibration)
    assert rectifier.rectify(image) is image
    np.testing.assert_array_equal(rectifier.intrinsics.matrix, MATRIX)


def test_an_image_of_another_size_is_not_bent() -> None:
    """The map would cut a piece out of it; whoever tracks in it must see its true size."""
    image = np.zeros((480, 640, 3), dtype=np.uint8)
    assert Rectifier(_calibration(BARREL)).rectify(image).shape == image.shape
