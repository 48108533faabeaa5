"""Read single fields of serialized messages without unpacking the rest."""

import struct

from so101_ros.errors import RecordingError
from so101_ros.rates import NANOSECONDS

_ENCAPSULATION_BYTES = 4
_STAMP = {0: struct.Struct(">iI"), 1: struct.Struct("<iI")}  # by the second byte: byte order


def stamp_of(message: bytes) -> int:
    """Read the stamp of a message that begins with a header or a time.

    Args:
        message: The message as CDR, with its encapsulation header.

    Returns:
        The stamp in [ns].

    Raises:
        RecordingError: If the message is too short or not plain CDR.
    """
    if len(message) < _ENCAPSULATION_BYTES + 8 or message[1] not in _STAMP:
        raise RecordingError(
            f"not a stamped CDR message: {len(message)} bytes beginning with {message[:4].hex()!r}"
        )
    seconds, nanoseconds = _STAMP[message[1]].unpack_from(message, _ENCAPSULATION_BYTES)
    return seconds * NANOSECONDS + nanoseconds
