"""Pictures in files: which count as such, how they are read and written."""

from pathlib import Path

import cv2
import numpy as np

from so101_ros.errors import AssetError, ConfigError, So101Error

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""Files of a folder that count as pictures."""


def read_picture(path: Path, flags: int, refusal: type[So101Error] = AssetError) -> np.ndarray:
    """Read one of a folder's pictures.

    Args:
        path: The file.
        flags: Of ``cv2.imdecode``.
        refusal: What is raised if there is no picture.

    Returns:
        The pixels, upright, in OpenCV's order.

    Raises:
        So101Error: The refusal, if the file cannot be read, is damaged or no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as err:
        raise refusal(f"{path} cannot be read: {err.strerror}") from err
    pixels = decode_picture(data, flags)
    if pixels is None:
        raise refusal(f"{path} is damaged, or no picture. Remove it from the folder")
    return pixels


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
