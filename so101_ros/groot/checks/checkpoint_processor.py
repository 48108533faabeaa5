"""Read the contract of an N1.6 or N1.7 checkpoint out of its processor's files."""

from pathlib import Path

from so101_ros.groot.checks.json_entry import JsonEntry, read_json
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange

_PROCESSOR_FILE = "processor_config.json"
_STATISTICS_FILE = "statistics.json"
_GENERATIONS = {"Gr00tN1d6Processor": Generation.N16, "Gr00tN1d7Processor": Generation.N17}


def find_processor(path: Path) -> Path | None:
    """Find the processor's folder.

    Args:
        path: Folder of a checkpoint.

    Returns:
        The folder, or None if the checkpoint is of another release.
    """
    folders = (path, path / "processor")
    return next((each for each in folders if (each / _PROCESSOR_FILE).is_file()), None)


def read_processor(folder: Path, tag: str) -> ModelContract:
    """Read a processor's contract; sizes of images are not in it, the model takes any.

    Args:
        folder: What :func:`find_processor` found.
        tag: Which of the model's robots.

    Raises:
        GrootError: If it has no such robot, or is damaged.
    """
    root = read_json(folder / _PROCESSOR_FILE)
    generation = _read_generation(root)
    robots = root.entry("processor_kwargs").entry("modality_configs")
    if tag not in robots.entries():
        present = ", ".join(robots.entries()) or "none"
        raise robots.refuse(
            f"has no robot {tag!r}. It has: {present}; set embodiment_tag in the profile"
        )
    robot = robots.entry(tag)
    statistics = _find_statistics(folder, tag)
    ranges = {part: _read_ranges(statistics, part) for part in ("state", "action")}
    return ModelContract(
        source=str(root.file),
        generation=generation,
        embodiment_tag=tag,
        video=dict.fromkeys(_read_keys(robot, "video")),
        state=_dimensions(_read_keys(robot, "state"), ranges["state"]),
        action=_dimensions(_read_keys(robot, "action"), ranges["action"]),
        language_keys=_read_keys(robot, "language"),
        horizon=len(robot.entry("action").entry("delta_indices").whole_numbers()),
        state_range=ranges["state"],
        action_range=ranges["action"],
    )


def _read_generation(root: JsonEntry) -> Generation:
    written_by = root.entry("processor_class")
    if written_by.value not in _GENERATIONS:
        raise written_by.refuse(
            f"is {written_by.value!r}. Known: {', '.join(_GENERATIONS)}; only a server that runs "
            "this model can tell what it needs: check it with --server"
        )
    return _GENERATIONS[written_by.value]


def _read_keys(robot: JsonEntry, part: str) -> tuple[str, ...]:
    return robot.entry(part).entry("modality_keys").texts()


def _find_statistics(folder: Path, tag: str) -> JsonEntry | None:
    if not (folder / _STATISTICS_FILE).is_file():
        return None
    return read_json(folder / _STATISTICS_FILE).entries().get(tag)


def _read_ranges(statistics: JsonEntry | None, part: str) -> dict[str, ValueRange]:
    """Ranges of the keys that have one; what else counts as statistics differs by release."""
    keys = statistics.entries().get(part) if statistics is not None else None
    if keys is None:
        return {}
    return {
        key: ValueRange(each.entry("min").numbers(), each.entry("max").numbers())
        for key, each in keys.entries().items()
        if {"min", "max"} <= set(each.entries())
    }


def _dimensions(keys: tuple[str, ...], ranges: dict[str, ValueRange]) -> dict[str, int | None]:
    return {key: len(ranges[key].low) if key in ranges else None for key in keys}
