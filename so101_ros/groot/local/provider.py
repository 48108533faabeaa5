"""A GR00T N1.5 checkpoint that answers in this process."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.local.checkpoint import check_checkpoint, load_policy
from so101_ros.groot.local.lazy_import import import_groot
from so101_ros.groot.local.observation import batched_observation, read_answer
from so101_ros.groot.local.transforms import LocalTransforms
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.wire.request_check import check_request

_log = logging.getLogger(__name__)

Report = Callable[[str], object]


@dataclass(frozen=True)
class LocalOptions:
    """How a local model runs.

    Attributes:
        optimize: What runs in place of the stock network.
        denoising_steps: Steps per answer; None for the checkpoint's own, which is 4 as released.
        device: PyTorch's name of where it computes.
        seed: Makes the noise, and so the answers, the same in every run; None for fresh noise.
    """

    optimize: Optimize = Optimize.NONE
    denoising_steps: int | None = None
    device: str = "cuda"
    seed: int | None = None


class LocalProvider:
    """Answer with a model in this process, from one thread at a time.

    Args:
        profile: What the checkpoint was trained with.
        checkpoint: Its folder.
        options: How it runs.
        report: Gets a line on what takes long: loading, compiling, comparing.

    Raises:
        GrootError: If the checkpoint does not fit the profile, or GR00T is not installed.
    """

    def __init__(
        self,
        profile: EmbodimentProfile,
        checkpoint: Path,
        options: LocalOptions | None = None,
        report: Report = _log.info,
    ):
        options = options or LocalOptions()
        self._profile = profile
        self._report = report
        self._device = options.device
        self._contract = check_checkpoint(profile, checkpoint)
        report("importing GR00T")
        check_device(options.device)
        transforms = LocalTransforms.make(profile)
        report(f"loading {checkpoint}")
        self._policy: Any = load_policy(
            profile, checkpoint, transforms, options.denoising_steps, options.device
        )
        self._fast: Any = None
        if options.optimize is not Optimize.NONE:
            self._prepare(transforms, options.optimize)
        report("first answer")
        self.infer(probe_request(profile, self._contract))
        if options.seed is not None:
            import_groot("torch").manual_seed(options.seed)

    def describe(self) -> ModelContract:
        """Tell what the checkpoint insists on."""
        return self._contract

    @property
    def policy(self) -> Any:
        """GR00T's own policy, for measurements; None once closed."""
        return self._policy

    @property
    def is_fast(self) -> bool:
        """Whether something faster than the stock network answers."""
        return self._fast is not None

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer one observation.

        Args:
            request: The observation.

        Returns:
            Absolute targets in the model's units, by action key. Shape (steps, dimension) each.

        Raises:
            GrootError: If the request does not fit the model, or the model fails.
        """
        if self._policy is None:
            raise GrootError("this model was closed; load it again")
        check_request(request, self._contract)
        if self._fast is not None:
            try:
                return self._fast.infer(request)
            except Exception as err:  # whatever it is: the stock network still answers
                self._fall_back(err)
        return self._infer_stock(request)

    def close(self) -> None:
        """Let go of the model and its memory."""
        self._policy = self._fast = None
        if self._device.startswith("cuda"):
            import_groot("torch").cuda.empty_cache()

    def _prepare(self, transforms: LocalTransforms, optimize: Optimize) -> None:
        from so101_ros.groot.local.fast import LocalFast

        try:
            self._fast = LocalFast(
                self._policy, self._profile, transforms, optimize, report=self._report
            )
        except Exception as err:  # a model that is put together in another way, say
            self._fall_back(err)

    def _fall_back(self, err: Exception) -> None:
        self._fast = None
        _log.debug("the faster network failed", exc_info=err)
        _log.warning(
            "optimize is off, the stock network answers from now on: %s: %s",
            type(err).__name__,
            err,
        )

    def _infer_stock(self, request: GrootRequest) -> GrootAnswer:
        try:
            answer = self._policy.get_action(batched_observation(self._profile, request))
        except (RuntimeError, ValueError, AssertionError, KeyError, TypeError) as err:
            raise GrootError(f"GR00T failed: {type(err).__name__}: {err}") from err
        return read_answer(answer, self._profile)


def check_device(device: str) -> None:
    """Refuse a device that is not there before the slow load.

    Args:
        device: PyTorch's name of it.

    Raises:
        GrootError: If PyTorch does not see it.
    """
    if not device.startswith("cuda"):
        return
    torch = import_groot("torch")
    if not torch.cuda.is_available():
        raise GrootError(
            f"--device {device} needs an NVIDIA GPU, and PyTorch {torch.__version__} sees none. "
            "Look at nvidia-smi, or take --device cpu, which needs minutes for an answer"
        )


def probe_request(profile: EmbodimentProfile, contract: ModelContract) -> GrootRequest:
    """Make up an observation for warming up and comparing; a grey one would hide differences.

    Args:
        profile: The profile.
        contract: Says which states the model knows.
    """
    random = np.random.default_rng(0)
    return GrootRequest(
        video={
            key: random.integers(0, 256, (each.size[1], each.size[0], 3), np.uint8)
            for key, each in profile.video.items()
        },
        state={
            key: random.uniform(span.low, span.high).astype(np.float32)
            for key, span in contract.state_range.items()
        },
        prompt=profile.prompt,
    )
