"""GR00T's network with everything hoisted that does not depend on the observation."""

# pyright: reportMissingImports=false

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import torch
from torch import nn

from so101_ros.groot.speed.denoising_times import read_times
from so101_ros.groot.speed.embodiment_slot import EmbodimentSlot
from so101_ros.groot.speed.fast_context import FastContext
from so101_ros.groot.speed.fast_language import FastLanguage
from so101_ros.groot.speed.fast_vision import FastVision
from so101_ros.groot.speed.hoisted_dit import HoistedDit
from so101_ros.groot.speed.network_input import NetworkInput
from so101_ros.groot.speed.token_layout import TokenLayout

Wrap = Callable[[MethodType], Callable[..., Any]]


def compiled(stage: MethodType) -> Callable[..., Any]:
    """Compile a stage for its one shape.

    PyTorch counts how often a function was compiled and gives up after a few shapes; so each stage
    gets a function of its own, whose compiled code goes when it goes.

    Args:
        stage: A method of what has the stage's numbers.
    """
    shared = stage.__func__
    own = FunctionType(shared.__code__.replace(), shared.__globals__, shared.__name__)
    return torch.compile(MethodType(own, stage.__self__), fullgraph=True, dynamic=False)


class FastNetwork:
    """The stock network's numbers by a shorter way.

    Args:
        model: The stock model; its weights are shared.
        layout: Where the images are among the tokens.
        embodiment: The embodiment's slot.
        wrap: What is done to each stage: :func:`compiled`, or nothing.

    Raises:
        GrootError: If the model is put together in another way.
    """

    def __init__(
        self,
        model: nn.Module,
        layout: TokenLayout,
        embodiment: int,
        wrap: Wrap = compiled,
    ):
        whole: Any = model
        head = whole.action_head
        with torch.no_grad():
            slot = EmbodimentSlot.read(head, embodiment)
            self._see = wrap(FastVision(whole.backbone.eagle_model).__call__)
            self._read = wrap(FastLanguage(whole.backbone, layout).__call__)
            self._project = wrap(FastContext(head).__call__)
            self._step = wrap(HoistedDit(head, slot).__call__)
            self._times = read_times(head, embodiment)
        self._slot = slot

    def __call__(self, data: NetworkInput) -> torch.Tensor:
        """Compute normalised actions. Shape (1, steps, action dimension).

        Args:
            data: The observation, on the model's device.
        """
        with torch.inference_mode():
            context = self._project(self._read(data.tokens, self._see(data.pixels)))
            state = self.state_token(data.state)
            actions = data.noise
            for times in self._times:
                actions = actions + self._step(actions, state, context, times) / len(self._times)
            return actions

    def state_token(self, state: torch.Tensor) -> torch.Tensor:
        """Embed the joint state.

        Args:
            state: Shape (1, 1, state dimension).

        Returns:
            Shape (1, 1, width), float32.
        """
        return self._slot.embed_state(state)
