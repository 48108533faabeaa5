"""Evaluate a policy in a ROS graph of real nodes, in lock-step or in real time."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.bringup.process_graph import NodeExit, ProcessGraph
from so101_ros.errors import GraphError
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.graph import build_graph
from so101_ros.groot.settings import GrootSettings
from so101_ros.nodes.middleware import prepare_environment
from so101_ros.policies.names import GROOT, HYBRID
from so101_ros.randomization.scene_text import to_yaml
from so101_ros.randomization.tier import SceneTier

_BAD_INPUT = 2  # exit code of a node that has said why in its last line


class GraphEngine:
    """A graph that hosts one policy, and runs one episode after the other.

    Entering the ``with`` block starts the nodes; leaving it stops them. They run as fast as they
    can and without cameras, but for a policy with GR00T: its cameras are on, and as it thinks while
    the arm moves, simulated time is real time. The nodes die with the thread that entered the
    block, so enter it in the main thread.
    """

    def __init__(
        self,
        policy: str,
        tier: SceneTier,
        logs: NodeLogs,
        check_stop: Callable[[], None],
        groot: GrootSettings | None = None,
    ) -> None:
        """Describe the graph; nothing starts before the ``with`` block.

        Args:
            policy: Who is tried, as the user typed it.
            tier: What episodes are drawn from.
            logs: Takes what the nodes write; closed by its owner.
            check_stop: Called often; raises what must end the run.
            groot: The GR00T model, for policies that ask one; None for the default.

        Raises:
            ConfigError: If the policy is unknown.
            AssetError: If the robot model does not exist.
        """
        _ = tier.nominal.robot_path
        self._bring_up = _choose_bring_up(policy, groot or GrootSettings())
        self._tier = tier
        self._logs = logs
        self._check_stop = check_stop
        self._stack = ExitStack()

    def __enter__(self) -> "GraphEngine":
        """Start the graph and wait until it turns.

        Raises:
            GraphError: If a node ends or stays silent, or another graph runs on the domain.
        """
        from so101_ros.nodes.company import refuse_running_graph
        from so101_ros.nodes.graph_rollout import GraphRollout
        from so101_ros.nodes.graph_session import GraphSession
        from so101_ros.nodes.policy_status import GROOT_TOPIC, IK_TOPIC

        prepare_environment()
        refuse_running_graph(self._check_stop)
        with ExitStack() as stack:
            scene = Path(stack.enter_context(TemporaryDirectory()), f"{self._tier.name}.yaml")
            scene.write_text(to_yaml(self._tier))
            entries = evaluation_entries(replace(self._bring_up, scene=str(scene)))
            self._graph = stack.enter_context(ProcessGraph(entries, on_line=self._logs.write))
            session = GraphSession("so101_eval", self._check)
            stack.enter_context(closing(session))
            bring_up = self._bring_up
            status = GROOT_TOPIC if bring_up.uses_groot else IK_TOPIC
            self._rollout = GraphRollout(session, bring_up.policy_node, status, bring_up.policy)
            self._rollout.wait_for_graph()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every node."""
        self._stack.close()

    def run(self, seed: int) -> EvaluatedEpisode:
        """Run one episode.

        Args:
            seed: Seed of the start, and of the policy's own choices.

        Returns:
            What it came to, and everything that happened in it.

        Raises:
            GraphError: If a node ends or stays silent, or a message was lost; the message has the
                seed, and the file in which the nodes say more.
        """
        try:
            return self._rollout.run(seed)
        except GraphError as err:
            reason = f"in the episode of seed {seed}: {err}"
            if str(self._logs.path) not in reason:
                reason += f"; all that the nodes wrote is in {self._logs.path}"
            raise GraphError(reason) from err

    def _check(self) -> None:
        self._check_stop()
        ended = self._graph.wait_for_exit(timeout_s=0.0)
        if ended is not None:
            raise GraphError(self._describe(ended))

    def _describe(self, ended: NodeExit) -> str:
        tail = self._logs.tail(ended.executable)
        if ended.code == _BAD_INPUT and tail:
            return f"{ended.reason}: {tail[-1]}"
        return "\n  | ".join([f"{ended.reason}; all that it wrote is in {self._logs.path}", *tail])


def _choose_bring_up(policy: str, groot: GrootSettings) -> BringUp:
    """Wait for no policy that answers at once, and let one that thinks have its time."""
    if policy not in (GROOT, HYBRID):
        return BringUp(policy=policy, cameras="off", real_time_factor=0.0, lock_step=True)
    return BringUp(
        policy=policy,
        groot_provider=groot.provider,
        groot_profile=groot.profile,
        groot_timing=groot.timing.value,
    )


def evaluation_entries(bring_up: BringUp) -> tuple[NodeEntry, ...]:
    """List the nodes that an evaluation needs: without the monitor, which it replaces.

    Args:
        bring_up: The settings.
    """
    return tuple(entry for entry in build_graph(bring_up) if entry.executable != "task_monitor")
