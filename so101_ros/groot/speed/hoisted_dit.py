"""One denoising step, with all that stays the same between steps taken from elsewhere."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.groot.speed.denoising_times import StepTimes
from so101_ros.groot.speed.embodiment_slot import EmbodimentSlot
from so101_ros.groot.speed.fast_context import crossing_blocks
from so101_ros.groot.speed.packed import Dense, Norm, pack
from so101_ros.groot.speed.transformer_block import FeedForward, attend, split_heads


class _Block(NamedTuple):
    crosses: bool
    norm: Norm
    project: Dense
    out: Dense
    feed: FeedForward


class HoistedDit:
    """The velocity of the actions at one time.

    Keys and values of the features come from :class:`FastContext`, and what depends on the time
    alone from :func:`read_times`.

    Args:
        head: The stock action head.
        slot: The embodiment's weights.
    """

    def __init__(self, head: Any, slot: EmbodimentSlot):
        transformer = head.model
        crossing = crossing_blocks(transformer)
        self._blocks = [
            _read(block, any(block is each for each in crossing))
            for block in transformer.transformer_blocks
        ]
        self._heads: int = transformer.transformer_blocks[0].attn1.heads
        self._norm_out = Norm.read(transformer.norm_out)
        self._slot = slot
        self._future = head.future_tokens.weight.detach().float().unsqueeze(0)
        self._place = (
            head.position_embedding.weight.detach()[: head.action_horizon].float()
            if head.config.add_pos_embed
            else None
        )

    def __call__(
        self,
        actions: torch.Tensor,
        state: torch.Tensor,
        context: tuple[torch.Tensor, ...],
        times: StepTimes,
    ) -> torch.Tensor:
        """Compute the velocity.

        Args:
            actions: Shape (1, steps, action dimension), float32.
            state: The state's token. Shape (1, 1, width), float32.
            context: Keys and values in turn, of every crossing block.
            times: Constants of this denoising step.

        Returns:
            Shape (1, steps, action dimension), float32.
        """
        x = torch.cat((state, self._future, self._embed(actions, times)), dim=1)
        pairs = iter(zip(context[::2], context[1::2], strict=True))
        for index, block in enumerate(self._blocks):
            light = block.norm(x) * times.scale[index] + times.shift[index]
            if block.crosses:
                (query,) = split_heads(block.project(light), 1, self._heads)
                key, value = next(pairs)
                seen = attend(query, key, value)
            else:
                query, key, value = split_heads(block.project(light), 3, self._heads)
                seen = attend(query, key, value)
            x = block.feed(x + block.out(seen))
        x = self._norm_out(x[:, -actions.shape[1] :]) * times.out_scale + times.out_shift
        return self._slot.decode_out(F.relu(self._slot.decode(x))).float()

    def _embed(self, actions: torch.Tensor, times: StepTimes) -> torch.Tensor:
        """Tokens of the actions. Shape (1, steps, width), float32."""
        x = self._slot.act_out(F.silu(self._slot.act(actions) + times.action)).float()
        return x if self._place is None else x + self._place


def _read(block: Any, crosses: bool) -> _Block:
    attention = block.attn1
    own = [attention.to_q] if crosses else [attention.to_q, attention.to_k, attention.to_v]
    return _Block(
        crosses=crosses,
        norm=Norm.read(block.norm1.norm),
        project=pack(own),
        out=pack([attention.to_out[0]]),
        feed=FeedForward.read(block),
    )
