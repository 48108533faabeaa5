"""Let the user stop a program that has something to finish."""

import signal
from types import FrameType


class StopFlag:
    """Remember Ctrl-C and SIGTERM instead of being torn out of the work by them.

    Attributes:
        requested: Whether the user wants to stop.
    """

    def __init__(self) -> None:
        """Wait for the ``with`` block."""
        self.requested = False
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
        self.requested = True
