"""Who answers for a GR00T model: this process, a server, or a recording."""

from typing import Protocol

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.request import GrootAnswer, GrootRequest


class ContractMismatch(GrootError):
    """The model is not the one that the profile describes; nothing may move by it."""


class GrootProvider(Protocol):
    """Answer requests, one at a time; every call may block for as long as inference takes."""

    def describe(self) -> ModelContract:
        """Tell what the model insists on.

        Raises:
            GrootError: If nobody knows, or nobody is there.
        """
        ...

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer one observation.

        Args:
            request: The observation.

        Returns:
            Targets in the model's units, by action key; offsets if the profile says relative.
            Shape (steps, dimension) each.

        Raises:
            GrootError: If there is no answer; the message says whose fault it is.
        """
        ...

    def close(self) -> None:
        """Let go of network and memory; harmless when repeated."""
        ...
