"""One node process, in plain data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """What launch and a child process must know of a node.

    Attributes:
        package: ROS package of the executable.
        executable: Name of the executable, which is also the node's name.
        namespace: Namespace without leading slash; empty for the root.
        parameters: Parameter values by name.
        remappings: New name by old name of topics and services.
        arguments: Further arguments of the executable.
    """

    package: str
    executable: str
    namespace: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    remappings: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    def to_launch(self) -> dict[str, Any]:
        """Keyword arguments of a ``launch_ros.actions.Node``."""
        return {
            "package": self.package,
            "executable": self.executable,
            "name": self.executable,
            "namespace": self.namespace,
            "parameters": [dict(self.parameters)],
            "remappings": list(self.remappings.items()),
            "arguments": list(self.arguments),
            "output": "screen",
        }

    def to_command_line(self) -> list[str]:
        """Arguments for the executable itself, in the form that every ROS 2 node understands."""
        line = [*self.arguments, "--ros-args", "-r", f"__node:={self.executable}"]
        if self.namespace:
            line += ["-r", f"__ns:=/{self.namespace}"]
        for old, new in self.remappings.items():
            line += ["-r", f"{old}:={new}"]
        for name, value in self.parameters.items():
            line += ["-p", f"{name}:={json.dumps(value)}"]  # JSON is YAML, and quotes every text
        return line
