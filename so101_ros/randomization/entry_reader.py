"""Read one entry of a scene's file: a value, or where its value comes from."""

from collections.abc import Callable
from typing import Any

from so101_ros.errors import ConfigError
from so101_ros.randomization.distributions import (
    Choice,
    Distribution,
    Fixed,
    Hidden,
    Integer,
    LogUniform,
    Normal,
    Uniform,
    Value,
)
from so101_ros.randomization.marked_yaml import MarkedNode
from so101_ros.simulation.config_reader import TYPE_NAMES

KINDS = {
    float: ("uniform", "log_uniform", "normal", "choice", "hidden"),
    int: ("integer", "choice", "hidden"),
    str: ("choice", "hidden"),
    bool: ("choice", "hidden"),
}
"""Which distributions an entry of each type may have."""


def read_value(node: MarkedNode, nominal: Any) -> Value:
    """Read a value that is the same in every episode.

    Args:
        node: The entry.
        nominal: Its nominal value: gives the type, and how many numbers there are.

    Raises:
        ConfigError: If it is of another type.
    """
    if isinstance(nominal, tuple):
        items = _read_items(node, nominal)
        return tuple(read_value(item, each) for item, each in zip(items, nominal, strict=True))  # pyright: ignore[reportReturnType]
    if node.is_mapping or node.is_list:
        raise node.refuse(f"{node.path} must be {TYPE_NAMES[type(nominal)]}, got {node.given!r}")
    readers = {bool: node.flag, int: node.whole_number, float: node.number, str: node.text}
    return readers[type(nominal)]()


def read_parts(node: MarkedNode, nominal: Any) -> tuple[tuple[Distribution, ...], bool]:
    """Read where the value of an entry comes from.

    Args:
        node: The entry: a distribution, or a list with at least one.
        nominal: Its nominal value: gives the type, and how many numbers there are.

    Returns:
        The distributions, and whether each is that of a number of its own.

    Raises:
        ConfigError: If the distribution is none, or none of values that the entry may have.
    """
    if not isinstance(nominal, tuple):
        return (_read_distribution(node, nominal),), False
    if not node.is_mapping:
        items = _read_items(node, nominal)
        return tuple(_read_part(item, n) for item, n in zip(items, nominal, strict=True)), True
    if _names_whole_lists(node):
        return (_read_distribution(node, nominal),), False
    return (_read_distribution(node, nominal[0]),) * len(nominal), True


def is_drawn(node: MarkedNode) -> bool:
    """Whether an entry, or one of its numbers, comes from a distribution."""
    return node.is_mapping or (node.is_list and any(item.is_mapping for item in node.items()))


def _read_part(node: MarkedNode, nominal: Any) -> Distribution:
    """One number of an entry that has several."""
    if node.is_mapping:
        return _read_distribution(node, nominal)
    return Fixed(read_value(node, nominal))


def _read_items(node: MarkedNode, nominal: tuple[Any, ...]) -> list[MarkedNode]:
    items = node.items() if node.is_list else []
    if len(items) != len(nominal):
        raise node.refuse(f"{node.path} must be {len(nominal)} numbers, got {node.given!r}")
    return items


def _names_whole_lists(node: MarkedNode) -> bool:
    """Whether a distribution is one of several numbers at once."""
    entries = node.entries()
    if "hidden" in entries:
        return entries["hidden"].is_list
    options = entries.get("choice")
    return options is not None and options.is_list and any(each.is_list for each in options.items())


def _read_distribution(node: MarkedNode, nominal: Any) -> Distribution:
    entries = node.entries()
    allowed = KINDS[float if isinstance(nominal, tuple) else type(nominal)]
    kind = next(iter(entries), "")
    expected = {"normal", "within"} if "normal" in entries else {kind}
    kind = "normal" if "normal" in entries else kind
    if kind not in allowed or set(entries) != expected:
        names = ", ".join("normal with within" if each == "normal" else each for each in allowed)
        raise node.refuse(f"{node.path} must have one of {names}; got {node.given!r}")
    try:
        return _READERS[kind](entries, nominal)
    except ConfigError as err:
        raise (
            err if str(err).startswith(f"{node.file}:") else node.refuse(f"{node.path}: {err}")
        ) from err


def _read_uniform(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    del nominal  # Unused: it is a number.
    return Uniform(*read_range(entries["uniform"]))


def _read_log_uniform(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    del nominal  # Unused: it is a number.
    return LogUniform(*read_range(entries["log_uniform"]))


def _read_normal(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    del nominal  # Unused: it is a number.
    mean, std = (each.number() for each in _read_pair(entries["normal"], "mean, deviation"))
    return Normal(mean, std, *read_range(entries["within"]))


def _read_integer(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    del nominal  # Unused: it is a whole number.
    low, high = (each.whole_number() for each in _read_pair(entries["integer"], "low, high"))
    return Integer(low, high)


def _read_choice(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    return Choice(tuple(read_value(option, nominal) for option in entries["choice"].items()))


def _read_hidden(entries: dict[str, MarkedNode], nominal: Any) -> Distribution:
    return Hidden(read_value(entries["hidden"], nominal))


def read_range(node: MarkedNode) -> tuple[float, float]:
    """Read the two ends of a range; whether they are in order is not looked at.

    Args:
        node: The entry.

    Raises:
        ConfigError: If it is no list of two numbers.
    """
    low, high = (each.number() for each in _read_pair(node, "low, high"))
    return low, high


def _read_pair(node: MarkedNode, names: str) -> list[MarkedNode]:
    items = node.items() if node.is_list else []
    if len(items) != 2:
        raise node.refuse(f"{node.path} must be [{names}], got {node.given!r}")
    return items


_READERS: dict[str, Callable[[dict[str, MarkedNode], Any], Distribution]] = {
    "uniform": _read_uniform,
    "log_uniform": _read_log_uniform,
    "normal": _read_normal,
    "integer": _read_integer,
    "choice": _read_choice,
    "hidden": _read_hidden,
}
