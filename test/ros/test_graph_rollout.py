"""An evaluation through the graph notices what would falsify it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from harness import NodeProcess, Probe, children
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState

from so101_ros.arm import HOME_Q
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.errors import GraphError
from so101_ros.evaluation.graph_engine import GraphEngine
from so101_ros.nodes import convert, qos
from so101_ros.nodes.tick_log import TickLog
from so101_ros.randomization.tier import SceneTier

MILLISECOND = 1_000_000


pytestmark = pytest.mark.usefixtures("own_domain")


def test_a_message_that_never_comes_is_an_error(probe: Probe, make_probe: Callable) -> None:
    """Later ones prove that it was lost; until then it may be on its way."""
    log = TickLog(make_probe("ears").node)
    log.listen(JointState, "joint_states")
    publisher = probe.publisher(JointState, "joint_states", qos.JOINT_STATE)

    def has_arrived(stamp_ms: int) -> bool:
        log.drain()
        return log.has("joint_states", stamp_ms * MILLISECOND)

    def is_connected() -> bool:
        publisher.publish(convert.q_to_ros(0, HOME_Q))
        return has_arrived(0)

    probe.spin_until(is_connected)
    for stamp_ms, shift in ((1, 0.0), (2, 0.1), (2, 0.2), (4, 0.0)):
        publisher.publish(convert.q_to_ros(stamp_ms * MILLISECOND, HOME_Q + shift))
    probe.spin_until(lambda: has_arrived(4))
    assert log.read("joint_states", 2 * MILLISECOND).position[0] == HOME_Q[0] + 0.1
    assert not log.has("joint_states", 5 * MILLISECOND)
    with pytest.raises(GraphError, match=r"joint_states stamped 0.003 s is missing, a later one"):
        log.has("joint_states", 3 * MILLISECOND)


def test_a_reset_by_somebody_else_ends_the_run(probe: Probe, tmp_path: Path) -> None:
    """Half an episode and half of another are not a result."""
    turns, armed = 0, False

    def disturb() -> None:
        nonlocal turns
        turns += armed
        if armed and turns == 10:
            assert probe.trigger("sim/reset").success

    with NodeLogs(tmp_path / "graph.log") as logs:
        with GraphEngine("zero", SceneTier(), logs, disturb) as engine:
            armed = True
            with pytest.raises(GraphError, match=r"is missing|was asked for"):
                engine.run(1)


def test_another_graph_on_the_domain_is_refused(
    start_node: Callable[..., NodeProcess], probe: Probe, tmp_path: Path
) -> None:
    """Before a node of ours starts: nobody could tell theirs from it."""
    clocks = probe.collect(Clock, "/clock", qos.CLOCK)
    start_node("mujoco_sim")
    probe.spin_until(lambda: clocks)
    theirs, seen = set(children(os.getpid())), set[str]()
    with NodeLogs(tmp_path / "graph.log") as logs:
        look = partial(_note_children, seen)
        engine = GraphEngine("zero", SceneTier(), logs, look)
        with pytest.raises(GraphError, match=r"publishes /clock: another graph .*ROS_DOMAIN_ID"):
            engine.__enter__()
    assert seen <= theirs


def test_a_graph_that_joins_later_ends_the_run(
    start_node: Callable[..., NodeProcess], tmp_path: Path
) -> None:
    """Stamps of both are alike: its messages would be taken for ours."""
    with NodeLogs(tmp_path / "graph.log") as logs:
        with GraphEngine("zero", SceneTier(), logs, lambda: None) as engine:
            engine.run(1)
            start_node("mujoco_sim")
            with pytest.raises(GraphError, match=r"another graph runs|somebody else"):
                for seed in range(2, 200):
                    engine.run(seed)


def _note_children(seen: set[str]) -> None:
    seen.update(children(os.getpid()))


def test_a_stop_is_heeded_while_the_graph_starts(tmp_path: Path) -> None:
    """Whatever the caller raises ends the run, and no node is left."""

    def stop() -> None:
        if children(os.getpid()):
            raise KeyboardInterrupt

    with NodeLogs(tmp_path / "graph.log") as logs:
        engine = GraphEngine("zero", SceneTier(), logs, stop)
        with pytest.raises(KeyboardInterrupt):
            engine.__enter__()
    assert children(os.getpid()) == {}
