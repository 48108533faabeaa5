"""Ask a model that has proved to fit its profile, and nobody else."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.checks.contract_check import check_contract
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.provider import ContractMismatch, GrootProvider
from so101_ros.groot.request import GrootRequest


@dataclass(frozen=True, slots=True, eq=False)
class SessionAnswer:
    """What a model said to one observation.

    Attributes:
        request: What it was asked.
        targets: Absolute joint targets in arm order, in [rad]. Shape (n, 6).
        inference_s: Wall time between question and answer, in [s].
    """

    request: GrootRequest
    targets: np.ndarray
    inference_s: float


class GrootSession:
    """A profile and a provider, whose contract is checked before the first question.

    After a provider has failed, or has answered what the profile does not allow, it is checked
    anew: a server that was restarted may hold another model.

    Attributes:
        profile: How the model's world maps to ours.
        contract: What the model said of itself; None before the first check.
        findings: What the last check found.
    """

    def __init__(
        self, profile: EmbodimentProfile, provider: GrootProvider, *, allow_mismatch: bool = False
    ) -> None:
        """Prepare; nobody is asked yet.

        Args:
            profile: How the model's world maps to ours.
            provider: Who answers for the model; closed with the session.
            allow_mismatch: Whether to go on with a model that does not fit.
        """
        self.profile = profile
        self.contract: ModelContract | None = None
        self.findings: tuple[Finding, ...] = ()
        self._provider = provider
        self._allow_mismatch = allow_mismatch

    @property
    def is_checked(self) -> bool:
        """Whether the model is known to fit, or may be asked all the same."""
        return self.contract is not None

    def check(self) -> None:
        """Ask the model what it is, and compare.

        Raises:
            ContractMismatch: If it does not fit and that is not allowed.
            GrootError: If nobody is there.
        """
        contract = self._provider.describe()
        self.findings = check_contract(self.profile, contract)
        wrong = self.mismatches
        if wrong and not self._allow_mismatch:
            more = f" (and {len(wrong) - 1} more: so101 groot check)" if len(wrong) > 1 else ""
            raise ContractMismatch(
                f"{contract.source} does not fit profile {self.profile.name!r}: {wrong[0]}{more}"
            )
        self.contract = contract

    @property
    def mismatches(self) -> list[Finding]:
        """What did not fit at the last check."""
        return [each for each in self.findings if each.verdict is Verdict.MISMATCH]

    def ask(
        self, images: Mapping[str, np.ndarray], q: np.ndarray, prompt: str = ""
    ) -> SessionAnswer:
        """Ask the model what to do; takes as long as it takes.

        Args:
            images: RGB pixels by camera. Shape (height, width, 3) each, uint8.
            q: Joint positions of the same moment in [rad]. Shape (6,).
            prompt: What the model is told to do; empty for what the profile says.

        Returns:
            Its answer.

        Raises:
            ContractMismatch: If the model does not fit the profile.
            GrootError: If there is no answer, or it is none that the profile allows.
            ObservationError: If an image is missing or malformed.
        """
        if not self.is_checked:
            self.check()
        request = self.profile.request(images, q)
        if prompt:
            request = replace(request, prompt=prompt)
        began_s = time.perf_counter()
        try:
            answer = self._provider.infer(request)
            inference_s = time.perf_counter() - began_s
            targets = self.profile.targets(answer, q)
        except GrootError:
            self.contract = None
            raise
        return SessionAnswer(request, targets, inference_s)

    def close(self) -> None:
        """Let the provider go; harmless when repeated."""
        self._provider.close()
