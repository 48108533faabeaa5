"""One embodiment's share of the layers that keep weights for thirty-two."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.groot.speed.packed import Dense


class EmbodimentSlot(NamedTuple):
    """Weights of one embodiment, folded where no nonlinearity is between two layers.

    Attributes:
        state: The two layers that embed the state, in float32: they are small, and every error of
            the state is an error of the whole answer.
        act: The first layers of the action's embedding as one; its bias is in the step's times.
        act_out: The last layer of the action's embedding.
        decode: The transformer's last layer and the decoder's first as one.
        decode_out: The decoder's last layer.
    """

    state: tuple[Dense, Dense]
    act: Dense
    act_out: Dense
    decode: Dense
    decode_out: Dense

    @classmethod
    def read(cls, head: Any, embodiment: int) -> "EmbodimentSlot":
        """Take the numbers of a stock action head.

        Args:
            head: The action head.
            embodiment: The embodiment's slot.
        """
        kind, encoder = head.dtype, head.action_encoder
        first, second, third = (_dense(encoder, name, embodiment) for name in ("W1", "W2", "W3"))
        width = first.weight.shape[0]
        decode, decode_out = (
            _dense(head.action_decoder, name, embodiment) for name in ("layer1", "layer2")
        )
        return cls(
            state=(
                _dense(head.state_encoder, "layer1", embodiment),
                _dense(head.state_encoder, "layer2", embodiment),
            ),
            act=Dense(second.weight[:, :width] @ first.weight, None),
            act_out=_to(third, kind),
            decode=_to(_fold(head.model.proj_out_2, decode), kind),
            decode_out=_to(decode_out, kind),
        )

    def embed_state(self, state: torch.Tensor) -> torch.Tensor:
        """Turn the joint state into a token.

        Args:
            state: Shape (1, 1, state dimension).

        Returns:
            Shape (1, 1, width), float32.
        """
        first, second = self.state
        return second(F.relu(first(state)))


def action_times(head: Any, embodiment: int, buckets: torch.Tensor) -> torch.Tensor:
    """What the action's embedding adds to every action at a time, before its nonlinearity.

    Args:
        head: The stock action head.
        embodiment: The embodiment's slot.
        buckets: Times of the denoising steps. Shape (steps,).

    Returns:
        Shape (steps, width), float32.
    """
    encoder = head.action_encoder
    bias = encoder.W1.b[embodiment].detach().float()
    times = encoder.pos_encoding(buckets.unsqueeze(1)).squeeze(1).float()
    return _dense(encoder, "W2", embodiment)(torch.cat([bias.expand(len(times), -1), times], -1))


def _dense(module: Any, name: str, embodiment: int) -> Dense:
    """One slot of a layer, in float32 and as PyTorch's linear layers have it."""
    layer = getattr(module, name)
    return Dense(
        layer.W[embodiment].detach().float().t().contiguous(), layer.b[embodiment].detach().float()
    )


def _fold(inner: Any, outer: Dense) -> Dense:
    weight = outer.weight @ inner.weight.detach().float()
    return Dense(weight, F.linear(inner.bias.detach().float(), outer.weight, outer.bias))


def _to(dense: Dense, kind: torch.dtype) -> Dense:
    return Dense(dense.weight.to(kind), None if dense.bias is None else dense.bias.to(kind))
