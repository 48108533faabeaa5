"""The tuning file names parameters that exist, at the values that the nodes have without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from harness import NodeProcess, Probe

from so101_ros.assets import find_share_file
from so101_ros.bringup.executables import EXECUTABLES
from so101_ros.bringup.params_file import read_parameters
from so101_ros.nodes import base_policy, ik_controller, task_monitor
from so101_ros.nodes.blender_parameters import BlenderParameters
from so101_ros.nodes.tracker_parameters import TrackerParameters

NODES = {
    "paper_tracker": TrackerParameters,
    "ik_controller": ik_controller.Parameters,
    "base_policy": base_policy.Parameters,
    "residual_blender": BlenderParameters,
    "task_monitor": task_monitor.Parameters,
}


def settings_of(executable: str) -> dict[str, Any]:
    """What the file says to one node, with sequences as the node keeps them."""
    path = str(find_share_file("config/control.yaml"))
    values = read_parameters(path, EXECUTABLES)[executable]
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


@pytest.mark.parametrize("executable", NODES)
def test_the_file_says_what_the_nodes_do_without_it(executable: str):
    """A copy of the file changes nothing until somebody edits it."""
    settings = settings_of(executable)
    assert settings
    assert asdict(NODES[executable](**settings)) == asdict(NODES[executable]())


@pytest.mark.parametrize("executable", NODES)
def test_every_node_starts_with_what_the_file_says_to_it(
    executable: str, start_node: Callable[..., NodeProcess], probe: Probe
):
    """The types are those that the node declares."""
    reports = probe.collect_diagnostics(executable)
    process = start_node(executable, settings_of(executable))
    probe.spin_until(lambda: reports or not process.is_running)
    assert process.is_running, process.output
