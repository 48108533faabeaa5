"""A checkpoint of N1.5, refused before the slow load if it does not fit the profile."""

import contextlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from so101_ros.errors import GrootError
from so101_ros.groot.checks.checkpoint_metadata import read_checkpoint
from so101_ros.groot.checks.contract_check import check_contract
from so101_ros.groot.checks.finding import Verdict
from so101_ros.groot.local.lazy_import import import_groot
from so101_ros.groot.local.transforms import LocalTransforms
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.profile import EmbodimentProfile

_log = logging.getLogger(__name__)


def check_checkpoint(profile: EmbodimentProfile, folder: Path) -> ModelContract:
    """Read a checkpoint's contract and compare it with a profile, which takes no time.

    Args:
        profile: The profile.
        folder: The checkpoint.

    Returns:
        What the checkpoint insists on.

    Raises:
        GrootError: If it is no checkpoint of N1.5 with the profile's robot, keys and shapes.
    """
    if profile.generation is not Generation.N15:
        raise GrootError(
            f"profile {profile.name!r} is for {profile.generation.value}; only n15 runs in this "
            "process. Run the model's own server and connect to that"
        )
    contract = read_checkpoint(folder, profile.embodiment_tag)
    for finding in check_contract(profile, contract):
        if finding.verdict is Verdict.MISMATCH:
            raise GrootError(f"{contract.source} does not fit profile {profile.name!r}: {finding}")
    return replace(
        contract, language_keys=(profile.language_key,), horizon=contract.horizon or profile.horizon
    )


def load_policy(
    profile: EmbodimentProfile,
    folder: Path,
    transforms: LocalTransforms,
    denoising_steps: int | None,
    device: str,
) -> Any:
    """Load a checkpoint into GR00T's own policy.

    Args:
        profile: The profile.
        folder: The checkpoint.
        transforms: What the policy does to an observation.
        denoising_steps: Steps per answer; None for the checkpoint's own.
        device: PyTorch's name of where it computes.

    Raises:
        GrootError: If GR00T is not installed or refuses the checkpoint.
    """
    policy = import_groot("gr00t.model.policy").Gr00tPolicy
    # GR00T prints while it loads, and this process may print something that others parse.
    with contextlib.redirect_stdout(_LogLines()):
        try:
            return policy(
                # GR00T asks the network for whatever could be a name on Hugging Face; an absolute
                # path could not.
                model_path=str(folder.resolve()),
                embodiment_tag=profile.embodiment_tag,
                modality_config=transforms.modalities,
                modality_transform=transforms.whole,
                denoising_steps=denoising_steps,
                device=device,
            )
        except (OSError, RuntimeError, ValueError, KeyError, AssertionError, TypeError) as err:
            _log.debug("loading failed", exc_info=True)
            raise GrootError(f"GR00T cannot load {folder}: {type(err).__name__}: {err}") from err


class _LogLines:
    """Takes printed text as lines of the log."""

    def write(self, text: str) -> int:
        if text.strip():
            _log.debug("%s", text.rstrip())
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
