"""Read from a checkpoint's folder what the model insists on, without loading it."""

from pathlib import Path

from so101_ros.errors import GrootError
from so101_ros.groot.checks.checkpoint_processor import find_processor, read_processor
from so101_ros.groot.checks.json_entry import JsonEntry, read_json
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange

METADATA_FILE = Path("experiment_cfg", "metadata.json")
"""Where a checkpoint of N1.5 has its contract."""

_STATISTICS = ("max", "min", "mean", "std", "q01", "q99")  # GR00T loads no checkpoint without


def read_checkpoint(path: Path, tag: str) -> ModelContract:
    """Read a checkpoint's contract.

    Args:
        path: Folder of the checkpoint.
        tag: Which of the model's robots.

    Returns:
        What the checkpoint says; N1.5 says all but the language key, N1.6 and N1.7 all but the
        sizes of images.

    Raises:
        GrootError: If it is no checkpoint, has no such robot, or is damaged.
    """
    if not path.is_dir():
        raise GrootError(f"{path} is no folder. Give that of a checkpoint, with its config.json")
    processor = find_processor(path)
    if processor is not None:
        return read_processor(processor, tag)
    if not (path / METADATA_FILE).is_file():
        raise _refuse_folder(path)
    return _read_metadata(path, tag)


def _read_metadata(path: Path, tag: str) -> ModelContract:
    root = read_json(path / METADATA_FILE)
    robots = root.entries()
    if tag not in robots:
        present = ", ".join(robots) or "none"
        raise root.refuse(
            f"has no robot {tag!r}. It has: {present}; set embodiment_tag in the profile"
        )
    modalities = robots[tag].entry("modalities")
    statistics = robots[tag].entry("statistics")
    return ModelContract(
        source=str(root.file),
        generation=Generation.N15,
        embodiment_tag=tag,
        video={key: _read_size(each) for key, each in modalities.entry("video").entries().items()},
        state=_read_dimensions(modalities.entry("state")),
        action=_read_dimensions(modalities.entry("action")),
        horizon=_read_horizon(path),
        state_range=_read_ranges(statistics.entry("state"), modalities.entry("state")),
        action_range=_read_ranges(statistics.entry("action"), modalities.entry("action")),
    )


def _read_size(video: JsonEntry) -> tuple[int, int]:
    resolution = video.entry("resolution")
    numbers = resolution.whole_numbers()
    if len(numbers) != 2:
        raise resolution.refuse(f"must be [width, height], got {resolution.value}")
    return numbers[0], numbers[1]


def _read_dimensions(part: JsonEntry) -> dict[str, int | None]:
    return {key: _read_dimension(each) for key, each in part.entries().items()}


def _read_dimension(key: JsonEntry) -> int:
    shape = key.entry("shape")
    numbers = shape.whole_numbers()
    if len(numbers) != 1:
        raise shape.refuse(f"must be [dimension], got {shape.value}")
    return numbers[0]


def _read_ranges(statistics: JsonEntry, modalities: JsonEntry) -> dict[str, ValueRange]:
    return {
        key: _read_range(statistics.entry(key), dimension)
        for key, dimension in _read_dimensions(modalities).items()
    }


def _read_range(statistics: JsonEntry, dimension: int | None) -> ValueRange:
    missing = [name for name in _STATISTICS if name not in statistics.entries()]
    if missing:
        raise statistics.refuse(
            f"lacks {', '.join(missing)}, and GR00T N1.5 loads no checkpoint without them. Copy "
            "experiment_cfg from the training run, or export the checkpoint anew"
        )
    ends = [statistics.entry(name) for name in ("min", "max")]
    low, high = (each.numbers() for each in ends)
    for each, values in zip(ends, (low, high), strict=True):
        if len(values) != dimension:
            raise each.refuse(f"has {len(values)} numbers, but the shape says {dimension}")
    if (low > high).any():
        raise statistics.refuse("has a min above its max. Export the checkpoint anew")
    return ValueRange(low, high)


def _read_horizon(path: Path) -> int | None:
    """Rows that the action head was trained for."""
    if not (path / "config.json").is_file():
        return None
    horizon = read_json(path / "config.json").entries().get("action_horizon")
    if horizon is None:
        return None
    if not isinstance(horizon.value, int):
        raise horizon.refuse(f"must be a whole number, got {horizon.value!r}")
    return horizon.value


def _refuse_folder(path: Path) -> GrootError:
    """Say what the folder seems to be instead."""
    inside = sorted(each.parent.parent.name for each in path.glob(f"*/{METADATA_FILE}"))
    if inside:
        return GrootError(f"{path} has no {METADATA_FILE}, but {', '.join(inside)} in it has one")
    config = read_json(path / "config.json").value if (path / "config.json").is_file() else None
    if isinstance(config, dict) and config.get("type") == "groot":
        return GrootError(
            f"{path} is a checkpoint in LeRobot's format, whose contract is not read here. Use one "
            f"that GR00T itself wrote, with {METADATA_FILE}"
        )
    return GrootError(
        f"{path} has neither {METADATA_FILE} (N1.5) nor processor_config.json (N1.6, N1.7). Copy "
        "it from the training run, or check a server that runs the model, with --server"
    )
