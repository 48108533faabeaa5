"""The pickled messages of phospho's servers; only for those who ask for them by this name.

Whoever can write to the socket of a program that reads pickles can make it run what he likes. Here
only arrays, plain values and modalities are let through, which stops the known ways; it is still no
format for a network that others are on.
"""

import io
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.wire.arrays import check_kind
from so101_ros.groot.wire.modality import Modality, read_fields

WARNING = (
    "unsafe_pickle is on: messages are pickles, and whoever can send one may run code here. "
    "Use it on this machine or in a tunnel only"
)

_PROTOCOL = 4

_ARRAY_PARTS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
    *(
        (f"numpy.{core}.{module}", name)
        for core in ("core", "_core")
        for module, name in (
            ("multiarray", "_reconstruct"),
            ("multiarray", "scalar"),
            ("numeric", "_frombuffer"),
        )
    ),
}
"""All that NumPy's arrays refer to in a pickle."""


@dataclass(frozen=True, slots=True)
class PickleCodec:
    """Pickles, without torch; see :class:`so101_ros.groot.wire.codec.Codec`."""

    def pack(self, message: Any) -> bytes:
        """See :class:`so101_ros.groot.wire.codec.Codec`."""
        return pickle.dumps(_plain(message), protocol=_PROTOCOL)

    def unpack(self, data: bytes) -> Any:
        """See :class:`so101_ros.groot.wire.codec.Codec`."""
        try:
            return _with_modalities(_ArraysOnly(io.BytesIO(data)).load())
        except GrootError:
            raise
        except Exception as err:  # a pickle may raise anything
            raise GrootError(f"a message is no pickle: {type(err).__name__}: {err}") from err


class _PickledModality:
    """Stands in for the class of that name, whose package is not here."""

    fields: dict[str, Any]

    def __setstate__(self, state: Any) -> None:
        inner = state.get("__dict__", state) if isinstance(state, dict) else {}
        self.fields = inner if isinstance(inner, dict) else {}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name == "ModalityConfig":
            return _PickledModality
        if (module, name) not in _ARRAY_PARTS:
            raise GrootError(
                f"a pickled message wants {module}.{name}: only arrays, plain values and "
                "modalities are let through"
            )
        return super().find_class(module, name)


def _plain(item: Any) -> Any:
    """Replace modalities by maps: phospho's class is not here to be pickled."""
    if isinstance(item, Modality):
        return {"delta_indices": list(range(item.steps)), "modality_keys": list(item.keys)}
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    return item


def _with_modalities(item: Any) -> Any:
    if isinstance(item, np.ndarray):
        check_kind(item.dtype)
    elif isinstance(item, _PickledModality):
        return read_fields(item.fields, None)
    elif isinstance(item, dict) and item.keys() == {"delta_indices", "modality_keys"}:
        return read_fields(item, None)
    elif isinstance(item, dict):
        return {key: _with_modalities(value) for key, value in item.items()}
    return item
