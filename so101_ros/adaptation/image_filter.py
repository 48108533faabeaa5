"""What turns one image into another."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from so101_ros.errors import ObservationError


class ImageFilter(Protocol):
    """Change the look of an image.

    An image comes back with the size that it had. The same image always gives the same answer:
    nothing is kept from one image to the next and nothing is drawn at random. So filtering a
    recording gives what filtering live gave.
    """

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Filter an image.

        Args:
            rgb: RGB pixels; not changed. Shape (height, width, 3), uint8.

        Returns:
            RGB pixels. Shape (height, width, 3), uint8.

        Raises:
            ObservationError: If it is no such image, or has a size that the filter cannot take.
        """
        ...


class FilterChain:
    """Filters one after the other; without any, images stay as they are."""

    def __init__(self, filters: Sequence[ImageFilter] = ()) -> None:
        """Keep the filters.

        Args:
            filters: The first one gets the image.
        """
        self.filters = tuple(filters)

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Filter an image; see :class:`ImageFilter`."""
        check_image(rgb)
        for each in self.filters:
            rgb = each(rgb)
        return rgb


def check_image(rgb: np.ndarray) -> None:
    """Refuse what is no RGB image.

    Args:
        rgb: RGB pixels. Shape (height, width, 3), uint8.

    Raises:
        ObservationError: If type or shape are wrong, or there are no pixels.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ObservationError(
            f"an image is uint8 of the shape (height, width, 3), got {rgb.dtype} of {rgb.shape}"
        )


def to_pixels(values: np.ndarray) -> np.ndarray:
    """Round to the nearest pixel value; what is too dark or too bright is cut off.

    Args:
        values: Pixel values in [0, 255], not whole, not limited. Any shape.

    Returns:
        The same shape, uint8.
    """
    return np.clip(np.rint(values), 0.0, 255.0).astype(np.uint8)
