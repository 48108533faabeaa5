"""The language model up to the layer that is read, with packed weights and known positions."""

# pyright: reportMissingImports=false

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from so101_ros.errors import GrootError
from so101_ros.groot.speed.packed import Dense, pack
from so101_ros.groot.speed.token_layout import TokenLayout
from so101_ros.groot.speed.transformer_block import attend


class _RootMeanSquare(NamedTuple):
    weight: torch.Tensor
    epsilon: float

    @classmethod
    def read(cls, norm: Any) -> "_RootMeanSquare":
        return cls(norm.weight.detach().float(), norm.variance_epsilon)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float()
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.weight


class _Layer(NamedTuple):
    norm1: _RootMeanSquare
    qkv: Dense
    query_norm: _RootMeanSquare
    key_norm: _RootMeanSquare
    out: Dense
    norm2: _RootMeanSquare
    gate_up: Dense
    down: Dense


class FastLanguage:
    """Read a prompt with the images in their places.

    Args:
        backbone: The stock backbone.
        layout: Where the images are among the tokens.

    Raises:
        GrootError: If it is put together in another way.
    """

    def __init__(self, backbone: Any, layout: TokenLayout):
        decoder = backbone.eagle_model.language_model.model
        if backbone.select_layer != len(decoder.layers):
            raise GrootError(
                f"the language model is read at layer {backbone.select_layer} of "
                f"{len(decoder.layers)}; only its end is known"
            )
        config = decoder.config
        self._embedding = decoder.embed_tokens.weight.detach()
        self._layers = [_read(layer) for layer in decoder.layers]
        self._norm = _RootMeanSquare.read(decoder.norm)
        self._project = backbone.eagle_linear
        self._size: int = decoder.layers[0].self_attn.head_dim
        self._heads: tuple[int, int] = (config.num_attention_heads, config.num_key_value_heads)
        self._runs = layout.image_runs
        self._cosine, self._sine = _rotation(decoder, layout.length)

    def __call__(self, tokens: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """Read.

        Args:
            tokens: Shape (1, tokens), int64.
            images: What the image tokens are instead. Shape (1, image tokens, width).

        Returns:
            Features. Shape (1, tokens, width).
        """
        x = self._place(F.embedding(tokens, self._embedding), images).float()
        for layer in self._layers:
            x = x + layer.out(self._attend(layer, layer.qkv(layer.norm1(x))))
            gate, up = layer.gate_up(layer.norm2(x)).chunk(2, dim=-1)
            x = x + layer.down(F.silu(gate) * up)
        return self._project(self._norm(x).to(self._embedding.dtype))

    def _place(self, words: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """Put the images between the words. Shape (1, tokens, width)."""
        parts, end, used = [], 0, 0
        for start, stop in self._runs:
            parts += [words[:, end:start], images[:, used : used + stop - start]]
            end, used = stop, used + stop - start
        return torch.cat([*parts, words[:, end:]], dim=1)

    def _attend(self, layer: _Layer, qkv: torch.Tensor) -> torch.Tensor:
        heads, shared = self._heads
        apart = qkv.unflatten(-1, (heads + 2 * shared, self._size))
        query, key, value = apart.split((heads, shared, shared), dim=2)
        query, key = (
            self._turn(norm(part)).to(qkv.dtype).transpose(1, 2)
            for norm, part in ((layer.query_norm, query), (layer.key_norm, key))
        )
        return attend(query, key, value.transpose(1, 2), is_causal=True)

    def _turn(self, x: torch.Tensor) -> torch.Tensor:
        """Rotate by position."""
        first, second = x.chunk(2, dim=-1)
        return x * self._cosine + torch.cat((-second, first), dim=-1) * self._sine


def _read(layer: Any) -> _Layer:
    attention, mlp = layer.self_attn, layer.mlp
    return _Layer(
        norm1=_RootMeanSquare.read(layer.input_layernorm),
        qkv=pack([attention.q_proj, attention.k_proj, attention.v_proj]),
        query_norm=_RootMeanSquare.read(attention.q_norm),
        key_norm=_RootMeanSquare.read(attention.k_norm),
        out=pack([attention.o_proj]),
        norm2=_RootMeanSquare.read(layer.post_attention_layernorm),
        gate_up=pack([mlp.gate_proj, mlp.up_proj]),
        down=pack([mlp.down_proj]),
    )


def _rotation(decoder: Any, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine by position. Shape (1, length, 1, head size) each, float32."""
    device = decoder.embed_tokens.weight.device
    positions = torch.arange(length, device=device).unsqueeze(0)
    cosine, sine = decoder.rotary_emb(torch.zeros(1, device=device), positions)
    return cosine.unsqueeze(2), sine.unsqueeze(2)
