"""Node: the base policy, press-and-drag or Cartesian, through inverse kinematics.

Subscribes to ``joint_states``, ``paper_pose``, ``target_pose`` and ``gripper_target``. Publishes
``policy/ik/action`` and ``tool_pose`` once per policy tick, and ``diagnostics``.

    ros2 run so101_ros ik_controller --ros-args -p mode:=cartesian
"""

import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Float64
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.control.tick_gate import TickGate
from so101_ros.epoch import EpochTracker
from so101_ros.errors import CommandError, ObservationError, PolicyUnavailable
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import (
    OK,
    STALE,
    WARN,
    DiagnosticReporter,
    RateMeter,
    Report,
    judge_silence,
)
from so101_ros.nodes.loop_parameters import LoopParameters
from so101_ros.nodes.parameters import declare, on_change, parameter
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.runtime import run
from so101_ros.observation import JointState, Observation
from so101_ros.policies.base import Policy
from so101_ros.policies.cartesian import CartesianPolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.config import SceneConfig

TASK = "task"
CARTESIAN = "cartesian"

_TIMED_CALLS = 300  # ten seconds of policy ticks
_UNAVAILABLE_TICKS = 15  # half a second


@dataclass(frozen=True)
class Parameters(LoopParameters):
    """Parameters of the node."""

    mode: str = parameter(
        TASK, "What is followed: the task, or target_pose", choices=(TASK, CARTESIAN), live=True
    )
    seed: int = parameter(
        0, "Seed of the policy's random choices, from the next episode on", minimum=0, live=True
    )
    paper_timeout_s: float = parameter(
        0.2, "Age at which a paper pose is stale [s]", minimum=0.0, live=True
    )
    lock_step: bool = parameter(
        False, "Pair joint states and paper poses by identical stamps, and answer every policy tick"
    )
    robot_model: str = parameter("", "MJCF of the arm; empty for the built-in one")


class IkController(Node):
    """Answer policy ticks with joint targets."""

    def __init__(self) -> None:
        """Read the parameters, prepare the policies and wait for joint states."""
        super().__init__("ik_controller")
        self._settings = declare(self, Parameters)
        config = SceneConfig(self._settings.robot_model, rates=self._settings.rates)
        self._cartesian = CartesianPolicy(config)
        self._policies: dict[str, Policy] = {
            TASK: PressAndDragPolicy(config),
            CARTESIAN: self._cartesian,
        }
        self._epochs = EpochTracker()
        self._gate = TickGate(self._settings.rates)
        self._due: JointState | None = None
        self._paper: tuple[int, Pose] | None = None
        self._answer: JointTrajectoryMsg | None = None
        self._unavailable = ""
        self._unavailable_ticks = 0
        self._joint_rate, self._action_rate = RateMeter(), RateMeter()
        self._act_times_s: deque[float] = deque(maxlen=_TIMED_CALLS)
        self._refusals = Refusals(self)
        self._connect()
        on_change(self, self._settings, self._apply)

    def _connect(self) -> None:
        self._publisher = self.create_publisher(
            JointTrajectoryMsg, "policy/ik/action", qos.POLICY_ACTION
        )
        self._tool = self.create_publisher(PoseStamped, "tool_pose", qos.POSE)
        # Messages that wait together are taken in this order: the sheet before the joints.
        self.create_subscription(PoseStamped, "paper_pose", self._on_paper, qos.POSE)
        self.create_subscription(PoseStamped, "target_pose", self._on_target, qos.POSE)
        self.create_subscription(Float64, "gripper_target", self._on_gripper, qos.POSE)
        self.create_subscription(
            JointStateMsg, "joint_states", self._on_joint_states, qos.JOINT_STATE
        )
        self._reporter = DiagnosticReporter(self, self._report)

    # Inputs.

    def _on_paper(self, msg: PoseStamped) -> None:
        try:
            self._paper = (convert.stamp_to_ns(msg.header.stamp), convert.pose_from_ros(msg))
        except ObservationError as err:
            self._refusals.add("paper_pose", err)
            return
        self._act_if_paired()

    def _on_target(self, msg: PoseStamped) -> None:
        try:
            self._cartesian.set_target(convert.pose_from_ros(msg))
        except ObservationError as err:
            self._refusals.add("target_pose", err)

    def _on_gripper(self, msg: Float64) -> None:
        try:
            self._cartesian.set_gripper(msg.data)
        except CommandError as err:
            self._refusals.add("gripper_target", err)

    def _on_joint_states(self, msg: JointStateMsg) -> None:
        try:
            joints = convert.joint_state_from_ros(msg)
        except ObservationError as err:
            self._refusals.add("joint_states", err)
            return
        self._joint_rate.tick()
        if self._epochs.begins_at(joints.stamp_ns):
            self._policy.reset(self._settings.seed)
        if not self._gate.opens_at(joints.stamp_ns):
            self._repeat(msg)
        elif self._settings.lock_step:
            self._due = joints
            self._act_if_paired()
        else:
            self._act(Observation(joints, self._fresh_paper(joints.stamp_ns)))

    # The policy.

    @property
    def _policy(self) -> Policy:
        return self._policies[self._settings.mode]

    def _act_if_paired(self) -> None:
        """In lock-step, answer once joint state and paper pose have the same stamp."""
        if self._due is None:
            return
        paired = self._paper is not None and self._paper[0] == self._due.stamp_ns
        if paired or self._settings.mode == CARTESIAN:
            joints, self._due = self._due, None
            self._act(Observation(joints, self._paper[1] if paired and self._paper else None))

    def _fresh_paper(self, now_ns: int) -> Pose | None:
        """The latest paper pose, unless it is stale, from an earlier epoch or another clock."""
        if self._paper is None or self._epochs.is_stale(self._paper[0]):
            return None
        age_s = (now_ns - self._paper[0]) / NANOSECONDS
        # A pose may overtake its joint state, but not by more than it may lag behind it.
        return self._paper[1] if abs(age_s) <= self._settings.paper_timeout_s else None

    def _act(self, observation: Observation) -> None:
        if self._tool.get_subscription_count():
            hand = self._cartesian.hand_pose(observation.joints.q)
            self._tool.publish(convert.pose_to_ros(hand, observation.stamp_ns))
        started_s = time.perf_counter()
        try:
            action = self._policy.act(observation)
        except PolicyUnavailable as err:
            self._note_unavailable(str(err))
            self._decline(observation.stamp_ns)
            return
        self._act_times_s.append(time.perf_counter() - started_s)
        self._unavailable = ""
        self._answer = convert.trajectory_to_ros(action)
        self._publisher.publish(self._answer)
        self._action_rate.tick()

    def _note_unavailable(self, reason: str) -> None:
        """Log a reason that lasts: the first ticks of an episode lack a pose, and that is fine."""
        self._unavailable_ticks = self._unavailable_ticks + 1 if reason == self._unavailable else 1
        self._unavailable = reason
        if self._unavailable_ticks == _UNAVAILABLE_TICKS:
            self.get_logger().warning(f"no action, the arm holds: {reason}")

    def _decline(self, stamp_ns: int) -> None:
        """In lock-step, say that there is no answer: simulated time waits for one."""
        if self._settings.lock_step:
            self._answer = JointTrajectoryMsg(header=convert.header(stamp_ns))
            self._publisher.publish(self._answer)

    def _repeat(self, joints: JointStateMsg) -> None:
        """In lock-step, a joint state that comes again asks for an answer that was lost."""
        answer = self._answer
        if self._settings.lock_step and answer and answer.header.stamp == joints.header.stamp:
            self._publisher.publish(answer)

    def _apply(self, parameters: Parameters) -> None:
        changed_mode = parameters.mode != self._settings.mode
        self._settings = parameters
        if changed_mode:
            self._policy.reset(parameters.seed)
            self._act_if_paired()

    # Diagnostics.

    def _report(self) -> Report:
        level, message = judge_silence(
            self._joint_rate, "joint states", *self._judge(self._refusals.read_latest())
        )
        values: dict[str, object] = {
            "mode": self._settings.mode,
            "joint_states_hz": self._joint_rate.read_hz(),
            "actions_hz": self._action_rate.read_hz(),
            "epoch": self._epochs.count,
        }
        if self._act_times_s:
            p50_s, p99_s = np.percentile(self._act_times_s, [50, 99])
            values |= {"act_p50_ms": 1e3 * float(p50_s), "act_p99_ms": 1e3 * float(p99_s)}
        return Report(level, message, {**values, **self._refusals.values()})

    def _judge(self, refusal: str) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if self._joint_rate.count == 0:
            return STALE, "no joint states"
        if self._unavailable:
            return WARN, f"no action: {self._unavailable}"
        if refusal:
            return WARN, refusal
        if self._due is not None:
            return OK, "lock-step: waiting for the paper pose of this tick"
        phase = getattr(self._policy, "phase", None)
        return OK, self._settings.mode if phase is None else f"{self._settings.mode}: {phase}"


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(IkController, args)


if __name__ == "__main__":
    sys.exit(main())
