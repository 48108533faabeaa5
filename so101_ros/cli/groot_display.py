"""Show what a server of GR00T models does, in lines."""

import sys
import time
from contextlib import suppress

import numpy as np
from rich.console import Console

from so101_ros.groot.wire.endpoints import Endpoint
from so101_ros.groot.wire.service import Served

_PERIOD_S = 5.0
_ERROR_PERIOD_S = 1.0  # a client that is wrong is wrong many times a second


class RequestDisplay:
    """Count requests; say the rate now and then, and each error once a while."""

    def __init__(self, console: Console) -> None:
        """Show nothing yet.

        Args:
            console: Where to write.
        """
        self._console = console
        self._total = 0
        self._times_s: list[float] = []
        self._errors = 0
        self._last_error = ""
        self._error_due_s = 0.0
        self._since_s = time.monotonic()

    def say(self, text: str) -> None:
        """Write a line as it is; to nobody, if whoever read them has gone."""
        # Rich raises SystemExit for a pipe without a reader, and is quiet from then on.
        with suppress(SystemExit, BrokenPipeError):
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def complain(self, text: str) -> None:
        """Write a line beside the output."""
        sys.stderr.write(f"so101 groot: {text}\n")
        sys.stderr.flush()

    def count(self, served: Served) -> None:
        """Take note of a message that was dealt with.

        Args:
            served: The message.
        """
        if served.endpoint == Endpoint.GET_ACTION.value and not served.error:
            self._total += 1
            self._times_s.append(served.seconds)
        if served.error:
            self._errors += 1
            self._tell_error(served)
        if time.monotonic() - self._since_s >= _PERIOD_S:
            self._say_rate()

    def conclude(self) -> None:
        """Say how much it was in all."""
        self.say(f"ended after {self._total} answers, {self._errors} errors")

    def _tell_error(self, served: Served) -> None:
        now_s = time.monotonic()
        if served.error != self._last_error or now_s >= self._error_due_s:
            self._last_error, self._error_due_s = served.error, now_s + _ERROR_PERIOD_S
            what = served.endpoint or "a message"
            self.complain(f"{what} got an error: {' '.join(served.error.split())}")

    def _say_rate(self) -> None:
        now_s = time.monotonic()
        if self._times_s:
            rate_hz = len(self._times_s) / (now_s - self._since_s)
            median_ms = 1000.0 * float(np.median(self._times_s))
            self.say(
                f"{self._total} answers, {rate_hz:.1f} per second, {median_ms:.0f} ms at the "
                f"median, {self._errors} errors"
            )
        self._times_s.clear()
        self._since_s = now_s
