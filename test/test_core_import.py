"""The core runs without ROS, and without the libraries that only a local GR00T model needs."""

import importlib.util
import json
import pkgutil
import subprocess
import sys

import pytest

import so101_ros

# Messages and client libraries that only the nodes may import.
FORBIDDEN = ("rclpy", "rcl_interfaces", "rosgraph_msgs", "builtin_interfaces", "std_srvs")

# Modules with a network in them; whoever imports one wants it.
WITH_TORCH = (
    "so101_ros.benchmark.groot_variants",
    "so101_ros.groot.local.fast",
    "so101_ros.groot.speed.",
)

PROBE = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def core_modules() -> list[str]:
    """Name every module of the package that is not in the room of the nodes."""
    found = pkgutil.walk_packages(so101_ros.__path__, f"{so101_ros.__name__}.", onerror=None)
    return [
        module.name
        for module in found
        if not module.name.startswith("so101_ros.nodes") and not module.name.endswith("__main__")
    ]


def needs_torch(name: str) -> bool:
    """Whether a module is one of those that compute with torch."""
    return name.startswith(WITH_TORCH) and name != "so101_ros.groot.speed.optimize"


def imported_by(*modules: str) -> set[str]:
    """Import modules in a fresh interpreter; return every top-level name that this loads."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *modules], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


def is_ros(name: str) -> bool:
    """Whether a top-level module belongs to ROS's client library or messages."""
    return name in FORBIDDEN or name.endswith("_msgs")


def test_the_search_finds_the_core():
    """Without modules to look at, the next test would prove nothing."""
    names = core_modules()
    assert {"so101_ros.blending", "so101_ros.control.guard", "so101_ros.task.measures"} <= set(
        names
    )
    assert not any("nodes" in name for name in names)


def test_the_core_imports_neither_rclpy_nor_messages():
    """Every core module but those with a network, in one fresh interpreter; nor torch, then."""
    without = [name for name in core_modules() if not needs_torch(name)]
    assert "so101_ros.groot.local.provider" in without
    names = imported_by("so101_ros", *without)
    assert sorted(filter(is_ros, names)) == []
    assert not names & {"torch", "transformers", "gr00t"}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_networks_import_neither_ros_nor_groot():
    """They take a model's modules as they are."""
    within = [name for name in core_modules() if needs_torch(name)]
    assert "so101_ros.groot.speed.fast_network" in within
    names = imported_by("so101_ros", *within)
    assert "torch" in names
    assert sorted(filter(is_ros, names)) == []
    assert not names & {"transformers", "gr00t"}
