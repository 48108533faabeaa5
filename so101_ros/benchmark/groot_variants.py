"""One observation through every variant of GR00T's network."""

# pyright: reportMissingImports=false

import copy
import gc
import time
from collections.abc import Callable
from typing import Any

import torch

from so101_ros.benchmark.groot_timing import Variant, median_ms
from so101_ros.groot.local.fast import collated
from so101_ros.groot.local.observation import batched_observation
from so101_ros.groot.local.provider import LocalProvider, probe_request
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.speed.accelerator import Accelerator
from so101_ros.groot.speed.network_input import NetworkInput
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.speed.self_check import answer_from_same_noise


class GrootVariants:
    """Measure variants of a loaded model with the same observation and the same noise.

    Attributes:
        noise: Where denoising begins.
        float32_actions: What the stock network answers in float32; None on a GPU that is too small.

    Args:
        provider: The model, with nothing optimised.
        profile: The provider's profile.
        report: Gets a line on progress.
    """

    def __init__(
        self, provider: LocalProvider, profile: EmbodimentProfile, report: Callable[[str], None]
    ):
        self._report = report
        self._policy: Any = provider.policy
        self._model: Any = self._policy.model
        request = probe_request(profile, provider.describe())
        stock = self._policy.apply_transforms(batched_observation(profile, request))
        self._embodiment = int(stock["embodiment_id"][0])
        head = self._model.action_head
        shape = torch.Size((1, head.config.action_horizon, head.config.action_dim))
        self._data = NetworkInput(
            tokens=stock["eagle_input_ids"],
            pixels=stock["eagle_pixel_values"].float(),
            state=stock["state"].float(),
            noise=torch.zeros(shape),
        )
        self.float32_actions, noise = self._answer(self._in_float32)
        self.noise = noise.cpu()
        gc.collect()
        torch.cuda.empty_cache()

    def measure_eager(self) -> Variant:
        """Measure the stock network as GR00T's own policy runs it."""
        torch.cuda.reset_peak_memory_stats()
        began_s = time.perf_counter()
        actions, _ = self._answer(lambda: self._stock(self._data))
        first_s = time.perf_counter() - began_s
        return self._finish("eager", actions, first_s, lambda: self._stock(self._data))

    def measure(self, optimize: Optimize) -> Variant:
        """Measure a faster network.

        Args:
            optimize: Which.

        Raises:
            GrootError: If it does not agree with the stock network.
        """
        torch.cuda.reset_peak_memory_stats()
        began_s = time.perf_counter()
        network = Accelerator(self._model, optimize, self._embodiment, self._stock, self._report)
        data = self._data._replace(noise=self.noise)
        actions = network(data).clone()
        first_s = time.perf_counter() - began_s
        return self._finish(optimize.value, actions, first_s, lambda: network(data))

    def _finish(
        self, name: str, actions: torch.Tensor, first_s: float, call: Callable[[], torch.Tensor]
    ) -> Variant:
        time_ms = median_ms(call)
        peak_mib = torch.cuda.max_memory_allocated() / 2**20
        self._report(f"{name}: {time_ms:.2f} ms")
        return Variant(name, actions.cpu(), time_ms, first_s, peak_mib)

    def _stock(self, data: NetworkInput) -> torch.Tensor:
        return self._policy._get_action_from_normalized_input(
            collated(data, self._embodiment)
        ).cpu()

    def _answer(self, stock: Callable[[], Any]) -> tuple[Any, torch.Tensor]:
        device = self._model.action_head.device
        return answer_from_same_noise(self._data.noise.shape, device, stock)

    def _in_float32(self) -> torch.Tensor | None:
        self._report("one answer in float32")
        try:
            model = copy.deepcopy(self._model).float()
            with torch.inference_mode():
                answer = model.get_action(collated(self._data, self._embodiment))
        except torch.cuda.OutOfMemoryError:
            self._report("left out: float32 needs about 20 GiB of GPU memory")
            return None
        return answer["action_pred"].float().cpu()
