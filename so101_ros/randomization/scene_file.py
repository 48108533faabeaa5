"""What a scene's file says, entry by entry, before it is put together with others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from so101_ros.errors import ConfigError
from so101_ros.randomization.draw import Draw
from so101_ros.randomization.entry_reader import is_drawn, read_parts, read_range, read_value
from so101_ros.randomization.marked_yaml import MarkedNode
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.config_reader import entries
from so101_ros.task.starts import PaperStarts

NOT_DRAWN = ("rates",)
"""Parts of a scene that are compiled in: no reset can change them."""

_START = "start"
_INCLUDE = "include"
_DESCRIPTION = "description"


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """What a file says about one entry.

    Attributes:
        node: Where it says so.
        section: Part of the scene; empty for an entry of the scene itself.
        name: The entry.
        value: What policies may know of it.
        draw: Where its value comes from; None if it is always the same.
    """

    node: MarkedNode
    section: str
    name: str
    value: Any
    draw: Draw | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SceneFile:
    """What one file says.

    Attributes:
        description: One line about it.
        includes: Other files to begin with.
        statements: What it says about entries of the scene, by path.
        starts: What it says about the sheet's start: ranges by name.
        start_node: Where it says so.
    """

    description: str = ""
    includes: tuple[MarkedNode, ...] = ()
    statements: Mapping[str, Statement] = field(default_factory=dict)
    starts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    start_node: MarkedNode | None = None


def parse_scene_file(root: MarkedNode | None) -> SceneFile:
    """Take a file apart.

    Args:
        root: What is in it; None if it is empty.

    Raises:
        ConfigError: If an entry is unknown or of another type; the message begins with file and
            line.
    """
    if root is None:
        return SceneFile()
    scene = entries(SceneConfig())
    found = root.entries()
    _check_names(found, (_DESCRIPTION, _INCLUDE, _START, *scene), "a scene")
    start = found.get(_START)
    statements = [
        statement
        for name, nominal in scene.items()
        if name in found
        for statement in _read_section(found[name], name, nominal)
    ]
    return SceneFile(
        description=found[_DESCRIPTION].text() if _DESCRIPTION in found else "",
        includes=_read_includes(found[_INCLUDE]) if _INCLUDE in found else (),
        statements={each.node.path: each for each in statements},
        starts=_read_starts(start) if start else {},
        start_node=start,
    )


def _read_includes(node: MarkedNode) -> tuple[MarkedNode, ...]:
    items = tuple(node.items()) if node.is_list else (node,)
    for item in items:
        item.text()
    return items


def _read_starts(node: MarkedNode) -> dict[str, tuple[float, float]]:
    ranges = node.entries()
    _check_names(ranges, [each.name for each in fields(PaperStarts)], _START)
    return {name: _read_start(each) for name, each in ranges.items()}


def _read_start(node: MarkedNode) -> tuple[float, float]:
    low, high = (node.number(),) * 2 if node.is_number else read_range(node)
    if low > high:
        raise node.refuse(f"{node.path} must be [low, high] with low <= high, got {node.given}")
    return low, high


def _read_section(node: MarkedNode, name: str, nominal: Any) -> list[Statement]:
    if not is_dataclass(nominal):
        return [_read_statement(node, "", name, nominal)]
    known = entries(nominal)
    found = node.entries()
    _check_names(found, known, name)
    return [_read_statement(each, name, key, known[key]) for key, each in found.items()]


def _read_statement(node: MarkedNode, section: str, name: str, nominal: Any) -> Statement:
    if not is_drawn(node):
        return Statement(node, section, name, read_value(node, nominal))
    if not section or section in NOT_DRAWN:
        raise node.refuse(
            f"{node.path} is compiled in and cannot be drawn; give one value, got {node.given!r}"
        )
    parts, each = read_parts(node, nominal)
    return Statement(
        node, section, name, _known_value(node, nominal), Draw(section, name, parts, each)
    )


def _known_value(node: MarkedNode, nominal: Any) -> Any:
    """The nominal value, with the numbers that are fixed beside drawn ones."""
    if not node.is_list:
        return nominal
    pairs = zip(node.items(), nominal, strict=True)
    return tuple(each if item.is_mapping else read_value(item, each) for item, each in pairs)


def _check_names(found: Mapping[str, MarkedNode], allowed: Any, where: str) -> None:
    for name, node in found.items():
        if name not in allowed:
            raise _unknown(node, name, allowed, where)


def _unknown(node: MarkedNode, name: str, allowed: Any, where: str) -> ConfigError:
    return node.refuse(f"{where} has no {name!r}. Allowed: {', '.join(allowed)}")
