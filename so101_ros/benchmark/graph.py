"""The whole graph in real time: speed, latency, jitter and delivery of images."""

from collections.abc import Callable
from contextlib import closing

import numpy as np

from so101_ros.benchmark.arrivals import Arrivals, jitter_ms, latencies_ms, real_time_factor
from so101_ros.benchmark.figure import Figure, percentile_figures
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import OnLine, ProcessGraph
from so101_ros.demo.delivery import judge_delivery
from so101_ros.errors import GraphError
from so101_ros.graph import build_graph
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.scene import CAMERA_NAMES

START_TIMEOUT_S = 60.0
WARM_UP_S = 2.0
"""Wall time after the last node has spoken: caches, discovery and the first frames."""

_IMAGES = tuple(f"camera/{camera}/image_raw" for camera in CAMERA_NAMES)


def measure_graph(width: int, height: int, duration_s: float, on_line: OnLine) -> list[Figure]:
    """Run the graph and listen to it as a consumer does.

    Args:
        width: Image width in [px].
        height: Image height in [px].
        duration_s: Wall time to listen in [s].
        on_line: Takes the lines that the nodes write.

    Returns:
        Real-time factor, latency from joint state to command, jitter of the control period, and
        delivery of raw images.

    Raises:
        GraphError: If a node ends or stays silent.
    """
    entries = build_graph(BringUp(camera_width=width, camera_height=height))
    with ProcessGraph(entries, on_line=on_line) as graph:
        heard = _listen(lambda: check_running(graph), duration_s)
    return _judge(heard, f"{width}x{height}")


def check_running(graph: ProcessGraph) -> None:
    """Refuse to measure a graph that is not complete.

    Raises:
        GraphError: If a node has ended.
    """
    ended = graph.wait_for_exit(timeout_s=0.0)
    if ended is not None:
        raise GraphError(ended.reason)


def _listen(check: Callable[[], None], duration_s: float) -> dict[str, Arrivals]:
    from so101_ros.nodes.graph_session import GraphSession
    from so101_ros.nodes.requests import SimulationRequests
    from so101_ros.nodes.stamp_probe import probe_loop

    with closing(GraphSession("so101_bench", check)) as session:
        probe = probe_loop(session.ears, _IMAGES)
        session.on_turn.append(probe.drain)
        requests = SimulationRequests(session)
        session.wait_until(
            lambda: not probe.silent() and requests.ready(),
            START_TIMEOUT_S,
            "not every topic and service of the graph was there",
        )
        requests.begin_episode(seed=0)
        session.run_for(WARM_UP_S)
        probe.clear()
        session.run_for(duration_s)
        return {topic: probe.arrivals(topic) for topic in probe.topics}


def _judge(heard: dict[str, Arrivals], size: str) -> list[Figure]:
    joints, rates = heard["joint_states"], Rates()
    latency_ms = latencies_ms(joints, heard["joint_trajectory"])
    figures = [
        Figure(f"real-time factor, both cameras {size}", real_time_factor(joints)),
        *percentile_figures(f"joint state to command, {size}", latency_ms, "ms"),
        *percentile_figures(
            f"control period jitter, {size}", jitter_ms(joints, rates.control_hz), "ms"
        ),
    ]
    return figures + [_judge_images(topic, heard, size) for topic in _IMAGES]


def _judge_images(topic: str, heard: dict[str, Arrivals], size: str) -> Figure:
    """Share of the images in the time of the joint states, but for those in flight."""
    stamps_ns = heard["joint_states"].stamps_ns
    edge_ns = NANOSECONDS // 5
    start_ns, end_ns = int(stamps_ns[0]) + edge_ns, int(stamps_ns[-1]) - edge_ns
    wall_s = float(np.ptp(heard["joint_states"].received_ns)) / NANOSECONDS
    rate_hz = Rates().policy_hz
    delivery = judge_delivery(heard[topic].stamps_ns, rate_hz, start_ns, end_ns, wall_s)
    note = f"{delivery.lost} of {delivery.expected} lost"
    return Figure(f"delivered {topic}, {size}", 100.0 * delivery.share, "%", note)
