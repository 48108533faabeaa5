"""Weights of several layers as one, and norms in float32."""

# pyright: reportMissingImports=false

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn


class Dense(NamedTuple):
    """A linear layer's numbers.

    Attributes:
        weight: Shape (outputs, inputs).
        bias: Shape (outputs,); None for none.
    """

    weight: torch.Tensor
    bias: torch.Tensor | None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply in the weights' type.

        Args:
            x: Shape (..., inputs).
        """
        return F.linear(x.to(self.weight.dtype), self.weight, self.bias)


class Norm(NamedTuple):
    """A layer norm's numbers.

    Attributes:
        width: Over how many numbers it goes.
        weight: Shape (width,); None for ones.
        bias: Shape (width,); None for zeros.
        epsilon: Keeps the division finite.
    """

    width: int
    weight: torch.Tensor | None
    bias: torch.Tensor | None
    epsilon: float

    @classmethod
    def read(cls, norm: nn.LayerNorm) -> "Norm":
        """Take the numbers of a stock layer.

        Args:
            norm: The layer.
        """
        weight, bias = (None if part is None else part.float() for part in (norm.weight, norm.bias))
        return cls(norm.normalized_shape[0], weight, bias, norm.eps)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise in float32.

        Args:
            x: Shape (..., width).
        """
        return F.layer_norm(x.float(), (self.width,), self.weight, self.bias, self.epsilon)


def pack(layers: Sequence[nn.Linear]) -> Dense:
    """Put linear layers of the same input into one; each goes on as a view of it.

    Args:
        layers: Linear layers; all of them with a bias, or none.

    Returns:
        All their outputs, one after the other.
    """
    weight = _share([layer.weight for layer in layers])
    biases = [layer.bias for layer in layers]
    return Dense(weight, None if biases[0] is None else _share(biases))


def _share(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Join tensors and let them be views of what they are joined in, so that nothing is twice."""
    if len(parts) == 1:
        return parts[0].detach()
    whole = torch.cat([part.detach() for part in parts])
    for part, view in zip(parts, whole.split([len(part) for part in parts]), strict=True):
        part.data = view
    return whole
