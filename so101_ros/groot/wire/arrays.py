"""Both forms in which GR00T's releases put arrays into msgpack, and nothing that runs code.

``as_npy``
    ``{"__ndarray_class__": true, "as_npy": <a whole .npy file>}``: N1.5, N1.6, the first N1.7.
``msgpack_numpy``
    ``{b"nd": true, b"type": "<f4", b"kind": b"", b"shape": [...], b"data": <C-ordered bytes>}``:
    N1.7. A scalar has ``nd`` false and no shape.

Whoever reads gets both. Sizes are checked against the bytes that are there before anything is
allocated, and arrays of Python objects, which are pickles, are refused in either form.
"""

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from so101_ros.errors import GrootError

_NPY_MARKER = "__ndarray_class__"

_KINDS = "biufUS"
"""Kinds of numbers and texts; objects, records and times have no business here."""

_MOST_DIMENSIONS = 8


def to_npy(array: np.ndarray) -> dict[str, Any]:
    """Put an array into the older form.

    Args:
        array: Numbers or texts of any shape.

    Raises:
        GrootError: If it holds anything else.
    """
    check_kind(array.dtype)
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=False)
    return {_NPY_MARKER: True, "as_npy": stream.getvalue()}


def to_msgpack_numpy(array: np.ndarray) -> dict[bytes, Any]:
    """Put an array into the form of the library msgpack-numpy.

    Args:
        array: Numbers or texts of any shape.

    Raises:
        GrootError: If it holds anything else.
    """
    check_kind(array.dtype)
    return {
        b"nd": True,
        b"type": array.dtype.str,
        b"kind": b"",
        b"shape": array.shape,
        b"data": array.tobytes(),
    }


def scalar_to_msgpack_numpy(scalar: np.generic) -> dict[bytes, Any]:
    """Put a number of NumPy's into the form of the library msgpack-numpy.

    Args:
        scalar: The number.

    Raises:
        GrootError: If it is something else.
    """
    check_kind(scalar.dtype)
    return {b"nd": False, b"type": scalar.dtype.str, b"data": scalar.tobytes()}


def read_array(entry: Mapping[Any, Any]) -> Any | None:
    """Read an array in whichever form it is.

    Args:
        entry: A map of a message; its keys may be text or bytes.

    Returns:
        The array, which cannot be written to, or a scalar; None if the map is something else.

    Raises:
        GrootError: If it claims to be an array and is not a sound one.
    """
    if _get(entry, _NPY_MARKER):
        return _sound(_read_npy, _get(entry, "as_npy"))
    if _get(entry, "nd") is not None and _get(entry, "type") is not None:
        return _sound(_read_msgpack_numpy, entry)
    return None


def check_kind(dtype: np.dtype) -> None:
    """Let pass what has a place in a message.

    Args:
        dtype: Of an array.

    Raises:
        GrootError: If it is neither numbers nor texts.
    """
    if dtype.kind not in _KINDS or dtype.hasobject:
        raise GrootError(
            f"arrays of type {str(dtype)[:80]} are neither sent nor read: only numbers and texts "
            "are (others can hide a pickle)"
        )


def _get(entry: Mapping[Any, Any], name: str) -> Any:
    return entry.get(name, entry.get(name.encode()))


def _sound(read: Any, content: Any) -> Any:
    """Read something hostile: whatever is wrong with it has one error."""
    try:
        return read(content)
    except GrootError:
        raise
    except Exception as err:  # NumPy promises no classes for what it cannot read
        raise GrootError(f"a message holds a broken array: {type(err).__name__}: {err}") from err


def _read_npy(content: Any) -> np.ndarray:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise GrootError(f"a message holds an array of .npy version {version}; 1 and 2 are read")
    shape, fortran, dtype = readers[version](stream)
    data = memoryview(content)[stream.tell() :]
    return _view(data, dtype, shape, "F" if fortran else "C")


def _read_msgpack_numpy(entry: Mapping[Any, Any]) -> Any:
    kind = _get(entry, "kind")
    if kind not in (None, b"", ""):
        raise GrootError(f"a message holds an array of kind {kind!r}: only plain ones are read")
    dtype = _read_dtype(_get(entry, "type"))
    data = memoryview(_get(entry, "data"))
    if not _get(entry, "nd"):
        return _view(data, dtype, (), "C")[()]
    return _view(data, dtype, tuple(_get(entry, "shape")), "C")


def _read_dtype(name: Any) -> np.dtype:
    text = name.decode() if isinstance(name, bytes) else name
    if not isinstance(text, str):
        raise GrootError("a message holds an array of a compound type: only plain ones are read")
    return np.dtype(text)


def _view(data: memoryview, dtype: np.dtype, shape: tuple[Any, ...], order: Any) -> np.ndarray:
    """Look at bytes as an array; nothing is allocated for its values."""
    check_kind(dtype)
    if len(shape) > _MOST_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
        raise GrootError(f"a message holds an array of the shape {str(shape)[:80]}")
    claimed = math.prod(shape) * dtype.itemsize
    if claimed != data.nbytes or (dtype.itemsize == 0 and math.prod(shape)):
        raise GrootError(
            f"a message holds an array of {claimed} bytes by its shape, {data.nbytes} by its data"
        )
    return np.ndarray(shape, dtype, data, order=order)
