"""Put camera images side by side, under a line of text."""

from collections.abc import Sequence

import cv2
import numpy as np

from so101_ros.errors import RecordingError

CAPTION_HEIGHT = 28  # [px]
_TEXT_HEIGHT = 12  # [px], of capital letters
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_UNIT_HEIGHT = 22  # [px], of capital letters at scale 1


def decode_image(encoded: np.ndarray) -> np.ndarray:
    """Decode a JPEG or PNG image.

    Args:
        encoded: The image file, uint8. Shape (n,).

    Returns:
        RGB image, uint8. Shape (height, width, 3).

    Raises:
        RecordingError: If it is no image.
    """
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
    if image is None:
        raise RecordingError(f"{len(encoded)} bytes are no JPEG or PNG image")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def put_side_by_side(images: Sequence[np.ndarray], caption: str) -> np.ndarray:
    """Compose one frame of a video.

    Args:
        images: RGB images of equal height, uint8. Each of shape (height, width, 3).
        caption: Text above them; what does not fit is cut off.

    Returns:
        RGB image, uint8, of shape (height + CAPTION_HEIGHT, sum of widths, 3).
    """
    row = np.hstack(images)
    bar = np.zeros((CAPTION_HEIGHT, row.shape[1], 3), np.uint8)
    baseline = (8, (CAPTION_HEIGHT + _TEXT_HEIGHT) // 2)
    scale = _TEXT_HEIGHT / _FONT_UNIT_HEIGHT
    cv2.putText(bar, caption, baseline, _FONT, scale, (235, 235, 235), 1, cv2.LINE_AA)
    return np.vstack([bar, row])
