"""A parameter with a typing error is refused, not ignored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import NodeProcess

from so101_ros.bringup.executables import EXECUTABLES


@pytest.mark.parametrize("executable", EXECUTABLES)
def test_an_unknown_parameter_ends_the_node(
    start_node: Callable[..., NodeProcess], executable: str
) -> None:
    """One line names it and those that exist; ROS's own parameters are fine."""
    node = start_node(executable, {"use_sim_time": True, "sped": 1.0})
    assert node.wait() == 2
    assert f"{executable} has no parameter 'sped'. It has: " in node.output
    assert "Traceback" not in node.output
