"""What changes from call to call of a network whose shapes are fixed."""

# pyright: reportMissingImports=false

from typing import NamedTuple

import torch


class NetworkInput(NamedTuple):
    """Tensors of one observation.

    Attributes:
        tokens: The prompt with its places for images. Shape (1, tokens), int64.
        pixels: Normalised images. Shape (images, 3, height, width), float32.
        state: Normalised and padded joint state. Shape (1, 1, state dimension), float32.
        noise: Where denoising begins. Shape (1, steps, action dimension), float32.
    """

    tokens: torch.Tensor
    pixels: torch.Tensor
    state: torch.Tensor
    noise: torch.Tensor

    def to(self, device: torch.device) -> "NetworkInput":
        """Put all tensors on one device.

        Args:
            device: Where to.
        """
        return NetworkInput(*(tensor.to(device) for tensor in self))
