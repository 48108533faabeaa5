# pyright: reportMissingImports=false

import pytest

torch = pytest.importorskip("torch", reason="networks need torch (so101_ros[groot])")

from groot_stand_in import IMAGE_TOKEN, SLOT, StandIn, observation  # noqa: E402

from so101_ros.errors import GrootError  # noqa: E402
from so101_ros.groot.speed.fast_network import FastNetwork  # noqa: E402
from so101_ros.groot.speed.network_input import NetworkInput  # noqa: E402
from so101_ros.groot.speed.self_check import (  # noqa: E402
    answer_from_same_noise,
    relative_error,
)
from so101_ros.groot.speed.stock_network import StockNetwork  # noqa: E402
from so101_ros.groot.speed.token_layout import TokenLayout  # noqa: E402

ROUNDING = 1e-5  # float32, a few hundred layers


def plain(stage):
    """Compile nothing."""
    return stage


def answer(model, data: NetworkInput):
    """The network's own answer, and the same observation with the noise that it drew."""
    actions, noise = answer_from_same_noise(
        data.noise.shape, torch.device("cpu"), lambda: model.answer(*data[:3])
    )
    return actions, data._replace(noise=noise)


def layout_of(data: NetworkInput) -> TokenLayout:
    """Where the images of an observation are."""
    return TokenLayout.read(data.tokens[0].tolist(), IMAGE_TOKEN)


@pytest.fixture
def model():
    """A network of its own for every test."""
    return StandIn()


@pytest.fixture
def data():
    """An observation for it."""
    return NetworkInput(*observation())


def test_the_stock_modules_without_waiting_give_the_same_numbers(model, data):
    """Bit for bit: known positions and a left-out mask change no arithmetic."""
    actions, data = answer(model, data)
    assert float((actions - data.noise).norm()) > 1.0  # there is something to be wrong about
    assert torch.equal(StockNetwork(model, layout_of(data), SLOT)(data), actions)


@pytest.mark.parametrize("seed", range(5))
def test_hoisting_changes_nothing_but_rounding(seed):
    """In float32, for other weights and observations each time."""
    model = StandIn(seed)
    actions, data = answer(model, NetworkInput(*observation(seed)))
    fast = FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    assert relative_error(fast(data), actions, data.noise) < ROUNDING


def test_the_state_has_the_same_effect(model, data):
    """What a state changes is compared by itself: beside the images it may be little."""
    fast = FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    actions, data = answer(model, data)
    other, other_data = answer(model, data._replace(state=-data.state))
    effect = fast(other_data) - fast(data)
    assert float((other - actions).norm()) > 0.01
    assert relative_error(effect, other - actions, torch.zeros_like(effect)) < 1e-3


def test_every_denoising_step_has_its_own_time(model, data):
    """Another number of steps is another answer, and the same one by both ways."""
    stock = StockNetwork(model, layout_of(data), SLOT)
    four = stock(data)
    model.action_head.num_inference_timesteps = 2
    two = stock(data)
    fast = FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    assert relative_error(four, two, data.noise) > 0.01
    assert relative_error(fast(data), two, data.noise) < ROUNDING


def test_the_slot_of_the_embodiment_decides(model, data):
    """Slots have weights of their own, and only one is used."""
    layout = layout_of(data)
    right = StockNetwork(model, layout, SLOT)(data)
    other = StockNetwork(model, layout, SLOT + 1)(data)
    assert relative_error(other, right, data.noise) > 0.1
    fast = FastNetwork(model, layout, SLOT + 1, wrap=plain)
    assert relative_error(fast(data), other, data.noise) < ROUNDING


def test_other_words_of_the_same_number_need_no_other_network(model, data):
    """Only where the images are is fixed."""
    fast = FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    tokens, *_ = observation(seed=9)
    assert not torch.equal(tokens, data.tokens)
    actions, others = answer(model, data._replace(tokens=tokens))
    assert layout_of(others) == layout_of(data)
    assert relative_error(fast(others), actions, others.noise) < ROUNDING


def test_dead_work_is_left_out_and_comes_back(model, data):
    """The pooling head, whose output nobody reads, works on for whoever else calls it."""
    vision = model.backbone.eagle_model.vision_model.vision_model
    StockNetwork(model, layout_of(data), SLOT)(data)
    assert (vision.pooled, vision.use_head) == (0, True)
    model.answer(*data[:3])
    assert vision.pooled == 1


def test_packed_weights_are_not_there_twice(model, data):
    """The stock layers go on, with the same numbers, as views of what was packed."""
    before, _ = answer(model, data)
    FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    attention = model.backbone.eagle_model.vision_model.vision_model.encoder.layers[0].self_attn
    storages = {
        getattr(attention, name).weight.untyped_storage().data_ptr()
        for name in ("q_proj", "k_proj", "v_proj")
    }
    assert len(storages) == 1
    assert torch.equal(answer(model, data)[0], before)


def test_networks_that_are_put_together_in_another_way_are_refused(model, data):
    """So that the stock network answers instead of a wrong one."""
    model.backbone.select_layer = 2
    with pytest.raises(GrootError, match="read at layer 2 of 3"):
        FastNetwork(model, layout_of(data), SLOT, wrap=plain)
    model.backbone.eagle_model.use_pixel_shuffle = True
    with pytest.raises(GrootError, match="shuffles pixels"):
        FastNetwork(model, layout_of(data), SLOT, wrap=plain)
