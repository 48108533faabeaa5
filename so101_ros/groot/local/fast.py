"""Requests to a local model by way of the networks of :mod:`so101_ros.groot.speed`."""

# pyright: reportMissingImports=false

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from so101_ros.errors import GrootError
from so101_ros.groot.local.observation import batched_observation, batched_state, read_answer
from so101_ros.groot.local.transforms import CROP, MAX_STATE, SIZE, LocalTransforms, state_keys
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.speed.accelerator import Accelerator
from so101_ros.groot.speed.cuda_graph import CudaGraph
from so101_ros.groot.speed.gpu_images import GpuImages
from so101_ros.groot.speed.network_input import NetworkInput
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.speed.prompt_cache import PromptCache

_ONE_LEVEL = 1.01 / 127.5  # of 8 bits, where pixels go from -1 to 1
_FAR_SHARE = 0.01  # of pixels a level away; rounding moves less than 0.04 %


class LocalFast:
    """GR00T's policy with its slow parts replaced, each compared with the original when first used.

    Args:
        policy: GR00T's own policy, loaded.
        profile: The profile.
        transforms: The policy's transforms.
        optimize: Which network runs instead.
        report: Gets a line on what takes long.
        capture: Records a network; only tests need another one.
    """

    def __init__(
        self,
        policy: Any,
        profile: EmbodimentProfile,
        transforms: LocalTransforms,
        optimize: Optimize,
        report: Callable[[str], object],
        capture: Callable[..., Any] = CudaGraph,
    ):
        self._policy = policy
        self._profile = profile
        self._transforms = transforms
        head = policy.model.action_head
        self._device: torch.device = head.device
        self._noise_shape = (1, head.config.action_horizon, head.config.action_dim)
        self._images = GpuImages(CROP, SIZE, self._device)
        self._prompts = PromptCache()
        self._network = Accelerator(
            policy.model,
            optimize,
            transforms.whole.transforms[-1].get_embodiment_tag(),
            self._stock,
            report,
            capture,
        )

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer a request.

        Args:
            request: The request.

        Raises:
            GrootError: If what replaces GR00T's own way does not agree with it.
        """
        pixels = self._images([request.video[key] for key in self._profile.video])
        state = self._state(request)
        tokens = self._prompts.get(
            request.prompt, lambda: self._compare_and_tokenise(request, pixels, state)
        )
        noise = torch.randn(self._noise_shape, device=self._device)
        actions = self._network(NetworkInput(tokens, pixels, state, noise))
        return read_answer(self._policy.unapply_transforms({"action": actions}), self._profile)

    def _state(self, request: GrootRequest) -> torch.Tensor:
        """Normalise and pad the state. Shape (1, 1, room), float32."""
        data: dict[str, Any] = dict(batched_state(request))
        for transform in self._transforms.state:
            data = transform(data)
        state = torch.cat([data[key] for key in state_keys(self._profile)], dim=-1)
        return F.pad(state, (0, MAX_STATE - state.shape[-1])).float()

    def _compare_and_tokenise(
        self, request: GrootRequest, pixels: torch.Tensor, state: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Let GR00T's transforms do the whole work once. Shape (1, tokens) each."""
        stock = self._policy.apply_transforms(batched_observation(self._profile, request))
        refuse_other_pixels(pixels.cpu(), stock["eagle_pixel_values"].float().cpu())
        if not torch.equal(state, stock["state"].float()):
            raise GrootError("the normalised state is not that of GR00T's transforms")
        return stock["eagle_input_ids"], stock["eagle_attention_mask"]

    def _stock(self, data: NetworkInput) -> torch.Tensor:
        """GR00T's own answer, with noise of its own."""
        return self._policy._get_action_from_normalized_input(
            collated(data, self._transforms.whole.transforms[-1].get_embodiment_tag())
        )


def collated(data: NetworkInput, embodiment: int) -> Mapping[str, torch.Tensor]:
    """Put an observation into the dictionary that the stock model takes.

    Args:
        data: The observation.
        embodiment: The embodiment's slot.
    """
    sides = torch.tensor([list(data.pixels.shape[-2:])] * len(data.pixels))
    return {
        "state": data.state,
        "state_mask": torch.ones_like(data.state, dtype=torch.bool),
        "eagle_pixel_values": data.pixels,
        "eagle_input_ids": data.tokens,
        "eagle_attention_mask": torch.ones_like(data.tokens),
        "eagle_image_sizes": sides,
        "embodiment_id": torch.tensor([embodiment]),
    }


def refuse_other_pixels(pixels: torch.Tensor, stock: torch.Tensor) -> None:
    """Compare prepared images with those of GR00T's transforms.

    Args:
        pixels: What was prepared. Shape (images, 3, height, width).
        stock: What should have been prepared.

    Raises:
        GrootError: If a pixel is more than one level of 8 bits away, or too many are one away.
    """
    if pixels.shape != stock.shape:
        raise GrootError(
            f"the images are {tuple(pixels.shape)}; GR00T's transforms make {tuple(stock.shape)}"
        )
    away = (pixels - stock).abs()
    share = float(np.mean((away > 0.5 * _ONE_LEVEL).numpy()))
    if float(away.max()) > _ONE_LEVEL or share > _FAR_SHARE:
        raise GrootError(
            f"the images are up to {float(away.max()) * 127.5:.1f} levels from those of GR00T's "
            f"transforms, {share:.2%} of them half a level or more"
        )
