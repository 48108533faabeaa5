"""A model's contract as plain maps and lists, for files and messages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange

_Value = TypeVar("_Value")


def contract_to_json(contract: ModelContract) -> dict[str, Any]:
    """Write a contract down.

    Args:
        contract: The contract.

    Returns:
        What :func:`contract_from_json` reads; its source is left out.
    """
    return {
        "generation": contract.generation.value,
        "embodiment_tag": contract.embodiment_tag,
        "video": {key: size and list(size) for key, size in contract.video.items()},
        "state": dict(contract.state),
        "action": dict(contract.action),
        "language_keys": list(contract.language_keys),
        "horizon": contract.horizon,
        "state_range": _write_ranges(contract.state_range),
        "action_range": _write_ranges(contract.action_range),
    }


def contract_from_json(content: Any, source: str) -> ModelContract:
    """Read a contract.

    Args:
        content: What :func:`contract_to_json` wrote.
        source: Where it was read.

    Raises:
        GrootError: If it is no contract.
    """
    try:
        return ModelContract(
            source=source,
            generation=Generation(content["generation"]),
            embodiment_tag=_optional(content["embodiment_tag"], _read_text),
            video=_read_map(content["video"], _read_size),
            state=_read_map(content["state"], _read_count),
            action=_read_map(content["action"], _read_count),
            language_keys=tuple(_read_text(key) for key in content["language_keys"]),
            horizon=_optional(content["horizon"], _read_count),
            state_range=_read_ranges(content["state_range"]),
            action_range=_read_ranges(content["action_range"]),
        )
    except (KeyError, TypeError, ValueError) as err:
        raise GrootError(
            f"{source} holds no contract of a GR00T model: {type(err).__name__}: {err}"
        ) from err


def _write_ranges(ranges: Mapping[str, ValueRange]) -> dict[str, Any]:
    return {
        key: {
            "low": np.asarray(each.low, dtype=float).tolist(),
            "high": np.asarray(each.high, dtype=float).tolist(),
        }
        for key, each in ranges.items()
    }


def _read_ranges(content: Any) -> dict[str, ValueRange]:
    return {
        _read_text(key): ValueRange(_read_numbers(each["low"]), _read_numbers(each["high"]))
        for key, each in dict(content).items()
    }


def _read_numbers(content: Any) -> np.ndarray:
    numbers = np.array(content, dtype=float)
    if numbers.ndim != 1:
        raise ValueError(f"{str(content)[:80]} are no numbers in a row")
    return numbers


def _read_map(content: Any, read: Callable[[Any], _Value]) -> dict[str, _Value | None]:
    return {_read_text(key): _optional(value, read) for key, value in dict(content).items()}


def _optional(content: Any, read: Callable[[Any], _Value]) -> _Value | None:
    return None if content is None else read(content)


def _read_text(content: Any) -> str:
    if not isinstance(content, str):
        raise TypeError(f"{str(content)[:80]} is no text")
    return content


def _read_count(content: Any) -> int:
    if type(content) is not int or content < 1:
        raise ValueError(f"{str(content)[:80]} is no number of something")
    return content


def _read_size(content: Any) -> tuple[int, int]:
    width, height = content
    return _read_count(width), _read_count(height)
