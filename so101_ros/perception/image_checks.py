"""Images that nothing can be seen in, each called by its name."""

import numpy as np

from so101_ros.perception.tracking import Condition
from so101_ros.rates import NANOSECONDS

_GRID = 4  # [px] between the pixels that are looked at
_DARK_LEVEL = 30  # of 255; the brightest hundredth of a dark image is below
_FULL_LEVEL = 250  # of 255, in every channel
_MOST_FULL = 0.5  # of the image; a table in good light leaves some room
_GREY_SPREAD = 3  # of 255, between the channels of a pixel
_LEAST_COLOURED = 0.002  # of the image; the tape alone fills 0.018

Verdict = tuple[Condition, str]


def check_light(image: np.ndarray) -> Verdict | None:
    """Find out whether an image is too dark, too bright or without colour.

    Args:
        image: RGB pixels. Shape (H, W, 3), uint8.

    Returns:
        What is wrong, and what to do; None if nothing is.
    """
    samples = image[::_GRID, ::_GRID].reshape(-1, 3).astype(np.int16)
    brightest, darkest = samples.max(axis=1), samples.min(axis=1)
    level = float(np.percentile(brightest, 99))
    if level < _DARK_LEVEL:
        return Condition.DARK, (
            f"the image is dark: its brightest hundredth is at level {level:.0f} of 255. Switch "
            "the light on, take the cap off, or expose longer"
        )
    full = float((darkest >= _FULL_LEVEL).mean())
    if full > _MOST_FULL:
        return Condition.SATURATED, (
            f"{100 * full:.0f} % of the image is saturated. Expose shorter or dim the light"
        )
    if float((brightest - darkest > _GREY_SPREAD).mean()) < _LEAST_COLOURED:
        return Condition.MONO, (
            "the image has no colour, and red tape cannot be told from a shadow. Let the camera "
            "deliver colour (rgb8), not mono8"
        )
    return None


class FreezeWatch:
    """Notice a camera that sends the same picture again and again, with new stamps."""

    def __init__(self, frozen_s: float) -> None:
        """Begin to watch.

        Args:
            frozen_s: How long a picture may repeat, in [s]; 0 for ever.
        """
        self._limit_ns = round(frozen_s * NANOSECONDS)
        self._last: np.ndarray | None = None
        self._since_ns = 0

    def check(self, image: np.ndarray, stamp_ns: int) -> Verdict | None:
        """Compare an image with the one before.

        Args:
            image: RGB pixels. Shape (H, W, 3), uint8.
            stamp_ns: Its stamp in [ns].

        Returns:
            That the camera is frozen, and what to do; None if it is not.
        """
        if self._last is None or not np.array_equal(image, self._last):
            self._last, self._since_ns = image.copy(), stamp_ns
            return None
        same_ns = stamp_ns - self._since_ns
        if self._limit_ns == 0 or same_ns < self._limit_ns:
            return None
        return Condition.FROZEN, (
            f"the same picture for {same_ns / NANOSECONDS:.1f} s, pixel by pixel, with new stamps. "
            "Restart the camera; if it is a noiseless simulated one, set frozen_s to 0"
        )

    def reset(self) -> None:
        """Forget the last image."""
        self._last = None
