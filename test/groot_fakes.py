"""A model that says what it is told to say, for tests of whoever asks one."""

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.request import GrootAnswer, GrootRequest

PROFILE = load_profile("paper_return")
FITS = PROFILE.contract("a model that fits")
IMAGES = {
    camera: np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    for camera in PROFILE.cameras
}


class FakeProvider:
    """Holds the arm and writes down what it was asked."""

    def __init__(
        self, profile: EmbodimentProfile = PROFILE, contract: ModelContract = FITS
    ) -> None:
        """Fit the profile, unless told otherwise."""
        self.contract = contract
        self.horizon = profile.horizon
        self.failure: GrootError | None = None
        self.calls: list[str] = []
        self.requests: list[GrootRequest] = []
        self._hold = HoldProvider(profile)

    def describe(self) -> ModelContract:
        """Tell the contract it was given."""
        self.calls.append("describe")
        return self.contract

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer the present state, in as many rows as it was told to."""
        self.calls.append("infer")
        if self.failure is not None:
            raise self.failure
        self.requests.append(request)
        return {key: rows[: self.horizon] for key, rows in self._hold.infer(request).items()}

    def close(self) -> None:
        """Note that it was closed."""
        self.calls.append("close")
