# pyright: reportMissingImports=false

import gc
import weakref
from contextlib import nullcontext

import pytest

torch = pytest.importorskip("torch", reason="networks need torch (so101_ros[groot])")

from groot_stand_in import observation  # noqa: E402

from so101_ros.errors import GrootError  # noqa: E402
from so101_ros.groot.speed.cuda_graph import CudaGraph  # noqa: E402
from so101_ros.groot.speed.network_input import NetworkInput  # noqa: E402


class Recorder:
    """In place of CUDA's graphs: a replay computes on what the recorded tensors hold then."""

    def __init__(self):
        self.replays = 0

    def replay(self):
        """Count."""
        self.replays += 1


class Stream:
    """In place of CUDA's streams: all work is done at once."""

    def wait_stream(self, other):
        """Nothing to wait for."""


class Doubling:
    """A network with memory of its own, and a list of what it saw."""

    def __init__(self):
        self.factor = torch.tensor(2.0)
        self.seen = []

    def __call__(self, data):
        """Double the noise."""
        self.seen.append(data)
        return data.noise * self.factor


@pytest.fixture
def _no_gpu(monkeypatch):
    """Let the calls go through on a machine without a GPU; they are not what is tested."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.Tensor, "cuda", lambda tensor: tensor)
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "graph", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Recorder)


@pytest.mark.usefixtures("_no_gpu")
class TestCudaGraph:
    def test_it_keeps_the_network_whose_memory_it_reads(self):
        """Kernels have addresses: freed weights would be read as whatever comes to lie there."""
        network = Doubling()
        alive = weakref.ref(network)
        graph = CudaGraph(network, NetworkInput(*observation()))
        del network
        gc.collect()
        assert alive() is not None
        del graph
        gc.collect()
        assert alive() is None

    def test_what_is_recorded_reads_the_graphs_own_inputs(self):
        """The example's memory belongs to somebody else; warming up comes before recording."""
        network, example = Doubling(), NetworkInput(*observation())
        CudaGraph(network, example)
        assert len(network.seen) > 1
        recorded = network.seen[-1]
        assert all(data is recorded for data in network.seen)
        for own, given in zip(recorded, example, strict=True):
            assert own.data_ptr() != given.data_ptr()
            assert torch.equal(own, given)

    def test_a_call_fills_the_inputs_and_replays(self):
        """All four of them."""
        network = Doubling()
        graph = CudaGraph(network, NetworkInput(*observation()))
        other = NetworkInput(*observation(seed=2))
        graph(other)
        for own, given in zip(network.seen[-1], other, strict=True):
            assert torch.equal(own, given)
        assert vars(graph)["_graph"].replays == 1

    def test_another_shape_is_refused(self):
        """Before anything is copied or broadcast."""
        graph = CudaGraph(Doubling(), NetworkInput(*observation()))
        other = NetworkInput(*observation(words=6))
        with pytest.raises(GrootError, match=r"recorded for \(1, 41\) got \(1, 42\)"):
            graph(other)
