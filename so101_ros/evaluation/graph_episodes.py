"""Run an evaluation's episodes through ROS graphs, one policy after the other."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask
from so101_ros.evaluation.graph_engine import GraphEngine
from so101_ros.groot.settings import GrootSettings
from so101_ros.randomization.tier import SceneTier


class GraphEpisodes:
    """An engine whose episodes run in real nodes that talk over DDS."""

    def __init__(self, log: Path) -> None:
        """Prepare; no node starts yet.

        Args:
            log: What the nodes write goes to the end of this file.
        """
        self._log = log

    def run(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        """Run episodes, all those of a policy in one graph.

        Args:
            tasks: The episodes.
            check_stop: Called often; raises what must end the run.

        Yields:
            Each episode when it is over, policy by policy.

        Raises:
            ConfigError: If a policy is unknown, or the nodes cannot make such a scene.
            GraphError: If a node ends or stays silent.
            OSError: If the log cannot be written.
        """
        with NodeLogs(self._log, append=True) as logs:
            for policy, tier, groot in _graphs(tasks):
                with GraphEngine(policy, tier, logs, check_stop, groot) as engine:
                    for task in tasks:
                        if (task.policy, task.scene) == (policy, tier):
                            yield engine.run(task.seed)


def _graphs(tasks: Sequence[EpisodeTask]) -> list[tuple[str, SceneTier, GrootSettings]]:
    """The policies and their tiers, each once, in the order of their first episode."""
    return list(dict.fromkeys((task.policy, task.scene, task.groot) for task in tasks))
