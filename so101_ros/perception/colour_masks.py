"""First guesses of where the tape and the sheet are, and of the colours they have in this light."""

import cv2
import numpy as np

from so101_ros.perception.table_light import DARK_LEVEL, TableLight

_LEAST_RED = 0.42  # red above the other channels, as a share of red
_LEAST_RED_LEVEL = 14  # of 255
_SPREAD_OF_RED = 0.15  # between the reddest tape and the least red
_LEAST_RED_SHARE = 0.0015  # of the image; the whole frame fills 0.018
_LEAST_WHITE = 1.18  # darkest channel, relative to the table's
_LEAST_WHITE_SHARE = 0.004  # of the image; the whole sheet fills 0.036
_ENOUGH = 400  # samples of a colour
_LEAST_GREY = 0.40  # darkest channel by brightest channel of what still is white in coloured light


def find_white(image: np.ndarray, light: TableLight) -> np.ndarray:
    """Mark what is clearly brighter than the table in every channel.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.
        light: The same image relative to its table.

    Returns:
        1 where it is white. Shape (H, W), uint8.
    """
    darkest = _darkest_channel(image).astype(np.float32) + DARK_LEVEL
    relative = darkest / _darkest_channel(light.table)
    bright = relative[relative > _LEAST_WHITE]
    if bright.size < _LEAST_WHITE_SHARE * relative.size:
        return np.zeros(relative.shape, dtype=np.uint8)
    level = float(np.percentile(bright, 75))
    return (relative > 0.5 * (1.0 + level)).view(np.uint8)


def tape_colour(image: np.ndarray, light: TableLight) -> np.ndarray | None:
    """Colour of the tape, relative to the table.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.
        light: The same image relative to its table.

    Returns:
        Shape (3,), or None if too little is red, in any light in which red is told from orange.
    """
    red, green, blue = cv2.split(image)
    over = cv2.subtract(red, cv2.max(green, blue))
    reddish = (over > cv2.convertScaleAbs(red, alpha=_LEAST_RED)) & (over > _LEAST_RED_LEVEL)
    if np.count_nonzero(reddish) < _LEAST_RED_SHARE * reddish.size:
        return None
    # An orange arm in warm light is reddish too, and larger than the tape, but never as red.
    redness = over[reddish] / red[reddish].astype(np.float32)
    reddest = reddish.copy()
    reddest[reddish] = redness > np.percentile(redness, 95) - _SPREAD_OF_RED
    return _colour(reddest.view(np.uint8), light.ratio, _LEAST_RED_SHARE)


def sheet_colour(white: np.ndarray, light: TableLight) -> np.ndarray | None:
    """Colour of the sheet, relative to the table.

    Args:
        white: What is white. Shape (H, W), uint8.
        light: The image relative to its table.

    Returns:
        Shape (3,), or None if too little is white, or it has a colour that no lamp explains.
    """
    colour = _colour(white, light.ratio, _LEAST_WHITE_SHARE)
    if colour is None:
        return None
    seen = colour * light.table[white > 0].mean(axis=0)
    return colour if seen.min() > _LEAST_GREY * seen.max() else None


def _colour(mask: np.ndarray, ratio: np.ndarray, least_share: float) -> np.ndarray | None:
    core = cv2.erode(mask, np.ones((3, 3), dtype=np.uint8))
    chosen = ratio[core > 0]
    if len(chosen) < 0.3 * least_share * mask.size:
        return None
    return np.median(chosen[:: 1 + len(chosen) // _ENOUGH], axis=0)


def _darkest_channel(image: np.ndarray) -> np.ndarray:
    first, second, third = cv2.split(image)
    return cv2.min(first, cv2.min(second, third))
