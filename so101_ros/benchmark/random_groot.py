"""A checkpoint of GR00T N1.5 at full size with random weights: as fast as a trained one."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from so101_ros.arm import HOME_Q, JOINT_NAMES
from so101_ros.errors import GrootError
from so101_ros.groot.checks.checkpoint_metadata import METADATA_FILE
from so101_ros.groot.local.lazy_import import import_groot
from so101_ros.groot.profile import EmbodimentProfile

_SPAN_RAD = 0.1

# The released network, by its configuration.
_BACKBONE = {
    "select_layer": 12,
    "project_to_dim": None,
    "reproject_vision": False,
    "use_flash_attention": True,
    "load_bf16": False,
    "tune_llm": False,
    "tune_visual": True,
}
_TRANSFORMER = {
    "num_layers": 16,
    "num_attention_heads": 32,
    "attention_head_dim": 48,
    "output_dim": 1024,
    "cross_attention_dim": 2048,
    "interleave_self_attention": True,
    "norm_type": "ada_norm",
    "positional_embeddings": None,
    "dropout": 0.2,
    "final_dropout": True,
}
_REFINE = {
    "num_layers": 4,
    "num_attention_heads": 32,
    "attention_head_dim": 64,
    "positional_embeddings": None,
    "dropout": 0.2,
    "final_dropout": True,
}
_HEAD = {
    "hidden_size": 1024,
    "input_embedding_dim": 1536,
    "backbone_embedding_dim": 2048,
    "max_state_dim": 64,
    "max_action_dim": 32,
    "action_dim": 32,
    "max_num_embodiments": 32,
    "num_target_vision_tokens": 32,
    "add_pos_embed": True,
    "max_seq_len": 1024,
    "num_inference_timesteps": 4,
    "num_timestep_buckets": 1000,
    "noise_beta_alpha": 1.5,
    "noise_beta_beta": 1.0,
    "noise_s": 0.999,
    "use_vlln": True,
    "diffusion_model_cfg": _TRANSFORMER,
    "vl_self_attention_cfg": _REFINE,
}


def write_random_checkpoint(profile: EmbodimentProfile, folder: Path) -> None:
    """Write a checkpoint that fits a profile.

    Args:
        profile: The profile.
        folder: Where to; 5 GB.

    Raises:
        GrootError: If GR00T is not installed, or its network cannot be made or written here.
    """
    torch = import_groot("torch")
    torch.manual_seed(0)
    try:
        with torch.device("cuda"):  # random numbers by the billion
            model = _make_model(profile.horizon)
        model.to(torch.bfloat16).save_pretrained(folder)
        (folder / METADATA_FILE).parent.mkdir()
        metadata = {profile.embodiment_tag: describe_data(profile)}
        (folder / METADATA_FILE).write_text(json.dumps(metadata))
    except (ImportError, OSError, RuntimeError) as err:  # no flash-attn, a full disk, a small GPU
        reason = " ".join(str(err).split())
        raise GrootError(f"no random GR00T can be made here: {reason}") from err


def describe_data(profile: EmbodimentProfile) -> dict[str, Any]:
    """Make up what training data that fits a profile would say of itself.

    Args:
        profile: The profile.
    """
    return {
        "embodiment_tag": profile.embodiment_tag,
        "modalities": {
            "video": {
                key: {"resolution": list(each.size), "channels": 3, "fps": profile.rate_hz}
                for key, each in profile.video.items()
            },
            "state": {key: _modality(names) for key, names in profile.state.items()},
            "action": {key: _modality(names) for key, names in profile.action.items()},
        },
        "statistics": {
            "state": {key: _statistics(profile, names) for key, names in profile.state.items()},
            "action": {key: _statistics(profile, names) for key, names in profile.action.items()},
        },
    }


def _make_model(horizon: int) -> Any:
    module = import_groot("gr00t.model.gr00t_n1")
    config = module.GR00T_N1_5_Config(
        action_dim=_HEAD["action_dim"],
        action_horizon=horizon,
        hidden_size=2048,
        backbone_cfg=_BACKBONE,
        action_head_cfg={**_HEAD, "action_horizon": horizon},
    )
    model = module.GR00T_N1_5(config, local_model_path="")
    _open_gates(model)
    return model


def _open_gates(model: Any) -> None:
    """Give biases and norms of the head other values than 0 and 1, which would hide mistakes."""
    torch = import_groot("torch")
    with torch.no_grad():
        for parameter in model.action_head.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.05 * torch.randn_like(parameter))


def _modality(names: tuple[str, ...]) -> dict[str, Any]:
    return {"absolute": True, "rotation_type": None, "shape": [len(names)], "continuous": True}


def _statistics(profile: EmbodimentProfile, names: tuple[str, ...]) -> dict[str, list[float]]:
    """Data of an arm that hardly moved from home, in the model's units."""
    home = HOME_Q[[JOINT_NAMES.index(name) for name in names]]
    zeros = np.array([profile.joints[name].rad_at_zero for name in names])
    gains = np.array([profile.joints[name].rad_per_unit for name in names])
    ends = [(home + offset - zeros) / gains for offset in (-_SPAN_RAD, _SPAN_RAD)]
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    return {
        **{name: low.tolist() for name in ("min", "q01")},
        **{name: high.tolist() for name in ("max", "q99")},
        "mean": (0.5 * (low + high)).tolist(),
        "std": (0.5 * (high - low)).tolist(),
    }
