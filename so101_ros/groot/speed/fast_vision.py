"""The vision model and its projection, with packed weights."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.errors import GrootError
from so101_ros.groot.speed.packed import Dense, Norm, pack
from so101_ros.groot.speed.transformer_block import attend, split_heads


class _Layer(NamedTuple):
    norm1: Norm
    qkv: Dense
    out: Dense
    norm2: Norm
    up: Dense
    down: Dense


class FastVision:
    """Turn images into tokens for the language model.

    Args:
        eagle: The backbone's stock vision-language model.

    Raises:
        GrootError: If it is put together in another way.
    """

    def __init__(self, eagle: Any):
        if eagle.use_pixel_shuffle or eagle.select_layer != -1:
            raise GrootError("the vision model shuffles pixels or is read at an inner layer")
        encoder = eagle.vision_model.vision_model
        convolution = encoder.embeddings.patch_embedding
        self._patch = convolution.kernel_size[0]
        self._embed = Dense(convolution.weight.detach().flatten(1), convolution.bias)
        self._place = encoder.embeddings.position_embedding.weight.detach().float()
        self._layers = [_read(layer) for layer in encoder.encoder.layers]
        self._heads: int = encoder.config.num_attention_heads
        self._norm = Norm.read(encoder.post_layernorm)
        self._project = eagle.mlp1

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Look at images.

        Args:
            pixels: Shape (images, 3, height, width).

        Returns:
            Shape (1, images * patches, language width).
        """
        x = self._embed(self._cut(pixels)).float() + self._place
        for layer in self._layers:
            attention = attend(*split_heads(layer.qkv(layer.norm1(x)), 3, self._heads))
            x = x + layer.out(attention)
            x = x + layer.down(F.gelu(layer.up(layer.norm2(x)), approximate="tanh"))
        seen = self._project(self._norm(x).to(self._embed.weight.dtype))
        return seen.flatten(0, 1).unsqueeze(0)

    def _cut(self, pixels: torch.Tensor) -> torch.Tensor:
        """Patches as rows. Shape (images, patches, 3 * patch * patch)."""
        count, colours, height, width = pixels.shape
        size = self._patch
        grid = pixels.reshape(count, colours, height // size, size, width // size, size)
        return grid.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


def _read(layer: Any) -> _Layer:
    attention = layer.self_attn
    return _Layer(
        norm1=Norm.read(layer.layer_norm1),
        qkv=pack([attention.q_proj, attention.k_proj, attention.v_proj]),
        out=pack([attention.out_proj]),
        norm2=Norm.read(layer.layer_norm2),
        up=pack([layer.mlp.fc1]),
        down=pack([layer.mlp.fc2]),
    )
