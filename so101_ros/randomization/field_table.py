"""Every entry that a scene can have, as a page has it: read off the classes that hold them."""

import re
from dataclasses import fields, is_dataclass
from inspect import getdoc
from typing import Any

from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.config_reader import entries

_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_REFERENCE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_PARTS = {type(part).__name__: name for name, part in entries(SceneConfig()).items()}


def field_tables() -> str:
    """Write one table per part of a scene.

    Returns:
        Markdown: entry, nominal value, and what its class says about it.
    """
    scene = SceneConfig()
    own = [name for name, value in entries(scene).items() if not is_dataclass(value)]
    parts = [(name, value) for name, value in entries(scene).items() if is_dataclass(value)]
    return "\n".join(
        [_table("", scene, own), *(_table(name, part, list(entries(part))) for name, part in parts)]
    )


def field_notes(part: object) -> dict[str, str]:
    """What the class of a part says about each of its fields.

    Args:
        part: A dataclass with an ``Attributes`` section in its docstring.
    """
    notes = {name: _clean(text) for name, text in _ATTRIBUTE.findall(_doc(part))}
    return {each.name: notes.get(each.name, "") for each in fields(part)}  # pyright: ignore[reportArgumentType]


def _table(name: str, part: Any, rows: list[str]) -> str:
    notes = field_notes(part)
    head = f"### `{name}`\n\n{_clean(_doc(part).partition('Attributes:')[0])}\n\n" if name else ""
    lines = [f"| `{row}` | {_value(getattr(part, row))} | {notes[row]} |" for row in rows]
    return head + "\n".join(["| entry | nominal | |", "|---|---|---|", *lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, tuple) and len(set(value)) == 1:
        return f"{len(value)} times {value[0]}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value) if value != "" else "empty"


def _doc(part: object) -> str:
    return getdoc(type(part)) or ""


def _clean(text: str) -> str:
    """One line, in Markdown; a class is called by the part that it describes."""
    line = _REFERENCE.sub(lambda found: f"`{_PARTS.get(found[1], found[1])}`", text)
    return " ".join(line.split()).replace("``", "`")
