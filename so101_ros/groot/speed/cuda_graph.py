"""A network's kernels, recorded once and launched together from then on."""

# pyright: reportMissingImports=false

from collections.abc import Callable

import torch

from so101_ros.errors import GrootError
from so101_ros.groot.speed.network_input import NetworkInput

Network = Callable[[NetworkInput], torch.Tensor]

_WARM_UPS = 3  # calls until libraries have chosen their kernels and their memory


class CudaGraph:
    """Replay a network for inputs of one shape.

    Args:
        network: What to record; it must not wait for the GPU.
        example: An observation of the shape.

    Raises:
        GrootError: If there is no GPU to record on.
    """

    def __init__(self, network: Network, example: NetworkInput):
        if not torch.cuda.is_available():
            raise GrootError("a CUDA graph needs an NVIDIA GPU, and PyTorch sees none")
        # The recorded kernels read the network's tensors where they are now.
        self._network = network
        self._inputs = NetworkInput(*(tensor.cuda().clone() for tensor in example))
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                network(self._inputs)
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._output = network(self._inputs)

    def __call__(self, data: NetworkInput) -> torch.Tensor:
        """Run the network.

        Args:
            data: An observation of the recorded shape, on any device.

        Returns:
            The network's output, on the CPU.

        Raises:
            GrootError: If a shape is not the recorded one.
        """
        for recorded, given in zip(self._inputs, data, strict=True):
            if recorded.shape != given.shape:
                raise GrootError(
                    f"a graph recorded for {tuple(recorded.shape)} got {tuple(given.shape)}"
                )
            recorded.copy_(given, non_blocking=True)
        self._graph.replay()
        return self._output.cpu()
