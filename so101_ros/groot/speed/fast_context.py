"""What the action head makes of the features once per call: its keys and values."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch

from so101_ros.groot.speed.packed import Dense, Norm, pack
from so101_ros.groot.speed.transformer_block import FeedForward, attend, split_heads


class _Layer(NamedTuple):
    norm: Norm
    qkv: Dense
    out: Dense
    heads: int
    feed: FeedForward


class FastContext:
    """Refine the features and project them for every block that attends to them.

    The stock network projects them again in each denoising step, though they stay the same.

    Args:
        head: The stock action head.
    """

    def __init__(self, head: Any):
        self._norm = Norm.read(head.vlln)
        self._layers = [_read(block) for block in head.vl_self_attention.transformer_blocks]
        blocks = [block.attn1 for block in crossing_blocks(head.model)]
        self._heads: int = blocks[0].heads
        self._parts = 2 * len(blocks)
        self._project = pack([layer for block in blocks for layer in (block.to_k, block.to_v)])

    def __call__(self, features: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Project.

        Args:
            features: Shape (1, tokens, width).

        Returns:
            Keys and values in turn, of every crossing block. Shape (1, heads, tokens, size) each.
        """
        x = self._norm(features)
        for layer in self._layers:
            x = x + layer.out(attend(*split_heads(layer.qkv(layer.norm(x)), 3, layer.heads)))
            x = layer.feed(x)
        return split_heads(self._project(x), self._parts, self._heads)


def crossing_blocks(transformer: Any) -> list[Any]:
    """Blocks of the denoising transformer that attend to the features, not to its own tokens.

    Args:
        transformer: The stock denoising transformer.
    """
    every = 2 if transformer.config.interleave_self_attention else 1
    return list(transformer.transformer_blocks)[::every]


def _read(block: Any) -> _Layer:
    attention = block.attn1
    return _Layer(
        norm=Norm.read(block.norm1),
        qkv=pack([attention.to_q, attention.to_k, attention.to_v]),
        out=pack([attention.to_out[0]]),
        heads=attention.heads,
        feed=FeedForward.read(block),
    )
