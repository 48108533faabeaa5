# pyright: reportMissingImports=false

import functools
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks need torch (so101_ros[groot])")

from groot_stand_in import IMAGE_TOKEN, SLOT, StandIn, observation  # noqa: E402
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from so101_ros.errors import GrootError  # noqa: E402
from so101_ros.groot.speed.accelerator import Accelerator  # noqa: E402
from so101_ros.groot.speed.cuda_graph import CudaGraph  # noqa: E402
from so101_ros.groot.speed.gpu_images import GpuImages  # noqa: E402
from so101_ros.groot.speed.network_input import NetworkInput  # noqa: E402
from so101_ros.groot.speed.optimize import Optimize  # noqa: E402
from so101_ros.groot.speed.prompt_cache import PromptCache  # noqa: E402
from so101_ros.groot.speed.self_check import (  # noqa: E402
    answer_from_same_noise,
    refuse_difference,
    refuse_state_difference,
    relative_error,
)
from so101_ros.groot.speed.token_layout import TokenLayout  # noqa: E402


class TestTokenLayout:
    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1))
    def test_runs_are_where_the_images_are(self, parts):
        """Of any mixture of words and images."""
        tokens = [token for is_image, count in parts for token in [7 if is_image else 1] * count]
        if 7 not in tokens:
            with pytest.raises(GrootError, match="no token 7 of an image"):
                TokenLayout.read(tokens, 7)
            return
        layout = TokenLayout.read(tokens, 7)
        assert layout.image_positions == [i for i, token in enumerate(tokens) if token == 7]
        assert layout.length == len(tokens)
        gaps = zip(layout.image_runs, layout.image_runs[1:], strict=False)
        assert all(first[1] < second[0] for first, second in gaps)


class TestPromptCache:
    def test_a_prompt_is_tokenised_once(self):
        """And again after many others came between."""
        asked = []

        def tokenise(prompt):
            asked.append(prompt)
            return torch.tensor([[len(prompt)]]), torch.tensor([[1]])

        cache = PromptCache()
        for prompt in ("None", "lift", "None"):
            assert int(cache.get(prompt, lambda: tokenise(prompt))) == len(prompt)  # noqa: B023
        assert asked == ["None", "lift"]
        for number in range(20):
            cache.get(str(number), lambda: tokenise("x"))
        cache.get("None", lambda: tokenise("None"))
        assert asked.count("None") == 2

    def test_padding_is_refused(self):
        """Graphs leave the mask out."""
        with pytest.raises(GrootError, match="the tokens of 'None' are padded"):
            PromptCache().get("None", lambda: (torch.tensor([[0, 1]]), torch.tensor([[0, 1]])))


class TestSelfCheck:
    def test_an_error_is_measured_without_the_noise(self):
        """Which both networks got, and which would hide it."""
        noise = torch.full((1, 2, 2), 100.0)
        right = noise + 1.0
        assert relative_error(right + 0.1, right, noise) == pytest.approx(0.1, rel=1e-4)

    def test_a_graph_must_be_identical(self):
        """The last bit counts."""
        noise = torch.zeros(1, 2, 2)
        right = torch.ones(1, 2, 2)
        refuse_difference(Optimize.GRAPH, right.clone(), right, noise)
        with pytest.raises(GrootError, match="must be bit-identical"):
            refuse_difference(Optimize.GRAPH, right + 1e-6, right, noise)

    @pytest.mark.parametrize("error, is_accepted", [(0.01, True), (0.05, False)])
    def test_compiled_code_may_round_otherwise(self, error, is_accepted):
        """But not compute otherwise."""
        noise, right = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
        if is_accepted:
            refuse_difference(Optimize.COMPILE, right * (1 + error), right, noise)
            refuse_state_difference(right * (1 + error), right)
            return
        with pytest.raises(GrootError, match=r"5.00% away .* at most 3.0% is allowed"):
            refuse_difference(Optimize.COMPILE, right * (1 + error), right, noise)
        with pytest.raises(GrootError, match=r"embedded state .* 5.00% away"):
            refuse_state_difference(right * (1 + error), right)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_what_is_no_number_is_refused(self, value):
        """Comparisons with NaN are false, whichever way they are written."""
        right = torch.ones(1, 2, 2)
        with pytest.raises(GrootError, match="no finite actions"):
            refuse_difference(Optimize.COMPILE, right * value, right, torch.zeros(1, 2, 2))

    def test_the_noise_of_the_stock_network_is_found_without_a_trace(self):
        """Whoever draws next draws what it would have drawn."""
        torch.manual_seed(5)
        expected = torch.randn(3)
        torch.manual_seed(5)
        drawn, noise = answer_from_same_noise(
            torch.Size((4,)), torch.device("cpu"), lambda: torch.randn(4)
        )
        assert torch.equal(drawn, noise)
        assert torch.equal(torch.randn(3), expected)


class TestAccelerator:
    def make(self, optimize=Optimize.GRAPH, stock=None, capture=None):
        """One of the stand-in, recording nothing; and what it reports."""
        model, lines = StandIn(), []
        captured = []

        def record(network, data):
            captured.append(TokenLayout.read(data.tokens[0].tolist(), IMAGE_TOKEN))
            return network

        accelerator = Accelerator(
            model,
            optimize,
            SLOT,
            stock or (lambda data: model.answer(*data[:3])),
            lines.append,
            capture or record,
        )
        return accelerator, captured, lines

    def test_it_records_once_for_each_layout(self):
        """Another length of the prompt is another graph; other words, noise or states are not."""
        accelerator, captured, lines = self.make()
        for seed, words in ((1, 5), (2, 5), (3, 6), (4, 5)):
            accelerator(NetworkInput(*observation(seed, words)))
        assert [layout.length for layout in captured] == [41, 42]
        assert lines[0] == "preparing optimize=graph for 41 tokens, 2 images"

    def test_another_number_of_steps_is_another_graph(self):
        """It is in the recorded kernels."""
        accelerator, captured, _ = self.make()
        accelerator(NetworkInput(*observation()))
        accelerator._model.action_head.num_inference_timesteps = 2
        with pytest.raises(GrootError, match="away from the stock network"):
            accelerator(NetworkInput(*observation()))  # the stand-in's own answer takes four
        assert len(captured) == 2

    def test_a_network_that_disagrees_is_refused(self):
        """Each time: it is not kept."""
        accelerator, captured, _ = self.make(stock=lambda data: data.noise + 1.0)
        for _ in range(2):
            with pytest.raises(GrootError, match="must be bit-identical"):
                accelerator(NetworkInput(*observation()))
        assert len(captured) == 2

    def test_without_a_gpu_nothing_is_recorded(self):
        """With the reason."""
        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        accelerator, *_ = self.make(capture=CudaGraph)
        with pytest.raises(GrootError, match="needs an NVIDIA GPU, and PyTorch sees none"):
            accelerator(NetworkInput(*observation()))

    def test_any_number_of_layouts_is_compiled(self, monkeypatch):
        """PyTorch gives up on a function that was compiled for eight shapes; each has its own."""
        compile_ = functools.partial(torch.compile, backend="eager")
        monkeypatch.setattr(torch, "compile", compile_)
        accelerator, captured, _ = self.make(Optimize.COMPILE)
        for words in range(2, 12):
            accelerator(NetworkInput(*observation(words=words)))
        assert len(captured) == 10

    @pytest.mark.slow
    @pytest.mark.skipif(shutil.which("g++") is None, reason="compiling for a CPU needs g++")
    def test_compiled_code_agrees(self):
        """The whole of it, as on a GPU but for the graph."""
        accelerator, _, lines = self.make(Optimize.COMPILE)
        data = NetworkInput(*observation())
        actions = accelerator(data)
        other, *_ = self.make()
        assert relative_error(actions, other(data), data.noise) < 1e-4
        assert "compiling; this takes up to two minutes" in lines


class TestGpuImages:
    images = GpuImages(0.95, (224, 224), torch.device("cpu"))

    def levels(self, *pixels):
        """What comes out, in levels of 8 bits; every one must be whole."""
        levels = 127.5 * self.images(pixels).numpy() + 127.5
        assert np.abs(levels - levels.round()).max() < 1e-3
        return levels.round()

    def test_an_even_image_stays(self):
        """Every level, in every colour; interpolating must not lose one."""
        for level in range(0, 256, 5):
            pixels = np.full((224, 224, 3), (level, 255 - level, 7), np.uint8)
            out = self.levels(pixels)
            assert out.shape == (1, 3, 224, 224)
            wanted = np.array((level, 255 - level, 7)).reshape(1, 3, 1, 1)
            assert np.abs(out - wanted).max() <= 1.0

    def test_the_border_is_cut_off(self):
        """2.5 % on each side."""
        pixels = np.zeros((224, 224, 3), np.uint8)
        pixels[6:-6, 6:-6] = 200
        assert self.levels(pixels).min() == 200
        pixels[6, 100] = 0
        assert self.levels(pixels).min() < 200

    def test_it_interpolates_between_the_middles_of_pixels(self):
        """Within a level of a formula in float64."""
        random = np.random.default_rng(3)
        pixels = random.integers(0, 256, (224, 224, 3), np.uint8)
        inner = pixels[6:218, 6:218].astype(float)
        at = (np.arange(224) + 0.5) * 212 / 224 - 0.5
        low = np.clip(np.floor(at).astype(int), 0, 211)
        high, part = np.minimum(low + 1, 211), np.clip(at - np.floor(at), 0, 1)
        part = np.where(at < 0, 0.0, part)
        rows = (1 - part)[:, None, None] * inner[low] + part[:, None, None] * inner[high]
        whole = (1 - part)[None, :, None] * rows[:, low] + part[None, :, None] * rows[:, high]
        out = self.levels(pixels)[0].transpose(1, 2, 0)
        assert np.abs(out - np.floor(whole)).max() <= 1.0
        assert np.mean(out != np.floor(whole)) < 1e-3

    def test_cameras_stay_apart(self):
        """In the order in which they came."""
        first, second = np.zeros((240, 320, 3), np.uint8), np.full((240, 320, 3), 90, np.uint8)
        out = self.levels(first, second)
        assert out[0].max() == 0.0
        assert out[1].min() >= 89.0  # quantising cuts off, as GR00T's own does
