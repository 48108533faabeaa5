"""Settings that are written once and offered as launch arguments and command-line options.

A bring-up writes its settings as one frozen dataclass whose fields come from :func:`argument`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from so101_ros.errors import ConfigError

_DESCRIPTION = "description"
_CHOICES = "choices"

_Settings = TypeVar("_Settings")


@dataclass(frozen=True, slots=True)
class Argument:
    """What a user is told of one setting.

    Attributes:
        name: Name of the field, the launch argument and (with dashes) the option.
        default: Default; its type is the setting's.
        description: What it means, with its unit.
        choices: The allowed texts; empty for any.
    """

    name: str
    default: Any
    description: str
    choices: tuple[str, ...]

    def to_launch(self) -> dict[str, Any]:
        """Keyword arguments of a ``DeclareLaunchArgument``."""
        declared: dict[str, Any] = {
            "name": self.name,
            "default_value": to_text(self.default),
            "description": self.description,
        }
        if self.choices:
            declared["choices"] = list(self.choices)
        elif isinstance(self.default, bool):
            # As choices they would be compared letter by letter, and refuse "True".
            declared["description"] += " (true or false)"
        return declared

    def parse(self, text: str) -> Any:
        """Read the setting from text.

        Args:
            text: What the user typed.

        Returns:
            A value of the default's type.

        Raises:
            ConfigError: If the text is no such value.
        """
        read, allowed = _READERS[type(self.default)]
        try:
            return read(text)
        except ValueError as err:
            raise ConfigError(f"{self.name}={text!r} is not allowed: give {allowed}") from err


def argument(default: Any, description: str, choices: Iterable[str] = ()) -> Any:
    """Describe one setting: the default of a dataclass field.

    Args:
        default: Default; its type (bool, int, float or str) is the setting's.
        description: What it means, with its unit.
        choices: The allowed texts; empty for any.

    Returns:
        A dataclass field.
    """
    metadata = {_DESCRIPTION: description, _CHOICES: tuple(choices)}
    return field(default=default, metadata=metadata)


def arguments_of(settings: type) -> tuple[Argument, ...]:
    """List the settings of a dataclass whose fields come from :func:`argument`."""
    return tuple(
        Argument(entry.name, entry.default, entry.metadata[_DESCRIPTION], entry.metadata[_CHOICES])
        for entry in fields(settings)
    )


def from_texts(settings: type[_Settings], texts: Mapping[str, str]) -> _Settings:
    """Build settings from texts.

    Args:
        settings: A dataclass whose fields come from :func:`argument`.
        texts: Texts by name. Names that are no setting are left alone: launch keeps the arguments
            of every included file in one table.

    Returns:
        The settings; what the texts do not name has its default.

    Raises:
        ConfigError: If a text is no value of its setting.
    """
    known = [entry for entry in arguments_of(settings) if entry.name in texts]
    return settings(**{entry.name: entry.parse(texts[entry.name]) for entry in known})


def check_choices(settings: Any) -> None:
    """Refuse a setting outside its choices.

    Args:
        settings: An instance of a dataclass whose fields come from :func:`argument`.

    Raises:
        ConfigError: If a value is none of its choices.
    """
    for entry in arguments_of(type(settings)):
        value = getattr(settings, entry.name)
        if entry.choices and value not in entry.choices:
            allowed = ", ".join(entry.choices)
            raise ConfigError(f"{entry.name}={value!r} is not known. Allowed: {allowed}")


def to_text(value: Any) -> str:
    """Write a setting as a user would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _read_finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_READERS: dict[type, tuple[Callable[[str], Any], str]] = {
    bool: (_read_bool, "true or false"),
    int: (int, "a whole number"),
    float: (_read_finite, "a number"),
    str: (str, "a text"),
}
