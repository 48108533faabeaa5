"""Faster networks of one model, one for every layout of tokens that came."""

# pyright: reportMissingImports=false

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from so101_ros.groot.speed.cuda_graph import CudaGraph, Network
from so101_ros.groot.speed.fast_network import FastNetwork
from so101_ros.groot.speed.network_input import NetworkInput
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.speed.self_check import (
    answer_from_same_noise,
    refuse_difference,
    refuse_state_difference,
)
from so101_ros.groot.speed.stock_network import StockNetwork
from so101_ros.groot.speed.token_layout import TokenLayout

_KEPT = 4  # recorded graphs; each holds the memory of one call

Capture = Callable[[Network, NetworkInput], Network]
StockAnswer = Callable[[NetworkInput], torch.Tensor]


class Accelerator:
    """Answer in place of a model's own call, once the two were seen to agree.

    Args:
        model: The stock model, on its device.
        optimize: What runs instead.
        embodiment: The embodiment's slot.
        stock: The model's own answer to an observation, but for the noise, which it draws from
            PyTorch's generator.
        report: Gets a line on what takes long.
        capture: Records a network; only tests need another one.
    """

    def __init__(
        self,
        model: nn.Module,
        optimize: Optimize,
        embodiment: int,
        stock: StockAnswer,
        report: Callable[[str], object],
        capture: Capture = CudaGraph,
    ):
        self._model: Any = model
        self._optimize = optimize
        self._embodiment = embodiment
        self._stock = stock
        self._report = report
        self._capture = capture
        self._image_token: int = self._model.backbone.eagle_model.image_token_index
        self._networks: OrderedDict[tuple[Any, ...], Network] = OrderedDict()

    def __call__(self, data: NetworkInput) -> torch.Tensor:
        """Compute normalised actions on the CPU. Shape (1, steps, action dimension).

        Args:
            data: The observation, on any device.

        Raises:
            GrootError: If a new shape's network does not agree with the stock one.
        """
        tokens = tuple(data.tokens[0].tolist())
        layout = TokenLayout.read(tokens, self._image_token)
        key = (layout, tuple(data.pixels.shape), self._model.action_head.num_inference_timesteps)
        if key not in self._networks:
            self._networks[key] = self._make(data, layout)
            while len(self._networks) > _KEPT:
                self._networks.popitem(last=False)
        self._networks.move_to_end(key)
        return self._networks[key](data)

    def _make(self, data: NetworkInput, layout: TokenLayout) -> Network:
        shape = f"{layout.length} tokens, {len(data.pixels)} images"
        self._report(f"preparing optimize={self._optimize.value} for {shape}")
        if self._optimize is Optimize.COMPILE:
            self._report("compiling; this takes up to two minutes")
            network = FastNetwork(self._model, layout, self._embodiment)
            self._check_state(network, data)
        else:
            network = StockNetwork(self._model, layout, self._embodiment)
        recorded = self._capture(network, data)
        self._report("comparing with the stock network")
        stock, noise = answer_from_same_noise(
            data.noise.shape, self._model.action_head.device, lambda: self._stock(data)
        )
        actions = recorded(data._replace(noise=noise))
        refuse_difference(self._optimize, actions.cpu(), stock.cpu(), noise.cpu())
        return recorded

    def _check_state(self, network: FastNetwork, data: NetworkInput) -> None:
        head = self._model.action_head
        state = data.state.to(head.device)
        slot = torch.tensor([self._embodiment], device=head.device)
        with torch.inference_mode():
            stock = head.state_encoder(state.to(head.dtype), slot)
            refuse_state_difference(network.state_token(state), stock)
