"""Let the user stop a program that has something to finish."""

import os
import signal
import time
from contextlib import suppress
from types import FrameType

TWICE_S = 1.0
"""Signals that are closer are one wish: some senders signal a process and then its whole group."""

_STDERR = 2


class StopFlag:
    """Remember Ctrl-C and SIGTERM instead of being torn out of the work by them.

    Attributes:
        requested: Whether the user wants to stop.
    """

    def __init__(self, offer: str = "") -> None:
        """Wait for the ``with`` block.

        Args:
            offer: For work that may never end: said at the first signal, and the next one raises
                KeyboardInterrupt. Empty to remember, however often.
        """
        self.requested = False
        self._offer = offer
        self._requested_s = 0.0
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> "StopFlag":
        """Take over the signals; in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]

    def _request(self, number: int, frame: FrameType | None) -> None:
        del number, frame  # Unused.
        if not self.requested:
            self.requested = True
            self._requested_s = time.monotonic()
            self._make_offer()
        elif self._offer and time.monotonic() - self._requested_s > TWICE_S:
            raise KeyboardInterrupt

    def _make_offer(self) -> None:
        """Write past Python's buffers: the signal may have come while somebody fills them."""
        if self._offer:
            with suppress(OSError):  # nobody reads any more
                os.write(_STDERR, f"\n{self._offer}\n".encode())
