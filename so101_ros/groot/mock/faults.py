"""Faults of a model or its server, on request, to see that they are noticed."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.errors import ConfigError, GrootError
from so101_ros.groot.mock.provider import Sleep
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire.service import NoReply

SLOW_S = 3.0
"""More than a client waits, unless it was told to."""


class Fault(str, Enum):
    """What goes wrong."""

    SLOW = "slow"
    WRONG_KEY = "wrong_key"
    WRONG_SHAPE = "wrong_shape"
    WRONG_HORIZON = "wrong_horizon"
    WRONG_UNIT = "wrong_unit"
    NAN = "nan"
    ERROR = "error"
    DEAD = "dead"
    WRONG_DIALECT = "wrong_dialect"
    NO_METADATA = "no_metadata"

    @property
    def is_of_the_server(self) -> bool:
        """Whether it is there all the time, whatever is asked."""
        return self in (Fault.WRONG_DIALECT, Fault.NO_METADATA)


@dataclass(frozen=True, slots=True)
class FaultTimes:
    """Which requests go wrong.

    Attributes:
        after: So many go well first.
        every: Of those that follow, each so many-th goes wrong; 1 for all.
    """

    after: int = 0
    every: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            ConfigError: If there are any.
        """
        if self.after < 0 or self.every < 1:
            raise ConfigError(
                f"a fault may begin after 0 requests or more, and come every 1 or more, got "
                f"after {self.after}, every {self.every}"
            )

    def has(self, number: int) -> bool:
        """Whether a request goes wrong.

        Args:
            number: Its number, from 1.
        """
        return number > self.after and (number - self.after) % self.every == 0


class FaultyProvider:
    """Spoil answers of another; see :class:`so101_ros.groot.provider.GrootProvider`."""

    def __init__(
        self,
        inner: GrootProvider,
        fault: Fault,
        times: FaultTimes,
        sleep: Sleep = time.sleep,
    ) -> None:
        """Prepare.

        Args:
            inner: Who answers.
            fault: What goes wrong; none of the server's own.
            times: When.
            sleep: How to wait.
        """
        self._inner = inner
        self._fault = fault
        self._times = times
        self._sleep = sleep
        self._requests = 0

    def describe(self) -> ModelContract:
        """Tell what the other tells."""
        return self._inner.describe()

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer what the other answers, or something wrong.

        Raises:
            GrootError: If the other has no answer, or that is the fault.
            NoReply: If nothing is to be said at all.
        """
        self._requests += 1
        if not self._times.has(self._requests):
            return self._inner.infer(request)
        if self._fault is Fault.DEAD:
            raise NoReply
        if self._fault is Fault.ERROR:
            raise GrootError("this mock was told to fail (--fault error)")
        if self._fault is Fault.SLOW:
            self._sleep(SLOW_S)
        answer = self._inner.infer(request)
        return _SPOIL[self._fault](answer) if self._fault in _SPOIL else answer

    def close(self) -> None:
        """Close the other."""
        self._inner.close()


def _rename(answer: GrootAnswer) -> GrootAnswer:
    """Give the first key a name that no profile knows."""
    first, *others = answer
    return {f"{first}_renamed": answer[first], **{key: answer[key] for key in others}}


def _widen(answer: GrootAnswer) -> GrootAnswer:
    """Let every key have a joint too many."""
    return {key: np.hstack([rows, rows[:, -1:]]) for key, rows in answer.items()}


def _shorten(answer: GrootAnswer) -> GrootAnswer:
    """Leave out half of the rows."""
    return {key: rows[: math.ceil(len(rows) / 2)] for key, rows in answer.items()}


def _to_degrees(answer: GrootAnswer) -> GrootAnswer:
    """Take radians for degrees."""
    return {key: np.rad2deg(rows) for key, rows in answer.items()}


def _put_nan(answer: GrootAnswer) -> GrootAnswer:
    """Put one value in that is no number."""
    spoilt = {key: np.array(rows) for key, rows in answer.items()}
    rows = next(iter(spoilt.values()))
    rows[len(rows) // 2, 0] = math.nan
    return spoilt


_SPOIL: dict[Fault, Callable[[GrootAnswer], GrootAnswer]] = {
    Fault.WRONG_KEY: _rename,
    Fault.WRONG_SHAPE: _widen,
    Fault.WRONG_HORIZON: _shorten,
    Fault.WRONG_UNIT: _to_degrees,
    Fault.NAN: _put_nan,
}
