"""Compare what a model is shown with what it was trained on, while it is being shown."""

from collections.abc import Mapping

import numpy as np

from so101_ros.arm import JOINT_NAMES, NUM_JOINTS
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.checks.live_images import look_at_images
from so101_ros.groot.checks.range_check import check_measured
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.request import GrootRequest

_ZERO = 1e-6  # [rad] and the model's units; sensors are never that exact


class LiveCheck:
    """Look at requests; cheap enough for once a second."""

    def __init__(self, profile: EmbodimentProfile, contract: ModelContract) -> None:
        """Prepare.

        Args:
            profile: How requests are made.
            contract: What the model says of itself.
        """
        self._profile = profile
        self._contract = contract

    def look(self, request: GrootRequest) -> tuple[Finding, ...]:
        """Look at one request.

        Args:
            request: What the model is about to be asked.

        Returns:
            What was found, wrong or not.
        """
        return (
            self._look_at_prompt(request.prompt),
            *self.look_at_state(request.state),
            *self.look_at_video(request.video),
        )

    def look_at_video(self, video: Mapping[str, np.ndarray]) -> tuple[Finding, ...]:
        """Look at the images of a request.

        Args:
            video: Pixels by video key.

        Returns:
            What was found, wrong or not.
        """
        return tuple(look_at_images(self._profile, video, self._contract.video))

    def look_at_state(self, state: Mapping[str, np.ndarray]) -> tuple[Finding, ...]:
        """Look at the joint positions of a request.

        Args:
            state: Values in the model's units by state key.

        Returns:
            What was found, wrong or not.
        """
        wrong = tuple(
            finding
            for key, names in self._profile.state.items()
            if (finding := _check_values(key, state.get(key), len(names))) is not None
        )
        if wrong:
            return wrong
        q = self._positions(state)
        if _is_all_zero(state, q):
            fix = "nobody fills it in: look at joint_states"
            return (Finding("state", "all zeros", "a measurement", Verdict.MISMATCH, fix),)
        ranges = self._contract.state_range
        return tuple(check_measured(self._profile, ranges, q))

    def _look_at_prompt(self, prompt: str) -> Finding:
        expected = repr(self._profile.prompt)
        if prompt == self._profile.prompt:
            return Finding("prompt", expected, expected, Verdict.OK)
        fix = "make requests with the profile"
        return Finding("prompt", repr(prompt), expected, Verdict.MISMATCH, fix)

    def _positions(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Positions in [rad], in arm order; nan of a joint that is not in the request."""
        q = np.full(NUM_JOINTS, np.nan)
        for key, names in self._profile.state.items():
            for name, value in zip(names, state[key], strict=True):
                q[JOINT_NAMES.index(name)] = self._profile.joints[name].to_rad(value)
        return q


def _check_values(key: str, values: np.ndarray | None, dimension: int) -> Finding | None:
    if values is not None and values.shape == (dimension,) and np.isfinite(values).all():
        return None
    given = "nothing" if values is None else f"{values.tolist()}"
    fix = "make requests with the profile"
    return Finding(f"state.{key}", given, f"{dimension} numbers", Verdict.MISMATCH, fix)


def _is_all_zero(state: Mapping[str, np.ndarray], q: np.ndarray) -> bool:
    told = q[np.isfinite(q)]
    values = np.concatenate(list(state.values()))
    return bool((np.abs(told) < _ZERO).all() or (np.abs(values) < _ZERO).all())
