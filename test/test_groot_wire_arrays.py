"""Arrays in messages: both forms, and what is refused."""

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from so101_ros.errors import GrootError
from so101_ros.groot.wire.arrays import (
    read_array,
    scalar_to_msgpack_numpy,
    to_msgpack_numpy,
    to_npy,
)

_DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="<"),
    hnp.floating_dtypes(endianness="<"),
    hnp.unicode_string_dtypes(endianness="<", max_len=8),
    hnp.byte_string_dtypes(max_len=8),
)
_ARRAYS = hnp.arrays(_DTYPES, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5))
_FORMS = [to_npy, to_msgpack_numpy]


@pytest.mark.parametrize("write", _FORMS)
@settings(deadline=None)
@given(array=_ARRAYS, data=st.data())
def test_what_is_written_is_read(
    write: Callable[[np.ndarray], dict[Any, Any]], array: np.ndarray, data: st.DataObject
) -> None:
    """Values, type and shape, in either order of memory."""
    turned = data.draw(st.sampled_from([array, array.T, np.asfortranarray(array)]))
    found = read_array(write(turned))
    assert isinstance(found, np.ndarray)
    assert found.dtype == turned.dtype
    np.testing.assert_array_equal(found, turned)
    assert found.shape == turned.shape


@pytest.mark.parametrize("write", _FORMS)
def test_keys_may_be_texts_or_bytes(write: Callable[[np.ndarray], dict[Any, Any]]) -> None:
    """Packers differ in that."""
    entry = write(np.array([1.0, 2.0], np.float32))
    texts = {key if isinstance(key, str) else key.decode(): value for key, value in entry.items()}
    for keys in (texts, {key.encode(): value for key, value in texts.items()}):
        np.testing.assert_array_equal(read_array(keys), [1.0, 2.0])


@settings(deadline=None)
@given(st.one_of(st.floats(width=32), st.integers(-(2**31), 2**31 - 1), st.booleans()))
def test_a_scalar_is_read(number: float) -> None:
    """As a scalar, not as an array."""
    scalar: np.generic = np.asarray(number).dtype.type(number)
    found = read_array(scalar_to_msgpack_numpy(scalar))
    assert isinstance(found, np.generic)
    np.testing.assert_array_equal(found, scalar)


def test_another_map_is_no_array() -> None:
    """Also not one that has a key of that name."""
    assert read_array({}) is None
    assert read_array({"nd": 3, "status": "ok"}) is None
    assert read_array({"__ndarray_class__": False, "as_npy": b""}) is None


@pytest.mark.parametrize(
    "array",
    [
        np.array([{}], dtype=object),
        np.zeros(2, dtype=[("a", "<f4")]),
        np.zeros(2, dtype="datetime64[s]"),
        np.zeros(2, dtype="V4"),
    ],
)
@pytest.mark.parametrize("write", _FORMS)
def test_only_numbers_and_texts_are_written(
    write: Callable[[np.ndarray], dict[Any, Any]], array: np.ndarray
) -> None:
    """An array of objects would be a pickle."""
    with pytest.raises(GrootError, match="are neither sent nor read: only numbers and texts"):
        write(array)


def _npy(array: np.ndarray) -> dict[str, Any]:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return {"__ndarray_class__": True, "as_npy": stream.getvalue()}


def _nd(**entries: Any) -> dict[bytes, Any]:
    entry = {"nd": True, "type": "<f4", "kind": b"", "shape": [2], "data": bytes(8), **entries}
    return {key.encode(): value for key, value in entry.items() if value is not None}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (_npy(np.array([{}], dtype=object)), "arrays of type object"),
        (_npy(np.zeros(2, dtype=[("a", "<f4")])), "only numbers and texts"),
        ({"__ndarray_class__": True}, "a broken array"),
        ({"__ndarray_class__": True, "as_npy": b"PK\x03\x04"}, "a broken array: ValueError"),
        ({"__ndarray_class__": True, "as_npy": b"\x93NUMPY\x03\x00"}, r"version \(3, 0\)"),
        (_nd(kind=b"O"), "kind b'O'"),
        (_nd(kind=b"V"), "kind b'V'"),
        (_nd(type="|O"), "arrays of type object"),
        (_nd(type="<f4,<f4"), "only numbers and texts"),
        (_nd(type=[["a", "<f4"]]), "a compound type"),
        (_nd(type="nonsense"), "a broken array"),
        (_nd(data=None), "a broken array"),
        (_nd(shape=None), "a broken array"),
        (_nd(shape=[3]), "12 bytes by its shape, 8 by its data"),
        (_nd(shape=[-2]), r"the shape \(-2,\)"),
        (_nd(shape=[True, True]), "the shape"),
        (_nd(shape=["2"]), "the shape"),
        (_nd(shape=[1] * 9), "the shape"),
        (_nd(type="<U0", shape=[10**9], data=b""), "0 bytes by its shape, 0 by its data"),
        (_nd(nd=False, data=bytes(8)), "4 bytes by its shape, 8 by its data"),
    ],
)
def test_what_is_no_sound_array_is_refused(entry: dict[Any, Any], complaint: str) -> None:
    """With one class of error, whatever is wrong."""
    with pytest.raises(GrootError, match=complaint):
        read_array(entry)


@pytest.mark.parametrize("shape", [(2**40,), (2**20, 2**20), (2**62, 2**62)])
def test_a_claimed_size_allocates_nothing(shape: tuple[int, ...]) -> None:
    """Only what is there counts: a header of 100 bytes cannot ask for a terabyte."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    content = header.getvalue() + bytes(16)
    tracemalloc.start()
    try:
        for entry in (
            {"__ndarray_class__": True, "as_npy": content},
            _nd(type="<f8", shape=list(shape), data=bytes(16)),
        ):
            with pytest.raises(GrootError, match="by its shape, 16 by its data"):
                read_array(entry)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
