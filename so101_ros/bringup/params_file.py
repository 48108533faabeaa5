"""Read a ROS 2 parameter file, so that a mistyped node name is an error and not a silence."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from so101_ros.errors import AssetError, ConfigError

_EVERY_NODE = "/**"
_PARAMETERS = "ros__parameters"


def read_parameters(path: str, executables: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the parameters of the graph's nodes.

    Args:
        path: A YAML file as ``ros2 param dump`` writes it: node name, ``ros__parameters``, values.
            ``/**`` speaks to every node; a namespace before the node's name is accepted.
        executables: The nodes that the file may speak of.

    Returns:
        Parameters by executable, one entry for each; nested names are joined by dots. What is said
        to one node wins over what is said to all.

    Raises:
        AssetError: If there is no such file.
        ConfigError: If it is no parameter file or names an unknown node.
    """
    sections = _sections(path)
    common = sections.pop(_EVERY_NODE, {})
    parameters = {executable: dict(common) for executable in executables}
    for key, values in sections.items():
        executable = key.rsplit("/", maxsplit=1)[-1]
        if executable not in parameters:
            raise ConfigError(
                f"params_file={path!r} speaks to the node {key!r}, which is not in this graph. "
                f"Allowed: {', '.join(executables)} and '{_EVERY_NODE}' for all of them"
            )
        parameters[executable].update(values)
    return parameters


def _sections(path: str) -> dict[str, dict[str, Any]]:
    """Read the flat parameters under each node name of the file."""
    content = _load(path)
    if not isinstance(content, dict):
        raise ConfigError(f"params_file={path!r} must map node names to '{_PARAMETERS}'")
    sections = {}
    for key, section in content.items():
        if not isinstance(section, dict) or not isinstance(section.get(_PARAMETERS), dict):
            raise ConfigError(
                f"params_file={path!r}: {key!r} must hold a mapping named '{_PARAMETERS}'"
            )
        sections[str(key)] = dict(_flatten(section[_PARAMETERS]))
    return sections


def _load(path: str) -> Any:
    file = Path(path).expanduser()
    if not file.is_file():
        raise AssetError(f"params_file={path!r} is not a file. Give a YAML file, or leave it empty")
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        reason = " ".join(str(err).split())
        raise ConfigError(f"params_file={path!r} is no YAML: {reason}") from err


def _flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
