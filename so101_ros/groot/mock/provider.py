"""Stand-ins for a model, for trying out everything around one without a GPU."""

import time
from collections.abc import Callable

import numpy as np

from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.request import GrootAnswer, GrootRequest

Sleep = Callable[[float], None]
"""Waits for a time in [s]; a server's own ends early when the server is to stop."""


class HoldProvider:
    """Tell the arm to stay where it is; see :class:`so101_ros.groot.provider.GrootProvider`."""

    def __init__(self, profile: EmbodimentProfile) -> None:
        """Prepare.

        Args:
            profile: Names, units and timing of the model that this stands in for.
        """
        self._profile = profile

    def describe(self) -> ModelContract:
        """Tell what the profile expects."""
        return self._profile.contract("a mock that holds the arm")

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer the present state in every row.

        Raises:
            GrootError: If the request is not what the profile says.
        """
        _, q = self._profile.read_request(request)
        return self._profile.answer(np.tile(q, (self._profile.horizon, 1)), q)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class PacedProvider:
    """Take as long as a real model; see :class:`so101_ros.groot.provider.GrootProvider`."""

    def __init__(self, inner: GrootProvider, inference_s: float, sleep: Sleep = time.sleep) -> None:
        """Prepare.

        Args:
            inner: Who answers.
            inference_s: How long an answer takes at least, in [s], the other's own time included.
            sleep: How to wait.
        """
        self._inner = inner
        self._inference_s = inference_s
        self._sleep = sleep

    def describe(self) -> ModelContract:
        """Tell what the other tells."""
        return self._inner.describe()

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer what the other answers, when the time has come.

        Raises:
            GrootError: If the other has no answer; at once.
        """
        due_s = time.monotonic() + self._inference_s
        answer = self._inner.infer(request)
        self._sleep(max(0.0, due_s - time.monotonic()))
        return answer

    def close(self) -> None:
        """Close the other."""
        self._inner.close()
