"""Between one observation of ours and the batches of one that servers speak of."""

from typing import Any

import numpy as np

from so101_ros.errors import GrootError

_IMAGE_DIMENSIONS = 3  # height, width, colours
_STATE_DIMENSIONS = 1
_ROWS_DIMENSIONS = 2  # steps, dimension
_COLOURS = 3


def batched(values: np.ndarray) -> np.ndarray:
    """Put batch and time, one of each, before an image or a state."""
    return values[np.newaxis, np.newaxis]


def read_image(key: str, pixels: Any) -> np.ndarray:
    """Take one image out of its batch.

    Args:
        key: Its name, for messages.
        pixels: What came under it.

    Returns:
        Shape (height, width, 3), uint8.

    Raises:
        GrootError: If it is not one image.
    """
    image = _one(key, pixels, _IMAGE_DIMENSIONS)
    if image.dtype != np.uint8 or image.shape[2] != _COLOURS:
        raise GrootError(
            f"{key} must be RGB pixels of type uint8, got {image.dtype} of the shape {pixels.shape}"
        )
    return image


def read_state(key: str, values: Any) -> np.ndarray:
    """Take one state out of its batch.

    Args:
        key: Its name, for messages.
        values: What came under it.

    Returns:
        Shape (dimension,), float32.

    Raises:
        GrootError: If it is not one state.
    """
    state = _one(key, values, _STATE_DIMENSIONS)
    if state.dtype.kind not in "fiu":
        raise GrootError(f"{key} must be numbers, got {state.dtype}")
    return state.astype(np.float32)


def read_rows(key: str, values: Any) -> np.ndarray:
    """Take the rows of an answer out of their batch.

    Args:
        key: Its name, for messages.
        values: What came under it. Releases of before September 2025 leave out sides of length 1.

    Returns:
        Shape (steps, dimension).

    Raises:
        GrootError: If it is no table of numbers.
    """
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise GrootError(f"{key} is {describe(values)}, not a table of numbers")
    rows = values[:, np.newaxis] if values.ndim == 1 else values
    if rows.ndim == _ROWS_DIMENSIONS + 1 and rows.shape[0] == 1:
        rows = rows[0]
    if rows.ndim != _ROWS_DIMENSIONS or not rows.size:
        raise GrootError(f"{key} has the shape {values.shape}, not (steps, dimension)")
    return np.array(rows)


def read_prompt(key: str, value: Any) -> str:
    """Take a text out of its batch.

    Args:
        key: Its name, for messages.
        value: What came under it.

    Raises:
        GrootError: If it is not one text.
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise GrootError(f"{key} must be one text, got {describe(value)}")
    return value


def describe(item: Any) -> str:
    """Tell what something is, shortly, for messages."""
    if isinstance(item, np.ndarray):
        return f"{item.dtype} of the shape {item.shape}"
    if isinstance(item, dict):
        return f"a map with {', '.join(str(key)[:40] for key in list(item)[:8]) or 'nothing'}"
    if isinstance(item, list | tuple):
        return f"a list of {len(item)}"
    return repr(item)[:80]


def _one(key: str, values: Any, dimensions: int) -> np.ndarray:
    """Strip batch and time, which must be one each."""
    if not isinstance(values, np.ndarray):
        raise GrootError(f"{key} must be an array, got {describe(values)}")
    extra = values.ndim - dimensions
    if not 0 <= extra <= 2 or any(length != 1 for length in values.shape[:extra]):
        raise GrootError(
            f"{key} has the shape {values.shape}: one moment of one robot is answered at a time"
        )
    return values[(0,) * extra]
