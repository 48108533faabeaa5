"""How much of each pixel is table, tape, sheet, or none of them.

A pixel on an edge shows a mixture of two colours. With the colours known, the shares follow from a
linear equation, and an edge is found between pixels. On the share of the sheet, tape and table look
alike, so that the tape under the sheet's edge does not pull at it; and the other way round.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.perception.colour_masks import find_white, sheet_colour, tape_colour
from so101_ros.perception.table_light import TableLight, divide_by_table

_LEAST_TOLERANCE = 0.16  # of the ratio
_TOLERANCE_SIGMAS = 4.0
_SHEET_VARIES = 0.12  # of its contrast to the table
_KERNEL = np.ones((3, 3), dtype=np.uint8)
_WHITE_GUESS = 1.8  # relative to the table, while there is no sheet to look at


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What the pixels of an image show.

    Attributes:
        tape: Share of red tape, about 0 to 1. Shape (H, W), float32.
        sheet: Share of white sheet, about 0 to 1; zeros if there is nothing white. Shape (H, W).
        strange: 1 where the colour is no mixture of the three: an arm, a hand, a deep shadow.
            Shape (H, W), uint8.
        has_tape: Whether anything red is in the image.
        has_sheet: Whether anything white is in the image.
    """

    tape: np.ndarray
    sheet: np.ndarray
    strange: np.ndarray
    has_tape: bool
    has_sheet: bool


def unmix(image: np.ndarray) -> Shares | None:
    """Take the colours of table, tape and sheet from the image, and take its pixels apart.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.

    Returns:
        The shares; None if there is no table to compare with.
    """
    light = divide_by_table(image)
    if light is None:
        return None
    tape = tape_colour(image, light)
    sheet = sheet_colour(find_white(image, light), light)
    return _take_apart(light, tape, sheet)


def _take_apart(light: TableLight, tape: np.ndarray | None, sheet: np.ndarray | None) -> Shares:
    axes = np.column_stack(
        [
            (_RED_GUESS if tape is None else tape) - 1.0,
            (np.full(3, _WHITE_GUESS) if sheet is None else sheet) - 1.0,
        ]
    )
    normal = np.cross(axes[:, 0], axes[:, 1])
    normal /= np.linalg.norm(normal)
    rows = np.vstack([np.linalg.pinv(axes), normal])
    parts = cv2.transform(light.ratio, np.column_stack([rows, -rows.sum(axis=1)]))
    share_of_tape, share_of_sheet, off = cv2.split(parts)
    tolerance = max(_LEAST_TOLERANCE, _TOLERANCE_SIGMAS * light.noise)
    strange = _is_strange(share_of_tape, share_of_sheet, off, tolerance, axes)
    return Shares(
        share_of_tape if tape is not None else np.zeros_like(share_of_tape),
        share_of_sheet if sheet is not None else np.zeros_like(share_of_sheet),
        strange,
        tape is not None,
        sheet is not None,
    )


def _is_strange(
    tape: np.ndarray, sheet: np.ndarray, off: np.ndarray, tolerance: float, axes: np.ndarray
) -> np.ndarray:
    """Mark what lies off the plane of the three colours, or on it but outside of their triangle."""
    slack_tape, slack_sheet = (tolerance / np.linalg.norm(axes, axis=0) + 0.1).tolist()
    # White is the brightest by far, and it saturates: its colour varies over the sheet.
    varies = _SHEET_VARIES * float(np.linalg.norm(axes[:, 1]))
    strange = np.abs(off) > tolerance + varies * np.maximum(sheet, 0.0)
    strange |= (tape < -slack_tape) | (sheet < -slack_sheet)
    strange |= tape + sheet > 1.0 + slack_tape + slack_sheet
    # Compression smears colours over edges; what is one pixel wide is no arm.
    return cv2.morphologyEx(strange.view(np.uint8), cv2.MORPH_OPEN, _KERNEL)


_RED_GUESS = np.array([1.3, 0.25, 0.25])
"""Relative to a grey table, while there is no tape to look at."""
