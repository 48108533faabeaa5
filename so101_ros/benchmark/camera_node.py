"""Frames per second of the camera node, against a bare renderer loop."""

import time
from collections.abc import Sequence
from contextlib import closing

import numpy as np

from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.graph import START_TIMEOUT_S, check_running
from so101_ros.benchmark.recorded_episode import record_episode
from so101_ros.benchmark.renderer import time_bare_renderer
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import OnLine, ProcessGraph
from so101_ros.graph import build_graph
from so101_ros.simulation.scene import CAMERA_NAMES


def measure_cameras(width: int, height: int, ticks: int, on_line: OnLine) -> list[Figure]:
    """Render the same states in a bare loop and through the node.

    Args:
        width: Image width in [px].
        height: Image height in [px].
        ticks: How many states, each seen by both cameras.
        on_line: Takes the lines that the node writes.

    Returns:
        Frames per second of both, and their ratio.

    Raises:
        GraphError: If the node ends or stays silent.
    """
    states = record_episode(seed=0, ticks=ticks).states
    bare_s = time_bare_renderer(states, width, height)
    bare_hz = len(CAMERA_NAMES) * len(states) / bare_s
    node_hz = len(CAMERA_NAMES) * _time_node(states, width, height, on_line)
    size = f"{width}x{height}"
    return [
        Figure(f"bare renderer, {size}", bare_hz, "frames/s"),
        Figure(f"camera node, {size}", node_hz, "frames/s", "raw images at a subscriber"),
        Figure(f"camera node / bare renderer, {size}", node_hz / bare_hz),
    ]


def _time_node(states: Sequence[np.ndarray], width: int, height: int, on_line: OnLine) -> float:
    """States per wall second that the node answers with its images."""
    from so101_ros.nodes.camera_feed import CameraFeed
    from so101_ros.nodes.graph_session import GraphSession

    bring_up = BringUp(camera_width=width, camera_height=height)
    entries = [entry for entry in build_graph(bring_up) if entry.executable == "sim_cameras"]
    with ProcessGraph(entries, on_line=on_line) as graph:
        session = GraphSession("so101_bench", check=lambda: check_running(graph))
        with closing(session):
            feed = CameraFeed(session.node, states)
            session.wait_until(feed.try_first, START_TIMEOUT_S, "sim_cameras sent no image")
            began_s = time.perf_counter()
            feed.begin()
            session.wait_until(feed.done, START_TIMEOUT_S, "sim_cameras did not answer every state")
            return feed.answered / (time.perf_counter() - began_s)
