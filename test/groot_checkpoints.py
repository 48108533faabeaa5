"""Checkpoints' folders as GR00T writes them, without weights."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Range = tuple[Sequence[float], Sequence[float]]

ARM_LOW = (-1.2, -1.7, -0.5, -0.4, -1.0, -0.1)
ARM_HIGH = (1.2, 0.6, 1.5, 1.6, 1.1, 1.2)
"""What states of the data set paper_return could span, in [rad]."""


def statistics(low: Sequence[float], high: Sequence[float]) -> dict[str, list[float]]:
    """All six fields that GR00T N1.5 insists on."""
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    return {
        "max": list(high),
        "min": list(low),
        "mean": middle,
        "std": [0.1] * len(middle),
        "q01": list(low),
        "q99": list(high),
    }


def robot(
    video: Mapping[str, tuple[int, int]], state: Mapping[str, Range], action: Mapping[str, Range]
) -> dict[str, Any]:
    """What metadata.json says of one robot."""
    parts = {"state": state, "action": action}
    return {
        "statistics": {
            part: {key: statistics(*values) for key, values in keys.items()}
            for part, keys in parts.items()
        },
        "modalities": {
            "video": {
                key: {"resolution": list(size), "channels": 3, "fps": 30.0}
                for key, size in video.items()
            },
            **{
                part: {key: modality(len(values[0])) for key, values in keys.items()}
                for part, keys in parts.items()
            },
        },
        "embodiment_tag": "new_embodiment",
    }


def modality(dimension: int) -> dict[str, Any]:
    """What metadata.json says of the form of one key."""
    return {
        "absolute": True,
        "rotation_type": None,
        "shape": [dimension],
        "continuous": True,
    }


def paper_return_robot() -> dict[str, Any]:
    """A robot that the profile paper_return fits."""
    arm = {"arm_0": (ARM_LOW, ARM_HIGH)}
    return robot({"image_cam_0": (224, 224), "image_cam_1": (224, 224)}, arm, arm)


def write_n15(
    folder: Path, robots: Mapping[str, Any] | None = None, horizon: int | None = 16
) -> Path:
    """Write a checkpoint of N1.5; return its folder."""
    metadata = folder / "experiment_cfg" / "metadata.json"
    metadata.parent.mkdir(parents=True)
    robots = {"new_embodiment": paper_return_robot()} if robots is None else robots
    metadata.write_text(json.dumps(robots), encoding="utf-8")
    if horizon is not None:
        config = {"model_type": "gr00t_n1_5", "action_horizon": horizon}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def write_n17(folder: Path, processor_class: str = "Gr00tN1d7Processor") -> Path:
    """Write the processor of a checkpoint of N1.6 or N1.7; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {
        "video": (["front", "wrist"], 1),
        "state": (["single_arm", "gripper"], 1),
        "action": (["single_arm", "gripper"], 40),
        "language": (["annotation.human.task_description"], 1),
    }
    modalities = {
        part: {"delta_indices": list(range(steps)), "modality_keys": names}
        for part, (names, steps) in keys.items()
    }
    config = {
        "processor_class": processor_class,
        "processor_kwargs": {"modality_configs": {"new_embodiment": modalities}},
    }
    ranges = {
        "single_arm": statistics([-90.0] * 5, [90.0] * 5),
        "gripper": statistics([0.0], [60.0]),
    }
    numbers = {"new_embodiment": {"state": ranges, "action": ranges}}
    for name, content in (
        ("processor_config.json", config),
        ("statistics.json", numbers),
        ("embodiment_id.json", {"new_embodiment": 10}),
    ):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder
