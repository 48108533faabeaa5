"""Everything in a denoising step that depends on nothing but its time."""

# pyright: reportMissingImports=false

import copy
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.groot.speed.embodiment_slot import action_times


class StepTimes(NamedTuple):
    """Constants of one denoising step, in float32.

    Attributes:
        action: What the action's embedding adds. Shape (width,).
        scale: Factor of every block's first norm. Shape (blocks, width).
        shift: Offset after every block's first norm. Shape (blocks, width).
        out_scale: Factor of the last norm. Shape (width,).
        out_shift: Offset after the last norm. Shape (width,).
    """

    action: torch.Tensor
    scale: torch.Tensor
    shift: torch.Tensor
    out_scale: torch.Tensor
    out_shift: torch.Tensor


def read_times(head: Any, embodiment: int) -> list[StepTimes]:
    """Compute the constants of all steps.

    Args:
        head: The stock action head.
        embodiment: The embodiment's slot.
    """
    steps = head.num_inference_timesteps
    buckets = torch.tensor(
        [int(step / float(steps) * head.num_timestep_buckets) for step in range(steps)],
        device=head.device,
    )
    actions = action_times(head, embodiment, buckets)
    # In float32: rounding here would be in every token of every step.
    light = F.silu(copy.deepcopy(head.model.timestep_encoder).float()(buckets))
    norms = [_linear(block.norm1.linear, light) for block in head.model.transformer_blocks]
    scale, shift = torch.stack(norms, dim=1).chunk(2, dim=-1)
    out_shift, out_scale = _linear(head.model.proj_out_1, light).chunk(2, dim=-1)
    return [
        StepTimes(
            actions[step], 1.0 + scale[step], shift[step], 1.0 + out_scale[step], out_shift[step]
        )
        for step in range(steps)
    ]


def _linear(layer: Any, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x, layer.weight.detach().float(), layer.bias.detach().float())
