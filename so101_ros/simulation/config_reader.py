"""Read plain data into the dataclasses that describe a scene."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from so101_ros.errors import ConfigError

_Part = TypeVar("_Part")

TYPE_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
"""What messages call the types of entries."""


def read_part(nominal: _Part, data: Any, path: str = "") -> _Part:
    """Read a scene or a part of it.

    Args:
        nominal: Gives the types, and what is not in the data.
        data: Plain data.
        path: Where in the scene the part is, such as ``contact``; empty for the whole.

    Returns:
        The part that the data describes.

    Raises:
        ConfigError: If an entry is unknown, of another type or out of range.
    """
    if not isinstance(data, dict):
        raise ConfigError(f"{path or 'a scene'} must be a mapping, got {data!r}")
    known = entries(nominal)
    for name in data:
        if name not in known:
            raise ConfigError(f"{path or 'a scene'} has no {name!r}. Allowed: {', '.join(known)}")
    values = {
        name: _read_entry(value, data[name], f"{path}.{name}" if path else name)
        if name in data
        else value
        for name, value in known.items()
    }
    try:
        return type(nominal)(**values)
    except ConfigError as err:
        raise ConfigError(f"{path}: {err}" if path else str(err)) from err


def entries(part: object) -> dict[str, Any]:
    """The fields of a part by name, nested parts as they are.

    Args:
        part: A dataclass.
    """
    return {each.name: getattr(part, each.name) for each in fields(part)}  # pyright: ignore[reportArgumentType]


def _read_entry(nominal: Any, value: Any, path: str) -> Any:
    """Read one entry as the type that its nominal value has."""
    if is_dataclass(nominal):
        return read_part(nominal, value, path)
    if isinstance(nominal, tuple):
        if not isinstance(value, list | tuple) or len(value) != len(nominal):
            raise ConfigError(f"{path} must be {len(nominal)} numbers, got {value!r}")
        return tuple(
            _read_entry(each, item, path) for each, item in zip(nominal, value, strict=True)
        )
    allowed = (int, float) if isinstance(nominal, float) else type(nominal)
    if not isinstance(value, allowed) or isinstance(value, bool) != isinstance(nominal, bool):
        raise ConfigError(f"{path} must be {TYPE_NAMES[type(nominal)]}, got {value!r}")
    return float(value) if isinstance(nominal, float) else value
