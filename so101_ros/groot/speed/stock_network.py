"""GR00T's own modules from tokens and pixels to actions, with nothing that stops a capture."""

# pyright: reportMissingImports=false

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from so101_ros.groot.speed.dead_work import without_pooling
from so101_ros.groot.speed.network_input import NetworkInput
from so101_ros.groot.speed.token_layout import TokenLayout

COMPUTE_TYPE = torch.bfloat16
"""What GR00T's own policy lets autocast compute in."""


class StockNetwork:
    """The call of the stock model, kernel for kernel, without its dead work.

    The stock call waits for the GPU three times: to find the image tokens, to see that no token is
    padding, and to read the noise's shape. Here all three are known beforehand.

    Args:
        model: The stock model.
        layout: Where the images are among the tokens.
        embodiment: The embodiment's slot.
    """

    def __init__(self, model: nn.Module, layout: TokenLayout, embodiment: int):
        self._model: Any = model
        self._eagle = self._model.backbone.eagle_model
        device = next(model.parameters()).device
        self._image_positions = torch.tensor(layout.image_positions, device=device)
        self._embodiment = torch.tensor([embodiment], device=device)

    def __call__(self, data: NetworkInput) -> torch.Tensor:
        """Compute normalised actions. Shape (1, steps, action dimension).

        Args:
            data: The observation, on the model's device.
        """
        kind = data.pixels.device.type
        with (
            torch.inference_mode(),
            # What autocast keeps between calls would be memory that a replay does not fill.
            torch.autocast(kind, COMPUTE_TYPE, enabled=kind == "cuda", cache_enabled=False),
            without_pooling(self._eagle.vision_model),
        ):
            return self._denoise(self._see_and_read(data), data).float()

    def _see_and_read(self, data: NetworkInput) -> torch.Tensor:
        """Features of images and prompt. Shape (1, tokens, width)."""
        backbone, kind = self._model.backbone, self._model.action_head.dtype
        embeds = self._eagle.language_model.get_input_embeddings()(data.tokens)
        batch, length, width = embeds.shape
        embeds = embeds.reshape(-1, width)
        images = self._eagle.extract_feature(data.pixels.to(kind)).reshape(-1, width)
        at = self._image_positions
        embeds[at] = embeds[at] * 0.0 + images
        decoded = self._eagle.language_model.model(
            inputs_embeds=embeds.reshape(batch, length, width),
            attention_mask=None,
            output_hidden_states=True,
            use_cache=False,
        )
        return backbone.eagle_linear(decoded.hidden_states[backbone.select_layer])

    def _denoise(self, features: torch.Tensor, data: NetworkInput) -> torch.Tensor:
        head = self._model.action_head
        features = head.vl_self_attention(head.vlln(features))
        state = head.state_encoder(data.state.to(head.dtype), self._embodiment)
        future = head.future_tokens.weight.unsqueeze(0)
        actions = data.noise.to(features.dtype)
        steps = head.num_inference_timesteps
        for step in range(steps):
            time = torch.full((1,), self._bucket(step), device=features.device)
            moves = self._embed(actions, time)
            hidden = head.model(
                hidden_states=torch.cat((state, future, moves), dim=1),
                encoder_hidden_states=features,
                timestep=time,
            )
            velocity = head.action_decoder(hidden, self._embodiment)[:, -head.action_horizon :]
            actions = actions + (1.0 / steps) * velocity
        return actions

    def _bucket(self, step: int) -> int:
        """The time of a denoising step, as the network was trained to read it."""
        head = self._model.action_head
        return int(step / float(head.num_inference_timesteps) * head.num_timestep_buckets)

    def _embed(self, actions: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        head = self._model.action_head
        moves = head.action_encoder(actions, time, self._embodiment)
        if not head.config.add_pos_embed:
            return moves
        places = torch.arange(moves.shape[1], dtype=torch.long, device=moves.device)
        return moves + F.embedding(places, head.position_embedding.weight).unsqueeze(0)
