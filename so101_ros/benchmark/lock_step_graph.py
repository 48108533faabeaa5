"""The graph in lock-step: how much simulated time it evaluates per wall time."""

import time

from so101_ros.benchmark.figure import Figure, percentile_figures
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.evaluation.graph_engine import GraphEngine
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import Rates


def measure_lock_step_graph(episodes: int, logs: NodeLogs) -> list[Figure]:
    """Evaluate the IK policy through the graph, without cameras.

    Args:
        episodes: How many seeds, from 0 on.
        logs: Takes what the nodes write.

    Returns:
        Simulated time per wall time, resets included, and the time of a whole tick.

    Raises:
        GraphError: If the graph fails.
    """
    with GraphEngine("ik", SceneTier(), logs, lambda: None) as engine:
        began_s = time.perf_counter()
        results = [engine.run(seed).result for seed in range(episodes)]
        wall_s = time.perf_counter() - began_s
    simulated_s = sum(result.ticks for result in results) / Rates().policy_hz
    tick_ms = [1e3 * result.wall_s / result.ticks for result in results]
    note = f"{episodes} IK episodes with their resets, {simulated_s:.0f} s simulated, no cameras"
    return [
        Figure("lock-step graph, simulated time per wall time", simulated_s / wall_s, "", note),
        *percentile_figures(
            "lock-step graph, wall time of a policy tick (mean of an episode)", tick_ms, "ms"
        ),
    ]
