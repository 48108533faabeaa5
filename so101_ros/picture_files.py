"""Pictures in files: which count as such, how they are read and written."""

from pathlib import Path

import cv2
import numpy as np

from so101_ros.errors import ConfigError

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""Files of a folder that count as pictures."""


def decode_picture(data: bytes, flags: int) -> np.ndarray | None:
    """Decode a picture file.

    Args:
        data: What the file holds.
        flags: Of ``cv2.imdecode``.

    Returns:
        The pixels in OpenCV's order, or None if the file is damaged or no picture.
    """
    if _is_cut_off(data):
        return None
    return cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)


def write_png(path: Path, rgb: np.ndarray) -> None:
    """Write a picture.

    Args:
        path: The file.
        rgb: RGB pixels. Shape (height, width, 3), uint8.

    Raises:
        ConfigError: If it cannot be written.
    """
    _, encoded = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    try:
        path.write_bytes(encoded.tobytes())
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def _is_cut_off(data: bytes) -> bool:
    """Whether a file has no end: decoders complain on standard error and fill up with gray."""
    if data.startswith(b"\x89PNG"):
        return b"IEND" not in data
    if data.startswith(b"\xff\xd8"):  # JPEG; a thumbnail, with an end of its own, comes first
        return b"\xff\xd9" not in data[len(data) // 2 :]
    return not data
