"""Turn messages into bytes and back."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import msgpack
import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.wire.arrays import (
    read_array,
    scalar_to_msgpack_numpy,
    to_msgpack_numpy,
    to_npy,
)
from so101_ros.groot.wire.modality import Modality, ModalityStyle, read_modality, write_modality

MAX_MESSAGE_BYTES = 64 * 2**20
"""Larger messages are not received: two cameras of 1920x1080 px take a fifth of it."""

_MOST_ENTRIES = 10_000  # of a list or map: a chunk sent as lists has some hundreds


class Codec(Protocol):
    """One way to write messages."""

    def pack(self, message: Any) -> bytes:
        """Write a message.

        Args:
            message: Maps, lists, texts, numbers, arrays and modalities.

        Raises:
            GrootError: If it holds an array of something else than numbers or texts.
        """
        ...

    def unpack(self, data: bytes) -> Any:
        """Read a message.

        Args:
            data: Whatever came.

        Raises:
            GrootError: If it is no sound message.
        """
        ...


class ArrayForm(Enum):
    """The two forms of arrays; see :mod:`so101_ros.groot.wire.arrays`."""

    NPY = "npy"
    MSGPACK_NUMPY = "msgpack_numpy"


@dataclass(frozen=True, slots=True)
class MsgpackCodec:
    """msgpack; reads every release's arrays and modalities, writes those of one.

    Attributes:
        form: How arrays are written.
        style: How modalities are written.
    """

    form: ArrayForm
    style: ModalityStyle

    def pack(self, message: Any) -> bytes:
        """See :class:`Codec`."""
        return bytes(msgpack.packb(message, default=self._write) or b"")

    def unpack(self, data: bytes) -> Any:
        """See :class:`Codec`."""
        try:
            return msgpack.unpackb(
                data,
                object_hook=_read_map,
                max_array_len=_MOST_ENTRIES,
                max_map_len=_MOST_ENTRIES,
                max_bin_len=MAX_MESSAGE_BYTES,
                max_str_len=MAX_MESSAGE_BYTES,
                max_ext_len=0,
            )
        except GrootError:
            raise
        except Exception as err:  # msgpack's own errors, and Python's for texts and keys
            raise GrootError(f"a message is no msgpack: {type(err).__name__}: {err}") from err

    def _write(self, item: Any) -> Any:
        if isinstance(item, np.ndarray):
            return to_npy(item) if self.form is ArrayForm.NPY else to_msgpack_numpy(item)
        if isinstance(item, np.generic):
            return item.item() if self.form is ArrayForm.NPY else scalar_to_msgpack_numpy(item)
        if isinstance(item, Modality):
            return write_modality(item, self.style)
        raise TypeError(f"{type(item).__name__} has no place in a message")


def _read_map(entry: dict[Any, Any]) -> Any:
    array = read_array(entry)
    if array is not None:
        return array
    modality = read_modality(entry)
    return entry if modality is None else modality
