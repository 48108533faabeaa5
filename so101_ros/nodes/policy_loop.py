"""Answer policy ticks: from joint states and the sheet's pose to action chunks."""

import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMsg
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.control.tick_gate import TickGate
from so101_ros.epoch import EpochTracker
from so101_ros.errors import ObservationError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import ERROR, OK, STALE, WARN, RateMeter, Report, judge_silence
from so101_ros.nodes.loop_parameters import LoopParameters
from so101_ros.nodes.paper_feed import PaperFeed
from so101_ros.nodes.parameters import parameter
from so101_ros.nodes.policy_status import IK_TOPIC, PolicyStatus, TickReport
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.scene_parameter import SCENE_HELP
from so101_ros.nodes.sim_tick import SimTickFeed
from so101_ros.observation import PAPER_TIMEOUT_S, JointState, Observation
from so101_ros.policies.answer import Answer, PolicyFailure, ask, begin
from so101_ros.policies.base import Policy
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.trajectory import JointTrajectory

_TIMED_CALLS = 300  # ten seconds of policy ticks
_UNAVAILABLE_TICKS = 15  # half a second


@dataclass(frozen=True)
class PolicyParameters(LoopParameters):
    """Parameters of every node that hosts a base policy."""

    seed: int = parameter(
        0, "Seed of the policy's random choices, from the next episode on", minimum=0, live=True
    )
    paper_timeout_s: float = parameter(
        PAPER_TIMEOUT_S,
        "Age at which a paper pose is stale [s]; ignored in lock-step, where the simulator decides",
        minimum=0.0,
        live=True,
    )
    lock_step: bool = parameter(
        False, "Pair joint states and paper poses as sim/tick says, and answer every policy tick"
    )
    scene: str = parameter("nominal", SCENE_HELP)
    robot_model: str = parameter("", "MJCF of the arm; empty for the scene's own")


class _Failure(NamedTuple):
    """Why the policy is not asked any more in this episode."""

    message: str
    traceback: str


class PolicyLoop:
    """Ask a policy at every policy tick and publish its answers on ``policy/ik/action``.

    A simulator may ask for answers that are late, as those of a large network are: they are kept
    back until then. A policy that fails is not asked again before the next episode: the node lives
    on, and says so.

    Attributes:
        settings: The node's parameters; assign to change those that are live.
        refusals: Counts malformed inputs, also those of the node itself.
    """

    def __init__(
        self,
        node: Node,
        policy: Policy,
        settings: PolicyParameters,
        on_tick: Callable[[JointState], None] = lambda joints: None,
    ) -> None:
        """Wait for joint states.

        Args:
            node: Who hosts the policy.
            policy: Who answers.
            settings: The node's parameters.
            on_tick: Called with the arm at every policy tick, before the policy is asked.
        """
        self.settings = settings
        self.refusals = Refusals(node)
        self._logger = node.get_logger()
        self._policy, self._needs_paper = policy, True
        self._on_tick = on_tick
        self._epochs = EpochTracker()
        self._gate = TickGate(settings.rates)
        self._seed = settings.seed
        self._due: JointState | None = None
        self._answers: DelayLine[JointTrajectoryMsg] = DelayLine()
        self._last_messages: list[JointTrajectoryMsg] = []
        self._failure: _Failure | None = None
        self._unavailable = ""
        self._unavailable_ticks = 0
        self._joint_rate, self._action_rate = RateMeter(), RateMeter()
        self._act_times_s: deque[float] = deque(maxlen=_TIMED_CALLS)
        self._publisher = node.create_publisher(
            JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION
        )
        self._status = PolicyStatus(node, IK_TOPIC)
        # Messages that wait together are taken in this order: the sheet before the joints.
        self._paper = PaperFeed(node, self.refusals, self._act_if_paired)
        self._sim_ticks = SimTickFeed(node, self.refusals, self._act_if_paired)
        node.create_subscription(
            JointStateMsg, "joint_states", self._on_joint_states, qos.JOINT_STATE
        )

    def use(self, policy: Policy, *, needs_paper: bool) -> None:
        """Let another policy take over; it begins now.

        Args:
            policy: Who answers from now on.
            needs_paper: Whether it must know the sheet's pose.
        """
        self._policy, self._needs_paper = policy, needs_paper
        if self._epochs.count:
            self._begin_policy()
        self._act_if_paired()

    # Ticks.

    def _on_joint_states(self, msg: JointStateMsg) -> None:
        try:
            joints = convert.joint_state_from_ros(msg)
        except ObservationError as err:
            self.refusals.add("joint_states", err)
            return
        self._joint_rate.tick()
        if self._epochs.begins_at(joints.stamp_ns):
            self._begin_policy()
        if not self._gate.opens_at(joints.stamp_ns):
            self._repeat(joints.stamp_ns)
            self._release(joints.stamp_ns)
        elif self.settings.lock_step:
            self._due = joints
            self._act_if_paired()
        else:
            timeout_s = self.settings.paper_timeout_s
            seen = self._paper.near(joints.stamp_ns, self._epochs, timeout_s)
            self._act(Observation(joints, *seen))

    def _act_if_paired(self) -> None:
        """In lock-step, answer once everything that the simulator lists has arrived."""
        tick = None if self._due is None else self._sim_ticks.of(self._due.stamp_ns)
        if self._due is None or tick is None:
            return
        paper = None if tick.paper_ns is None else self._paper.at(tick.paper_ns)
        if paper is not None or tick.paper_ns is None or not self._needs_paper:
            joints, self._due = self._due, None
            self._act(Observation(joints, paper, None if paper is None else tick.paper_ns))

    def _begin_policy(self) -> None:
        self._answers.clear()
        self._seed = self.settings.seed
        self._failure = None
        try:
            begin(self._policy, self._seed)
        except PolicyFailure as failure:
            self._note_failure(failure)

    def _act(self, observation: Observation) -> None:
        self._on_tick(observation.joints)
        try:
            answer = None if self._failure else ask(self._policy, observation)
        except PolicyFailure as failure:
            self._note_failure(failure)
            answer = None
        if answer is not None and answer.action is not None:
            self._unavailable = ""
            self._act_times_s.append(answer.inference_s)
            self._action_rate.tick()
            self._send(answer.action, observation.stamp_ns)
        self._last_messages = self._release(observation.stamp_ns)
        if self.settings.lock_step and not self._answers_now(observation.stamp_ns):
            # Say that there is no answer: simulated time waits for one.
            self._decline(observation.stamp_ns)
        if answer is not None and answer.action is None:
            self._note_unavailable(answer.reason)
        if self._status.is_heard:
            self._status.publish(self._tick_report(observation.stamp_ns, answer))

    def _send(self, action: JointTrajectory, stamp_ns: int) -> None:
        """Put an answer on its way."""
        tick = self._sim_ticks.latest
        inference_ns = 0 if tick is None else tick.inference_ns
        self._answers.send(convert.trajectory_to_ros(action), stamp_ns + inference_ns)

    def _release(self, now_ns: int) -> list[JointTrajectoryMsg]:
        """Publish the answers that are due, and return them."""
        messages = self._answers.arrivals(now_ns)
        for message in messages:
            self._publisher.publish(message)
        return messages

    def _answers_now(self, stamp_ns: int) -> bool:
        stamp = convert.ns_to_stamp(stamp_ns)
        return any(message.header.stamp == stamp for message in self._last_messages)

    def _decline(self, stamp_ns: int) -> None:
        message = JointTrajectoryMsg(header=convert.header(stamp_ns))
        self._last_messages.append(message)
        self._publisher.publish(message)

    def _repeat(self, stamp_ns: int) -> None:
        """In lock-step, a joint state that comes again asks for answers that were lost."""
        if self.settings.lock_step and self._answers_now(stamp_ns):
            for message in self._last_messages:
                self._publisher.publish(message)

    # What went wrong.

    def _note_failure(self, failure: PolicyFailure) -> None:
        details = "".join(traceback.format_exception(failure))
        self._failure = _Failure(str(failure), details)
        self._logger.error(f"the policy failed, the arm holds: {details}")

    def _note_unavailable(self, reason: str) -> None:
        """Log a reason that lasts: the first ticks of an episode lack a pose, and that is fine."""
        self._unavailable_ticks = self._unavailable_ticks + 1 if reason == self._unavailable else 1
        self._unavailable = reason
        if self._unavailable_ticks == _UNAVAILABLE_TICKS:
            self._logger.warning(f"no action, the arm holds: {reason}")

    def _tick_report(self, stamp_ns: int, answer: Answer | None) -> TickReport:
        if answer is not None:
            level = WARN if answer.action is None else OK
            target = None if answer.action is None else self._end_of_tick(answer.action)
            inference_s = answer.inference_s
            return TickReport(stamp_ns, self._seed, level, answer.reason, inference_s, target)
        assert self._failure is not None  # or there would be an answer
        message, details = self._failure
        return TickReport(stamp_ns, self._seed, ERROR, message, traceback=details)

    def _end_of_tick(self, action: JointTrajectory) -> tuple[float, ...]:
        """Joint targets for the end of the tick that an answer is for."""
        tick_ns = round(self.settings.rates.policy_period_s * NANOSECONDS)
        return tuple(action.sample(action.stamp_ns + tick_ns).tolist())

    # Diagnostics.

    def report(self, label: str, values: Mapping[str, object]) -> Report:
        """Tell how the loop is doing.

        Args:
            label: What it does if all is well.
            values: What the node adds to the loop's own values.
        """
        level, message = judge_silence(
            self._joint_rate, "joint states", *self._judge(label, self.refusals.read_latest())
        )
        own: dict[str, object] = {
            "seed": self._seed,
            "joint_states_hz": self._joint_rate.read_hz(),
            "actions_hz": self._action_rate.read_hz(),
            "epoch": self._epochs.count,
        }
        if self._act_times_s:
            p50_s, p99_s = np.percentile(self._act_times_s, [50, 99])
            own |= {"act_p50_ms": 1e3 * float(p50_s), "act_p99_ms": 1e3 * float(p99_s)}
        return Report(level, message, {**values, **own, **self.refusals.values()})

    def _judge(self, label: str, refusal: str) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if self._joint_rate.count == 0:
            return STALE, "no joint states"
        if self._failure:
            return ERROR, f"the policy failed: {self._failure.message}"
        if self._unavailable:
            return WARN, f"no action: {self._unavailable}"
        if refusal:
            return WARN, refusal
        if self._due is not None:
            return OK, "lock-step: waiting for all that belongs to this tick"
        phase = getattr(self._policy, "phase", None)
        return OK, label if phase is None else f"{label}: {phase}"
