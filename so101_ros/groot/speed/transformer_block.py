"""The blocks of GR00T's action head: attention and feed-forward, each added to what came in."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.groot.speed.packed import Dense, Norm, pack


class FeedForward(NamedTuple):
    """Two linear layers with a GELU between them."""

    norm: Norm
    up: Dense
    down: Dense

    @classmethod
    def read(cls, block: Any) -> "FeedForward":
        """Take the numbers of a stock block.

        Args:
            block: The block.
        """
        return cls(Norm.read(block.norm3), pack([block.ff.net[0].proj]), pack([block.ff.net[2]]))

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Add its output to its input.

        Args:
            x: Shape (1, tokens, width), float32.
        """
        return x + self.down(F.gelu(self.up(self.norm(x)), approximate="tanh"))


def split_heads(x: torch.Tensor, parts: int, heads: int) -> tuple[torch.Tensor, ...]:
    """Take packed projections apart.

    Args:
        x: Shape (batch, tokens, parts * heads * size).
        parts: How many projections were packed.
        heads: Attention heads of each.

    Returns:
        One tensor per part. Shape (batch, heads, tokens, size) each.
    """
    apart = x.reshape(x.shape[0], x.shape[1], parts, heads, -1)
    return tuple(part.transpose(1, 2) for part in apart.unbind(2))


def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, is_causal: bool = False
) -> torch.Tensor:
    """Attend and join the heads.

    Args:
        query: Shape (batch, heads, tokens, size).
        key: Shape (batch, heads or a divisor of them, other tokens, size).
        value: Like the keys.
        is_causal: Whether a token sees only those before it, and itself.

    Returns:
        Shape (batch, tokens, heads * size).
    """
    seen = F.scaled_dot_product_attention(
        query, key, value, is_causal=is_causal, enable_gqa=query.shape[1] != key.shape[1]
    )
    return seen.transpose(1, 2).flatten(2)
