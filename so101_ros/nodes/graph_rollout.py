"""Seeded episodes in a running lock-step graph, judged as those without ROS are."""

import time
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.errors import GraphError
from so101_ros.evaluation.episode import Ending, EvaluatedEpisode
from so101_ros.evaluation.rollout import judge_failure
from so101_ros.evaluation.trace_recorder import TraceRecorder, conclude
from so101_ros.nodes import convert, qos
from so101_ros.nodes.company import refuse_company
from so101_ros.nodes.convert_simulation import (
    AnnouncedEpisode,
    episode_from_ros,
    scene_from_ros,
    state_from_ros,
)
from so101_ros.nodes.graph_session import GraphSession
from so101_ros.nodes.policy_status import TickReport, report_from_ros
from so101_ros.nodes.requests import SimulationRequests
from so101_ros.nodes.tick_log import TickLog
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.scene_probe import SceneProbe
from so101_ros.task.paper_return import Judgement, PaperReturnTask
from so101_ros.task.situation import Situation

START_TIMEOUT_S = 60.0
"""Time for every node to start and speak; they import and compile for some seconds."""

STALL_S = 20.0
"""Wall time without the next tick after which the graph has failed."""

_JOINTS = "joint_states"
_STATE = "sim/state"
_COMMAND = "joint_trajectory"


class GraphRollout:
    """Run seeded episodes of the policy that a graph hosts.

    The graph is not held up: it runs ahead, and every message of every policy tick is collected.
    What they say is judged and recorded as :class:`~so101_ros.evaluation.rollout.Rollout` does.
    """

    def __init__(
        self, session: GraphSession, policy_node: str, status_topic: str, name: str
    ) -> None:
        """Listen to a graph; call :meth:`wait_for_graph` next.

        Args:
            session: Takes part in the graph; closed by its owner.
            policy_node: Name of the node that hosts the policy.
            status_topic: Where that node reports of every policy tick.
            name: What the results call the policy.
        """
        self._session = session
        self._name = name
        self._requests = SimulationRequests(session, policy_node)
        self._scene: String | None = None
        session.node.create_subscription(String, "sim/scene", self._take_scene, qos.LATCHED)
        self._log = TickLog(session.ears)
        self._log.listen(JointStateMsg, _JOINTS)
        self._log.listen(Float64MultiArray, _STATE, _stamp_of_state)
        self._log.listen(JointTrajectoryMsg, _COMMAND)
        self._status = status_topic
        self._log.listen(DiagnosticStatus, status_topic, _stamp_of_report)
        session.on_turn += [self._log.drain, lambda: refuse_company(session.node)]

    def wait_for_graph(self) -> None:
        """Wait until the whole loop has turned once, and get to know the scene.

        Raises:
            GraphError: If that takes too long (the message names who is silent), or if another
                graph runs on the domain.
        """
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not (self._scene and self._log.has_complete_tick() and self._requests.ready()):
            if time.monotonic() > deadline_s:
                silent = ", ".join(self._log.silent()) or "sim/scene, a service or a common tick"
                raise GraphError(
                    f"the graph is not complete after {START_TIMEOUT_S:g} s: nothing came from "
                    f"{silent}"
                )
            self._session.turn()
        self._probe = SceneProbe(scene_from_ros(self._scene))
        self._rates = self._probe.config.rates
        self._task = PaperReturnTask(self._rates)
        self._tick_ns = round(self._rates.policy_period_s * NANOSECONDS)

    def run(self, seed: int) -> EvaluatedEpisode:
        """Run one episode.

        Args:
            seed: Seed of the start, and of the policy's own choices.

        Returns:
            What it came to, and everything that happened in it.

        Raises:
            GraphError: If the graph fails, another one runs on the domain, or a message was lost.
        """
        began_s = time.perf_counter()
        recorder = TraceRecorder(self._rates.policy_hz)
        start_ns = self._begin(seed)
        self._task.reset(self._take_state(recorder, start_ns))
        ending, message, details = self._play(recorder, start_ns, seed)
        trace = recorder.trace()
        wall_s = time.perf_counter() - began_s
        arm = self._probe.arm
        result = conclude(trace, self._name, seed, ending, message, arm, wall_s)
        return EvaluatedEpisode(result, trace, details)

    def _begin(self, seed: int) -> int:
        """Begin an episode; returns its first stamp in [ns]."""
        self._log.clear()
        before = self._announced.number
        self._requests.begin_episode(seed)
        self._session.wait_until(
            lambda: self._announced.number > before, STALL_S, "no new episode was announced"
        )
        episode = self._announced
        if episode.seed != seed or episode.number != before + 1:
            raise GraphError(
                f"episode {before + 1} with seed {seed} was asked for, episode {episode.number} "
                f"with seed {episode.seed} has begun: somebody else resets the simulation"
            )
        assert self._scene is not None  # it has just been announced
        self._probe.retune(scene_from_ros(self._scene))
        return episode.start_ns

    def _play(self, recorder: TraceRecorder, start_ns: int, seed: int) -> tuple[Ending, str, str]:
        """Follow an episode to its end; returns how it ended, why, and the policy's traceback."""
        tick = round(start_ns * self._rates.control_hz / NANOSECONDS)
        while True:
            stamp_ns = self._rates.stamp_of_control_tick(tick)
            tick += self._rates.control_ticks_per_policy
            report = self._read_report(stamp_ns, seed)
            if report.failed:
                return Ending.POLICY_ERROR, report.message, report.traceback
            next_ns = self._rates.stamp_of_control_tick(tick)
            judgement = self._take_tick(recorder, report, next_ns)
            if judgement.success:
                return Ending.SUCCESS, "", ""
            if judgement.time_is_up:
                return *judge_failure(recorder, report.message), ""

    def _read_report(self, stamp_ns: int, seed: int) -> TickReport:
        report = report_from_ros(self._await(self._status, stamp_ns))
        if report.seed != seed:
            raise GraphError(
                f"the policy plays the episode of seed {seed} with seed {report.seed}: somebody "
                "else has changed its parameter, or a second node hosts a policy"
            )
        return report

    def _take_tick(self, recorder: TraceRecorder, report: TickReport, next_ns: int) -> Judgement:
        command = convert.trajectory_from_ros(self._await(_COMMAND, report.stamp_ns))
        q, situation = self._look(next_ns)
        judgement = self._task.judge(situation)
        recorder.add_tick(
            None if report.target is None else np.array(report.target),
            command.sample(report.stamp_ns + self._tick_ns),
            judgement.reward_terms,
            report.inference_s,
        )
        recorder.add_state(q, self._measured(next_ns), situation.paper)
        return judgement

    def _take_state(self, recorder: TraceRecorder, stamp_ns: int) -> Situation:
        q, situation = self._look(stamp_ns)
        recorder.add_state(q, self._measured(stamp_ns), situation.paper)
        return situation

    def _measured(self, stamp_ns: int) -> np.ndarray:
        return convert.joint_state_from_ros(self._await(_JOINTS, stamp_ns)).q

    def _look(self, stamp_ns: int) -> tuple[np.ndarray, Situation]:
        _, state = state_from_ros(self._await(_STATE, stamp_ns))
        return self._probe.look(state)

    def _await(self, topic: str, stamp_ns: int) -> Any:
        self._session.wait_until(
            lambda: self._log.has(topic, stamp_ns),
            STALL_S,
            f"nothing stamped {stamp_ns / NANOSECONDS:.3f} s came on {topic}",
        )
        return self._log.read(topic, stamp_ns)

    @property
    def _announced(self) -> AnnouncedEpisode:
        assert self._scene is not None  # the graph has been waited for
        return episode_from_ros(self._scene)

    def _take_scene(self, msg: String) -> None:
        self._scene = msg


def _stamp_of_state(message: bytes) -> int:
    return state_from_ros(deserialize_message(message, Float64MultiArray))[0]


def _stamp_of_report(message: bytes) -> int:
    return report_from_ros(deserialize_message(message, DiagnosticStatus)).stamp_ns
