"""Our ways through NVIDIA's own package, where that is installed, with a network made small."""

# pyright: reportMissingImports=false

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("gr00t", reason="NVIDIA's package gr00t (tag n1.5-release) is not installed")
torch = pytest.importorskip("torch")

from groot_checkpoints import write_n15  # noqa: E402

from so101_ros.groot.local.fast import LocalFast  # noqa: E402
from so101_ros.groot.local.provider import LocalOptions, LocalProvider, probe_request  # noqa: E402
from so101_ros.groot.local.transforms import LocalTransforms  # noqa: E402
from so101_ros.groot.profile_file import load_profile  # noqa: E402
from so101_ros.groot.speed.fast_network import FastNetwork  # noqa: E402
from so101_ros.groot.speed.network_input import NetworkInput  # noqa: E402
from so101_ros.groot.speed.optimize import Optimize  # noqa: E402
from so101_ros.groot.speed.self_check import (  # noqa: E402
    answer_from_same_noise,
    relative_error,
)
from so101_ros.groot.speed.stock_network import StockNetwork  # noqa: E402
from so101_ros.groot.speed.token_layout import TokenLayout  # noqa: E402

PROFILE = load_profile("paper_return")
_WIDTH, _LAYERS, _SLOT = 64, 3, 31
_BLOCKS = {
    "num_attention_heads": 4,
    "dropout": 0.2,
    "final_dropout": True,
    "positional_embeddings": None,
}
_HEAD = {
    "hidden_size": 32,
    "input_embedding_dim": 48,
    "backbone_embedding_dim": _WIDTH,
    "max_state_dim": 64,
    "action_dim": 32,
    "action_horizon": 16,
    "max_num_embodiments": 32,
    "num_target_vision_tokens": 8,
    "max_seq_len": 64,
    "num_inference_timesteps": 4,
    "use_vlln": True,
    "diffusion_model_cfg": {
        **_BLOCKS,
        "num_layers": 4,
        "attention_head_dim": 12,
        "output_dim": 32,
        "cross_attention_dim": _WIDTH,
        "interleave_self_attention": True,
        "norm_type": "ada_norm",
    },
    "vl_self_attention_cfg": {**_BLOCKS, "num_layers": 2, "attention_head_dim": 16},
}


@contextmanager
def small_backbone(monkeypatch):
    """Let GR00T build its backbone small, with PyTorch's attention: flash-attn needs a GPU."""
    from transformers import modeling_utils

    with monkeypatch.context() as patch:
        functions = modeling_utils.ALL_ATTENTION_FUNCTIONS
        patch.setitem(functions, "flash_attention_2", functions["sdpa"])
        patch.setattr(
            modeling_utils.PreTrainedModel,
            "_check_and_enable_flash_attn_2",
            classmethod(lambda _, config, *args, **options: config),
        )
        if not torch.cuda.is_available():
            patch.setattr(torch.cuda, "get_device_capability", lambda *_: (9, 0))
        from gr00t.model.backbone import eagle_backbone

        full = eagle_backbone.AutoConfig.from_pretrained

        def shrink(*args, **options):
            config = full(*args, **options)
            words, vision = config.text_config, config.vision_config
            words.hidden_size, words.intermediate_size, words.head_dim = _WIDTH, 96, 16
            words.num_attention_heads, words.num_key_value_heads = 4, 2
            words.num_hidden_layers = _LAYERS + 1
            vision.hidden_size, vision.intermediate_size = 48, 80
            vision.num_attention_heads, vision.num_hidden_layers = 4, 2
            return config

        patch.setattr(eagle_backbone.AutoConfig, "from_pretrained", shrink)
        yield


@pytest.fixture
def network(monkeypatch):
    """GR00T's own network, small and random, in float32."""
    with small_backbone(monkeypatch):
        from gr00t.model.gr00t_n1 import GR00T_N1_5, GR00T_N1_5_Config

        torch.manual_seed(0)
        config = GR00T_N1_5_Config(
            action_dim=32,
            action_horizon=16,
            hidden_size=_WIDTH,
            backbone_cfg={"select_layer": _LAYERS, "project_to_dim": None, "tune_visual": True},
            action_head_cfg=_HEAD,
        )
        model = GR00T_N1_5(config, local_model_path="").eval().float()
        for parameter in model.action_head.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.05 * torch.randn_like(parameter)
        for part in (model.action_head.state_encoder, model.action_head.action_decoder):
            part.layer1.W.data *= 5.0  # a small network says little otherwise
            part.layer2.W.data *= 5.0
        yield model


@pytest.fixture
def data(network):
    """An observation for it."""
    image = [network.backbone.eagle_model.image_token_index] * 256
    random = torch.Generator().manual_seed(1)
    return NetworkInput(
        torch.tensor([[5, 6, *image, 7, *image, 8, 9, 10]]),
        2.0 * torch.rand(2, 3, 224, 224, generator=random) - 1.0,
        torch.randn(1, 1, 64, generator=random),
        torch.zeros(1, 16, 32),
    )


def stock_answer(network, data):
    """What GR00T's own call gives, and the observation with the noise that it drew."""
    from so101_ros.groot.local.fast import collated

    def ask():
        with torch.inference_mode():
            return network.get_action(dict(collated(data, _SLOT)))["action_pred"]

    actions, noise = answer_from_same_noise(data.noise.shape, torch.device("cpu"), ask)
    return actions, data._replace(noise=noise)


def test_both_networks_give_groots_numbers(network, data):
    """The stock modules bit for bit, the hoisted ones but for rounding."""
    actions, data = stock_answer(network, data)
    layout = TokenLayout.read(
        data.tokens[0].tolist(), network.backbone.eagle_model.image_token_index
    )
    assert float((actions - data.noise).norm()) > 0.5
    assert torch.equal(StockNetwork(network, layout, _SLOT)(data), actions)
    fast = FastNetwork(network, layout, _SLOT, wrap=lambda stage: stage)
    assert relative_error(fast(data), actions, data.noise) < 1e-5


def test_a_checkpoint_answers_the_same_by_both_ways(network, tmp_path, monkeypatch):
    """Loaded by GR00T's policy: images, tokens and state are prepared twice, and agree."""
    folder = write_n15(tmp_path / "checkpoint")
    network.to(torch.bfloat16).save_pretrained(folder)
    with small_backbone(monkeypatch):
        provider = LocalProvider(PROFILE, folder, LocalOptions(device="cpu", seed=4))
    policy = vars(provider)["_policy"]
    transforms = policy.modality_transform
    fast = LocalFast(
        policy,
        PROFILE,
        LocalTransforms({}, transforms, tuple(transforms.transforms[4:6])),
        Optimize.GRAPH,
        report=lambda _: None,
        capture=lambda network, _: network,
    )
    request = probe_request(PROFILE, provider.describe())
    fast.infer(request)  # compares with the policy's own answer
    torch.manual_seed(4)
    quick = fast.infer(request)["arm_0"]
    torch.manual_seed(4)
    slow = provider.infer(request)["arm_0"]
    assert np.ptp(slow, axis=0).min() > 0.0
    # A pixel in some thousands is a level away.
    assert np.abs(quick - slow).max() < 0.05 * np.abs(slow).max()


def test_the_prompt_is_rendered_bare(network, tmp_path, monkeypatch):
    """Neither in brackets and quotes, nor its first letter."""
    folder = write_n15(tmp_path / "checkpoint")
    network.to(torch.bfloat16).save_pretrained(folder)
    with small_backbone(monkeypatch):
        provider = LocalProvider(PROFILE, folder, LocalOptions(device="cpu"))
    policy = vars(provider)["_policy"]
    from so101_ros.groot.local.observation import batched_observation

    request = probe_request(PROFILE, provider.describe())
    tokens = policy.apply_transforms(
        batched_observation(PROFILE, replace(request, prompt="lift it"))
    )["eagle_input_ids"][0]
    text = policy.modality_transform.transforms[-1].eagle_processor.tokenizer.decode(tokens)
    assert "lift it<|im_end|>" in text
    assert "['lift it']" not in text
