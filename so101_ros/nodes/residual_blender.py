"""Node: blend the policies' actions, guard the sum, command the arm.

Subscribes to ``joint_states``, ``policy/ik/action``, ``policy/groot/action`` and
``policy/residual/offset``. Publishes ``joint_trajectory``, ``blender/breakdown/<term>`` at the
policy rate, and ``diagnostics``. Serves ``blender/hold``, ``blender/estop`` and ``blender/resume``.

    ros2 run so101_ros residual_blender --ros-args -p w_ik:=0.8 -p w_groot:=0.2
"""

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMsg
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import JOINT_NAMES, ArmSpec
from so101_ros.blend_settings import Base
from so101_ros.blending import Blender, BlendState
from so101_ros.control.commander import Commanded, Commander
from so101_ros.control.continuity import ContinuityCheck
from so101_ros.control.guard import Guard
from so101_ros.control.tick_gate import TickGate
from so101_ros.errors import CommandError, ObservationError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.blender_parameters import BlenderParameters
from so101_ros.nodes.breakdown import Breakdown
from so101_ros.nodes.diagnostics import (
    ERROR,
    OK,
    SILENCE_S,
    STALE,
    WARN,
    DiagnosticReporter,
    RateMeter,
    Report,
    judge_silence,
)
from so101_ros.nodes.parameters import declare, on_change
from so101_ros.nodes.publisher_watch import PublisherWatch, publisher_names
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.runtime import run
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import build_arm_spec

_EPOCHS_PER_REPORT = 3  # more resets than that in a second are none


class ResidualBlender(Node):
    """Answer joint states with commands."""

    def __init__(self) -> None:
        """Read the parameters and wait for joint states."""
        super().__init__("residual_blender")
        parameters = declare(self, BlenderParameters)
        arm = ArmSpec.from_model(build_arm_spec(SceneConfig(parameters.robot_model)).compile())
        guard = Guard(arm, parameters.rates, parameters.guard)
        self._commander = Commander(Blender(parameters.blend), guard)
        self._lock_step = parameters.lock_step
        self._expect_residual = parameters.expect_residual
        self._policy_gate = TickGate(parameters.rates)
        rate_hz = parameters.policy_hz if parameters.lock_step else parameters.rate_hz
        self._command_gate = TickGate(Rates(parameters.control_hz, parameters.control_hz, rate_hz))
        self._continuity = ContinuityCheck(arm)
        self._due: JointState | None = None
        self._due_since_s = 0.0
        self._reported_epochs = 0
        self._last: Commanded | None = None
        self._refusals = Refusals(self)
        self._joint_rate, self._command_rate = RateMeter(), RateMeter()
        self._connect()
        on_change(self, parameters, self._apply)

    def _connect(self) -> None:
        self._publisher = self.create_publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
        self._breakdown = Breakdown(self)
        self._watch = PublisherWatch(self, self._publisher)
        for base in Base:
            self.create_subscription(
                JointTrajectoryMsg,
                _action_topic(base),
                partial(self._on_action, base),
                qos.POLICY_ACTION,
            )
        self.create_subscription(
            JointTrajectoryMsg, "policy/residual/offset", self._on_offset, qos.POLICY_ACTION
        )
        self._joints = self.create_subscription(
            JointStateMsg, "joint_states", self._on_joint_states, qos.JOINT_STATE
        )
        for name, act in (("hold", self._hold), ("estop", self._stop), ("resume", self._resume)):
            self.create_service(Trigger, f"blender/{name}", act)
        self._reporter = DiagnosticReporter(self, self._report)

    # Inputs.

    def _on_action(self, base: Base, msg: JointTrajectoryMsg) -> None:
        blender = self._commander.blender
        if self._lock_step and not msg.points:
            blender.decline(base, convert.stamp_to_ns(msg.header.stamp))
        else:
            self._take(
                _action_topic(base),
                lambda: blender.accept(base, convert.trajectory_from_ros(msg)),
            )
        self._command_if_answered()

    def _on_offset(self, msg: JointTrajectoryMsg) -> None:
        self._take(
            "policy/residual/offset",
            lambda: self._commander.blender.accept_residual(convert.offsets_from_ros(msg)),
        )
        self._command_if_answered()

    def _take(self, topic: str, accept: Callable[[], None]) -> None:
        """Take a message whole or not at all."""
        try:
            accept()
        except CommandError as err:
            self._refusals.add(topic, err)

    def _on_joint_states(self, msg: JointStateMsg) -> None:
        try:
            joints = convert.joint_state_from_ros(msg)
        except ObservationError as err:
            self._refusals.add("joint_states", err)
            return
        self._joint_rate.tick()
        if self._commander.observe(joints.stamp_ns):
            self._continuity.restart()
        try:
            self._continuity.take(joints)
        except ObservationError as err:
            self._refusals.add("joint_states", err)
            return
        if not self._command_gate.opens_at(joints.stamp_ns):
            self._repeat(joints.stamp_ns)
        elif self._lock_step:
            self._due, self._due_since_s = joints, time.monotonic()
            self._command_if_answered()
        else:
            self._command(joints)

    # Output.

    def _command_if_answered(self) -> None:
        """In lock-step, command once everyone has answered the joint state that is due."""
        if self._due is None or not self._commander.blender.has_answers_for(
            self._due.stamp_ns, with_residual=self._expect_residual
        ):
            return
        if self._command(self._due):
            self._due = None

    def _repeat(self, stamp_ns: int) -> None:
        """In lock-step, a joint state that comes again asks for a command that did not come."""
        if not self._lock_step or self._watch.rivals:
            return
        if self._due is not None and self._due.stamp_ns == stamp_ns:
            self._command_if_answered()
        elif self._last is not None and self._last.command.stamp_ns == stamp_ns:
            self._publisher.publish(convert.trajectory_to_ros(self._last.command))

    def _command(self, joints: JointState) -> bool:
        """Answer a joint state, unless somebody else commands the arm; tell whether it was sent."""
        if self._watch.rivals:
            # Two publishers would pull the arm to and fro; the backend holds meanwhile.
            self._commander.guard.restart()
            return False
        commanded = self._commander.command(joints)
        self._publisher.publish(convert.trajectory_to_ros(commanded.command))
        self._command_rate.tick()
        self._last = commanded
        if self._policy_gate.opens_at(joints.stamp_ns):
            self._breakdown.publish(commanded)
        return True

    # Parameters and services.

    def _apply(self, parameters: BlenderParameters) -> None:
        self._commander.blender.settings = parameters.blend
        self._command_if_answered()

    def _hold(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._commander.guard.hold("held by blender/hold")
        return _succeed(response, "the arm holds; blender/resume lets it move again")

    def _stop(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._commander.guard.stop("stopped by blender/estop")
        return _succeed(response, "the arm is stopped; blender/resume lets it move again")

    def _resume(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._commander.guard.resume()
        return _succeed(response, "the arm follows the policies again, slowly at first")

    # Diagnostics.

    def _report(self) -> Report:
        level, message = judge_silence(
            self._joint_rate, "joint states", *self._judge(self._refusals.read_latest())
        )
        guard = self._commander.guard
        values: dict[str, object] = {
            "joint_states_hz": self._joint_rate.read_hz(),
            "commands_hz": self._command_rate.read_hz(),
            "epoch": self._commander.epochs.count,
            "position_clips": _by_joint(guard.position_clips),
            "speed_clips": _by_joint(guard.speed_clips),
        }
        if self._last is not None:
            blend = self._last.blend
            values |= {"blend": blend.state.value, "guard": self._last.guarded.state.value}
            values |= {f"weight_{name}": weight for name, weight in blend.weights.items()}
            values |= {f"age_{name}_s": _age(age_s) for name, age_s in blend.ages_s.items()}
        return Report(level, message, {**values, **self._refusals.values()})

    def _judge(self, refusal: str) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if self._watch.rivals:
            return ERROR, (
                f"{list(self._watch.rivals)} publish on {self._publisher.topic_name} too; only "
                "one node may command the arm, so nothing is sent until they stop"
            )
        if trouble := self._describe_epochs() or self._describe_waiting():
            return WARN, trouble
        if self._last is None:
            return STALE, "no joint states" if self._joint_rate.count == 0 else "no command yet"
        guarded, blend = self._last.guarded, self._last.blend
        if guarded.reason:
            return WARN, f"{guarded.state.value}: {guarded.reason}"
        if refusal:
            return WARN, refusal
        if blend.state is BlendState.FALLBACK:
            return WARN, f"fallback to the other base: {blend.reason}"
        return OK, guarded.state.value

    def _describe_epochs(self) -> str:
        """Say that epochs have begun faster than anybody resets; empty if they have not."""
        count, before = self._commander.epochs.count, self._reported_epochs
        self._reported_epochs = count
        if count - before <= _EPOCHS_PER_REPORT:
            return ""
        names = publisher_names(self, self._joints.topic_name)
        return (
            f"joint states jumped in time {count - before} times since the last report; they come "
            f"from {', '.join(names)}: are these several arms?"
        )

    def _describe_waiting(self) -> str:
        """In lock-step, say whose answer has not come for long; empty if none is missing."""
        if self._due is None or time.monotonic() - self._due_since_s < SILENCE_S:
            return ""
        stamp_ns = self._due.stamp_ns
        missing = self._commander.blender.missing_answers(
            stamp_ns, with_residual=self._expect_residual
        )
        tick_s = stamp_ns / NANOSECONDS
        return f"lock-step: no answer of {', '.join(missing)} to {tick_s:.3f} s" if missing else ""


def _action_topic(base: Base) -> str:
    return f"policy/{base.value}/action"


def _succeed(response: Trigger.Response, message: str) -> Trigger.Response:
    response.success = True
    response.message = message
    return response


def _age(age_s: float | None) -> str:
    return "none" if age_s is None else f"{age_s:.3f}"


def _by_joint(counts: np.ndarray) -> str:
    named = zip(JOINT_NAMES, counts.tolist(), strict=True)
    return ", ".join(f"{name} {count}" for name, count in named if count) or "none"


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(ResidualBlender, args)


if __name__ == "__main__":
    sys.exit(main())
