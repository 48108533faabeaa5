"""Read what a server sent back, and tell what it is if it is no answer."""

from typing import Any

from so101_ros.errors import GrootError
from so101_ros.groot.wire.codec import Codec

UNAUTHORIZED = "Unauthorized: Invalid API token"
"""What upstream servers reply to a wrong token."""

_LEGACY_ERROR = b"ERROR"
_PICKLE_START = b"\x80"
_PICKLE_PROTOCOLS = (2, 3, 4, 5)
_TORCH_START = b"PK\x03\x04"

_LONGEST_QUOTE = 300  # characters of a server's error; a traceback can be pages


class PickleReply(GrootError):
    """The server speaks pickle, which nobody allowed."""


def read_reply(data: bytes, codec: Codec, address: str, subject: str, *, pickled: bool) -> Any:
    """Unpack a reply.

    Args:
        data: What came.
        codec: How it should be written.
        address: Of the server, for messages.
        subject: What it was asked, for messages.
        pickled: Whether pickles are expected.

    Returns:
        The content.

    Raises:
        PickleReply: If it is a pickle, or the error of a server that reads those, and none was
            expected.
        GrootError: If it is an error of the server, or no message at all.
    """
    if not pickled:
        _refuse_pickles(data, address)
    if data == _LEGACY_ERROR:
        raise GrootError(f"the GR00T server at {address} answers {subject} with ERROR: see its log")
    try:
        reply = codec.unpack(data)
    except GrootError as err:
        raise GrootError(
            f"what {address} answers to {subject} is nothing of GR00T's: {err}. Is it another "
            "program's port?"
        ) from err
    if isinstance(reply, dict) and pickled:
        reply = _open_envelope(reply)
    if isinstance(reply, dict) and "error" in reply:
        raise _quote_error(str(reply["error"]), address, subject)
    return reply


def _refuse_pickles(data: bytes, address: str) -> None:
    if data.startswith(_TORCH_START):
        raise GrootError(
            f"the GR00T server at {address} speaks torch.save, as releases of before September "
            "2025 do, which can run code here. Run it from the tag n1.5-release"
        )
    # A map without entries is the only message that begins like a pickle, and ends there.
    if data == _LEGACY_ERROR or (
        len(data) > 1 and data[:1] == _PICKLE_START and data[1] in _PICKLE_PROTOCOLS
    ):
        raise PickleReply(
            f"the GR00T server at {address} speaks pickle, as phospho's do, which can run code "
            "here. Run the tag n1.5-release of GR00T or `so101 groot serve`; if you trust the "
            "server and the way to it, set unsafe_pickle (--unsafe-pickle)"
        )


def _open_envelope(reply: dict[Any, Any]) -> Any:
    """Take a reply out of what phosphobot puts around it."""
    if reply.get("status") == "error":
        return {"error": f"{reply.get('error_type', 'Error')}: {reply.get('message', '')}"}
    return reply["result"] if "result" in reply and "status" in reply else reply


def _quote_error(text: str, address: str, subject: str) -> GrootError:
    if "unauthorized" in text.lower():
        return GrootError(
            f"the GR00T server at {address} refuses the token. Give the one that it was started "
            "with, in the environment variable SO101_GROOT_TOKEN"
        )
    line = " ".join(text.split())
    quote = line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}..."
    return GrootError(f"the GR00T server at {address} answers {subject} with an error: {quote!r}")
