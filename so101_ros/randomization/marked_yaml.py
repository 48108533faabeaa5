"""YAML whose every entry knows its line, so that whoever is refused knows where to look."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from so101_ros.errors import ConfigError

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)( ?deg)?")
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}")
_FLAGS = {"true": True, "false": False}
_LONGEST_QUOTE = 60  # characters of an entry in a message


@dataclass(frozen=True, slots=True, eq=False)
class MarkedNode:
    """An entry of a YAML file.

    Attributes:
        file: The file, as the user named it.
        path: Where in the file the entry stands, such as ``contact.tip_friction``.
        node: What is there.
    """

    file: str
    path: str
    node: yaml.Node

    @property
    def is_mapping(self) -> bool:
        """Whether it has entries with names."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether it has entries in a row."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_number(self) -> bool:
        """Whether it is a number, perhaps in degrees."""
        return self._is_plain and bool(_NUMBER.fullmatch(self._text))

    @property
    def given(self) -> str:
        """What is there, as the file has it."""
        mark, end = self.node.start_mark, self.node.end_mark
        text = " ".join((mark.buffer or "")[mark.pointer : end.pointer].rstrip("\0").split())
        return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."

    def refuse(self, reason: str) -> ConfigError:
        """Make the error that names file and line.

        Args:
            reason: What is wrong with the entry.
        """
        return ConfigError(f"{self.file}:{self.node.start_mark.line + 1}: {reason}")

    def entries(self) -> "dict[str, MarkedNode]":
        """Entries by name.

        Raises:
            ConfigError: If it is no mapping, or names an entry twice.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse(f"{self.path or 'a scene'} must be a mapping, got {self.given!r}")
        found: dict[str, MarkedNode] = {}
        for key, value in self.node.value:
            name = self._below("", key)._read_name()
            if name in found:
                raise self._below("", key).refuse(f"{self._join(name)} is there twice")
            found[name] = self._below(name, value)
        return found

    def items(self) -> "list[MarkedNode]":
        """Entries of a list.

        Raises:
            ConfigError: If it is none.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse(f"{self.path} must be a list, got {self.given!r}")
        return [MarkedNode(self.file, self.path, each) for each in self.node.value]

    def number(self) -> float:
        """Read a number; one that ends in ``deg`` comes back in [rad].

        Raises:
            ConfigError: If it is none, or not finite.
        """
        match = _NUMBER.fullmatch(self._text) if self._is_plain else None
        if match is None or not math.isfinite(value := float(match[1])):
            raise self.refuse(f"{self.path} must be a number, got {self.given!r}")
        return math.radians(value) if match[2] else value

    def whole_number(self) -> int:
        """Read a whole number.

        Raises:
            ConfigError: If it is none.
        """
        if not (self._is_plain and _WHOLE_NUMBER.fullmatch(self._text)):
            raise self.refuse(f"{self.path} must be a whole number, got {self.given!r}")
        return int(self._text)

    def flag(self) -> bool:
        """Read true or false.

        Raises:
            ConfigError: If it is neither.
        """
        if not (self._is_plain and self._text in _FLAGS):
            raise self.refuse(f"{self.path} must be true or false, got {self.given!r}")
        return _FLAGS[self._text]

    def text(self) -> str:
        """Read a text.

        Raises:
            ConfigError: If it is none.
        """
        if self.node.tag != "tag:yaml.org,2002:str" or self.is_number:
            raise self.refuse(f"{self.path} must be a text, got {self.given!r}")
        return self._text

    @property
    def _is_plain(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None

    @property
    def _text(self) -> str:
        return str(self.node.value)

    def _read_name(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refuse(f"the name of an entry must be a text, got {self.given!r}")
        return self._text

    def _join(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def _below(self, name: str, node: yaml.Node) -> "MarkedNode":
        return MarkedNode(self.file, self._join(name), node)


def read_marked(path: Path) -> MarkedNode | None:
    """Read a YAML file.

    Args:
        path: The file.

    Returns:
        What is in it; None if it is empty.

    Raises:
        ConfigError: If it cannot be read, or is no YAML.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        raise ConfigError(f"{path}:{line}: no YAML: {' '.join(str(err.problem).split())}") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path}:1: no text: {' '.join(str(err).split())}") from err
    except RecursionError as err:
        raise ConfigError(f"{path}:1: nested too deeply") from err
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    return None if node is None else MarkedNode(str(path), "", node)
