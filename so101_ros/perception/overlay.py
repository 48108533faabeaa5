"""Draw what the tracker says over the image that it says it of."""

import cv2
import numpy as np

from so101_ros.perception.tracking import Condition, Tracking

_FRAME = (0, 200, 255)  # RGB, as all colours here
_MEASURED = (0, 220, 60)
_INFERRED = (255, 140, 0)
_GOOD, _BAD = (0, 220, 60), (255, 80, 60)
_PLATE = (20, 20, 20)
_FRACTION_BITS = 3


def draw_overlay(image: np.ndarray, tracking: Tracking) -> np.ndarray:
    """Draw the frame, the sheet and what is said about them.

    Edges of the sheet that were seen are green, those that follow from its size are orange.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8; not changed.
        tracking: What the tracker says about it.

    Returns:
        RGB pixels. Shape (H, W, 3), uint8.
    """
    canvas = np.ascontiguousarray(image).copy()
    outlines = tracking.outlines
    if outlines.frame is not None:
        for corners in outlines.frame:
            _draw_outline(canvas, corners, _FRAME)
    if outlines.sheet is not None:
        _draw_outline(canvas, outlines.sheet, _INFERRED)
    if outlines.edges is not None and outlines.measured is not None:
        for point in outlines.edges[outlines.measured]:
            _draw_point(canvas, point)
    _write(canvas, tracking)
    return canvas


def caption(tracking: Tracking) -> str:
    """Say in a few words how tracking goes."""
    paper = tracking.paper
    if paper is None:
        return tracking.condition.value.replace("_", " ")
    words = [f"margin {1e3 * paper.margin:+.0f} mm", f"seen {100.0 * paper.visible:.0f} %"]
    if tracking.condition is Condition.HELD:
        words.insert(0, f"held {paper.age_s:.1f} s")
    return "  ".join(words)


def _draw_outline(canvas: np.ndarray, corners: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Draw a closed line with corners between pixels; shape (n, 2)."""
    if not np.isfinite(corners).all():
        return
    fixed = np.rint(corners * 2**_FRACTION_BITS).astype(np.int32)
    cv2.polylines(canvas, [fixed], True, colour, _thickness(canvas), cv2.LINE_AA, _FRACTION_BITS)


def _draw_point(canvas: np.ndarray, point: np.ndarray) -> None:
    u, v = np.rint(point * 2**_FRACTION_BITS).astype(int).tolist()
    radius = _thickness(canvas) * 2**_FRACTION_BITS
    cv2.circle(canvas, (u, v), radius, _MEASURED, -1, cv2.LINE_AA, _FRACTION_BITS)


def _write(canvas: np.ndarray, tracking: Tracking) -> None:
    """Write the caption on a plate, so that it can be read on any table."""
    scale = canvas.shape[1] / 800.0
    text, font = caption(tracking), cv2.FONT_HERSHEY_SIMPLEX
    (width, height), below = cv2.getTextSize(text, font, scale, _thickness(canvas))
    pad = max(2, height // 2)
    cv2.rectangle(canvas, (0, 0), (width + 2 * pad, height + below + 2 * pad), _PLATE, -1)
    colour = _GOOD if tracking.paper is not None else _BAD
    place = (pad, pad + height)
    cv2.putText(canvas, text, place, font, scale, colour, _thickness(canvas), cv2.LINE_AA)


def _thickness(canvas: np.ndarray) -> int:
    return max(1, round(canvas.shape[1] / 320.0))
