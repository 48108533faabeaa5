"""A small network put together like GR00T N1.5's: the same modules by the same names.

It is written from the network's description, without packing or hoisting anything, and is no copy
of NVIDIA's code; where that is installed, the tests run on it as well.
"""

# Methods are named by what they stand in for.
# ruff: noqa: D102
# To type checkers every attribute of a module is a tensor or another module.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportIndexIssue=false, reportArgumentType=false, reportGeneralTypeIssues=false

import math
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

IMAGE_TOKEN = 90
SLOT = 3
"""The embodiment of the tests; all slots have other weights."""

_VISION, _WORDS, _WIDTH = 24, 32, 48
_HEADS, _STEPS, _ACTIONS, _STATES, _SLOTS = 4, 8, 5, 6, 6
_PATCH, _SIDE = 7, 28


def attention(query: Any, key: Any, value: Any, heads: int, *, is_causal: bool = False) -> Any:
    """Attention, written out."""
    parts = [x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (query, key, value)]
    weights = parts[0] @ parts[1].transpose(-1, -2) / math.sqrt(parts[0].shape[-1])
    if is_causal:
        length = weights.shape[-1]
        weights = weights + torch.full((length, length), -torch.inf).triu(1)
    return (weights.softmax(-1) @ parts[2]).transpose(1, 2).flatten(2)


class Vision(nn.Module):
    """Patches, two layers, and a pooling head that nobody needs."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.patch_embedding = nn.Conv2d(3, _VISION, _PATCH, _PATCH)
        self.embeddings.position_embedding = nn.Embedding((_SIDE // _PATCH) ** 2, _VISION)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(VisionLayer() for _ in range(2))
        self.config = SimpleNamespace(num_attention_heads=_HEADS)
        self.post_layernorm = nn.LayerNorm(_VISION, eps=1e-6)
        self.use_head = True
        self.pooled = 0

    def forward(self, pixels: Any) -> Any:
        x = self.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        x = x + self.embeddings.position_embedding.weight
        for layer in self.encoder.layers:
            x = layer(x)
        self.pooled += self.use_head
        return self.post_layernorm(x)


class VisionLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(_VISION), nn.LayerNorm(_VISION)
        self.self_attn, self.mlp = nn.Module(), nn.Module()
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self.self_attn, name, nn.Linear(_VISION, _VISION))
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(_VISION, 40), nn.Linear(40, _VISION)

    def forward(self, x: Any) -> Any:
        part, y = self.self_attn, self.layer_norm1(x)
        x = x + part.out_proj(attention(part.q_proj(y), part.k_proj(y), part.v_proj(y), _HEADS))
        hidden = F.gelu(self.mlp.fc1(self.layer_norm2(x)), approximate="tanh")
        return x + self.mlp.fc2(hidden)


class RootMeanSquare(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.variance_epsilon = nn.Parameter(torch.ones(width)), 1e-6

    def forward(self, x: Any) -> Any:
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.variance_epsilon).sqrt()


class Rotation(nn.Module):
    def forward(self, x: Any, positions: Any) -> Any:
        half = 100.0 ** (-torch.arange(4) / 4)
        angles = (positions.unsqueeze(-1) * half).repeat(1, 1, 2)
        return angles.cos(), angles.sin()


def turn(x: Any, cosine: Any, sine: Any, heads: int) -> Any:
    """Rotate the two halves of every head by position."""
    first, second = x.unflatten(-1, (heads, -1)).chunk(2, -1)
    c, s = cosine.unsqueeze(2).chunk(2, -1)[0], sine.unsqueeze(2).chunk(2, -1)[0]
    return torch.cat((first * c - second * s, second * c + first * s), -1).flatten(2)


class WordLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = (
            RootMeanSquare(_WORDS),
            RootMeanSquare(_WORDS),
        )
        part = self.self_attn = nn.Module()
        part.head_dim = 8
        part.q_proj, part.o_proj = nn.Linear(_WORDS, 32, bias=False), nn.Linear(32, _WORDS, False)
        part.k_proj, part.v_proj = nn.Linear(_WORDS, 16, bias=False), nn.Linear(_WORDS, 16, False)
        part.q_norm, part.k_norm = RootMeanSquare(8), RootMeanSquare(8)
        self.mlp = nn.Module()
        self.mlp.gate_proj, self.mlp.up_proj = (
            nn.Linear(_WORDS, 44, bias=False),
            nn.Linear(_WORDS, 44, bias=False),
        )
        self.mlp.down_proj = nn.Linear(44, _WORDS, bias=False)

    def forward(self, x: Any, cosine: Any, sine: Any) -> Any:
        part, mlp, y = self.self_attn, self.mlp, self.input_layernorm(x)
        query = part.q_norm(part.q_proj(y).unflatten(-1, (4, 8))).flatten(2)
        key = part.k_norm(part.k_proj(y).unflatten(-1, (2, 8))).flatten(2)
        key, value = turn(key, cosine, sine, 2), part.v_proj(y)
        key, value = (
            z.unflatten(-1, (2, 8)).repeat_interleave(2, dim=2).flatten(2) for z in (key, value)
        )
        seen = attention(turn(query, cosine, sine, 4), key, value, 4, is_causal=True)
        x = x + part.o_proj(seen)
        y = self.post_attention_layernorm(x)
        return x + mlp.down_proj(F.silu(mlp.gate_proj(y)) * mlp.up_proj(y))


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(100, _WORDS)
        self.layers = nn.ModuleList(WordLayer() for _ in range(3))
        self.norm, self.rotary_emb = RootMeanSquare(_WORDS), Rotation()
        self.config = SimpleNamespace(num_attention_heads=4, num_key_value_heads=2)

    def forward(
        self, inputs_embeds: Any, attention_mask: Any, output_hidden_states: bool, use_cache: bool
    ) -> Any:
        assert output_hidden_states and not use_cache and attention_mask is None
        x, states = inputs_embeds, [inputs_embeds]
        turns = self.rotary_emb(x, torch.arange(x.shape[1]).unsqueeze(0))
        for layer in self.layers:
            x = layer(x, *turns)
            states.append(x)
        return SimpleNamespace(hidden_states=[*states[:-1], self.norm(x)])


class Eagle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.use_pixel_shuffle, self.select_layer = False, -1
        self.image_token_index = IMAGE_TOKEN
        self.vision_model, self.language_model = nn.Module(), nn.Module()
        self.vision_model.vision_model = Vision()
        self.mlp1 = nn.Sequential(nn.Linear(_VISION, _WORDS))
        self.language_model.model = Decoder()
        self.language_model.get_input_embeddings = lambda: self.language_model.model.embed_tokens

    def extract_feature(self, pixels: Any) -> Any:
        return self.mlp1(self.vision_model.vision_model(pixels))


class Attention(nn.Module):
    def __init__(self, width: int, other: int) -> None:
        super().__init__()
        self.heads = _HEADS
        self.to_q, self.to_k = nn.Linear(width, width), nn.Linear(other, width)
        self.to_v, self.to_out = nn.Linear(other, width), nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Any, other: Any) -> Any:
        return self.to_out[0](
            attention(self.to_q(x), self.to_k(other), self.to_v(other), self.heads)
        )


class TimedNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 2 * width)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)

    def forward(self, x: Any, time: Any) -> Any:
        scale, shift = self.linear(F.silu(time)).chunk(2, 1)
        return self.norm(x) * (1 + scale[:, None]) + shift[:, None]


class Block(nn.Module):
    def __init__(self, width: int, other: int, norm: nn.Module) -> None:
        super().__init__()
        self.norm1, self.attn1 = norm, Attention(width, other)
        self.norm3 = nn.LayerNorm(width, elementwise_affine=isinstance(norm, nn.LayerNorm))
        self.ff = nn.Module()
        up = nn.Module()
        up.proj = nn.Linear(width, 2 * width)
        self.ff.net = nn.ModuleList([up, nn.Identity(), nn.Linear(2 * width, width)])

    def forward(self, x: Any, other: Any = None, *time: Any) -> Any:
        y = self.norm1(x, *time)
        x = x + self.attn1(y, y if other is None else other)
        hidden = F.gelu(self.ff.net[0].proj(self.norm3(x)), approximate="tanh")
        return x + self.ff.net[2](hidden)


class Refine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.transformer_blocks = nn.ModuleList(
            Block(_WORDS, _WORDS, nn.LayerNorm(_WORDS)) for _ in range(2)
        )

    def forward(self, x: Any) -> Any:
        for block in self.transformer_blocks:
            x = block(x)
        return x


class Times(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, _WIDTH), nn.SiLU(), nn.Linear(_WIDTH, _WIDTH))

    def forward(self, buckets: Any) -> Any:
        at = buckets.float() / 300.0
        return self.layers(torch.stack([at.sin(), at.cos()], -1))


class Denoiser(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(interleave_self_attention=True)
        self.timestep_encoder = Times()
        self.transformer_blocks = nn.ModuleList(
            Block(_WIDTH, _WIDTH if index % 2 else _WORDS, TimedNorm(_WIDTH)) for index in range(4)
        )
        self.norm_out = nn.LayerNorm(_WIDTH, elementwise_affine=False, eps=1e-6)
        self.proj_out_1, self.proj_out_2 = nn.Linear(_WIDTH, 2 * _WIDTH), nn.Linear(_WIDTH, 20)

    def forward(self, hidden_states: Any, encoder_hidden_states: Any, timestep: Any) -> Any:
        x, time = hidden_states, self.timestep_encoder(timestep)
        for index, block in enumerate(self.transformer_blocks):
            x = block(x, None if index % 2 else encoder_hidden_states, time)
        shift, scale = self.proj_out_1(F.silu(time)).chunk(2, 1)
        return self.proj_out_2(self.norm_out(x) * (1 + scale[:, None]) + shift[:, None])


class Slots(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.randn(_SLOTS, inputs, outputs) / math.sqrt(inputs))
        self.b = nn.Parameter(torch.randn(_SLOTS, outputs))

    def forward(self, x: Any, slot: Any) -> Any:
        return x @ self.W[slot] + self.b[slot].unsqueeze(1)


class Pair(nn.Module):
    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        self.layer1, self.layer2 = Slots(inputs, inner), Slots(inner, outputs)

    def forward(self, x: Any, slot: Any) -> Any:
        return self.layer2(F.relu(self.layer1(x, slot)), slot)


class ActionEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.W1, self.W2 = Slots(_ACTIONS, _WIDTH), Slots(2 * _WIDTH, _WIDTH)
        self.W3 = Slots(_WIDTH, _WIDTH)

    def pos_encoding(self, times: Any) -> Any:
        angles = times.float().unsqueeze(-1) * 0.01 ** torch.linspace(0, 1, _WIDTH // 2)
        return torch.cat([angles.sin(), angles.cos()], -1)

    def forward(self, actions: Any, time: Any, slot: Any) -> Any:
        times = self.pos_encoding(time.unsqueeze(1).expand(-1, actions.shape[1]))
        x = torch.cat([self.W1(actions, slot), times], -1)
        return self.W3(F.silu(self.W2(x, slot)), slot)


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(
            add_pos_embed=True, action_horizon=_STEPS, action_dim=_ACTIONS
        )
        self.action_horizon, self.num_inference_timesteps = _STEPS, 4
        self.num_timestep_buckets = 1000
        self.vlln, self.vl_self_attention, self.model = nn.LayerNorm(_WORDS), Refine(), Denoiser()
        self.state_encoder, self.action_encoder = Pair(_STATES, 16, _WIDTH), ActionEncoder()
        self.action_decoder = Pair(20, 20, _ACTIONS)
        self.future_tokens = nn.Embedding(3, _WIDTH)
        self.position_embedding = nn.Embedding(50, _WIDTH)

    @property
    def dtype(self) -> torch.dtype:
        return self.vlln.weight.dtype

    @property
    def device(self) -> torch.device:
        return self.vlln.weight.device


class StandIn(nn.Module):
    """The whole network; answers with noise of its own, as GR00T does."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.backbone = nn.Module()
        self.backbone.eagle_model, self.backbone.eagle_linear = Eagle(), nn.Identity()
        self.backbone.select_layer = 3
        self.action_head = Head()
        for parameter in self.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.1 * torch.randn_like(parameter)
        self.eval()

    @torch.inference_mode()
    def answer(self, tokens: Any, pixels: Any, state: Any) -> Any:
        """Compute actions as a network does that nobody has made faster."""
        eagle, head = self.backbone.eagle_model, self.action_head
        x = eagle.language_model.model.embed_tokens(tokens)
        x[tokens == IMAGE_TOKEN] = eagle.extract_feature(pixels).flatten(0, 1)
        read = eagle.language_model.model(x, None, output_hidden_states=True, use_cache=False)
        features = read.hidden_states[self.backbone.select_layer]
        features = head.vl_self_attention(head.vlln(features))
        slot = torch.tensor([SLOT])
        own = torch.cat((head.state_encoder(state, slot), head.future_tokens.weight[None]), 1)
        actions = torch.randn(1, _STEPS, _ACTIONS)
        for bucket in (0, 250, 500, 750):
            time = torch.tensor([bucket])
            moves = head.action_encoder(actions, time, slot)
            moves = moves + head.position_embedding.weight[:_STEPS]
            hidden = head.model(torch.cat((own, moves), 1), features, time)
            actions = actions + head.action_decoder(hidden, slot)[:, -_STEPS:] / 4
        return actions


def observation(seed: int = 1, words: int = 5) -> tuple[Any, Any, Any, Any]:
    """Tokens, pixels, state and noise for the stand-in."""
    random = torch.Generator().manual_seed(seed)
    images = [IMAGE_TOKEN] * 16
    text = torch.randint(0, 80, (words + 4,), generator=random).tolist()
    tokens = torch.tensor([[*text[:2], *images, *text[2:4], *images, *text[4:]]])
    return (
        tokens,
        2.0 * torch.rand(2, 3, _SIDE, _SIDE, generator=random) - 1.0,
        torch.randn(1, 1, _STATES, generator=random),
        torch.randn(1, _STEPS, _ACTIONS, generator=random),
    )
