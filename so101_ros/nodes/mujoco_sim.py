"""Physics, as a ROS node.

Publishes ``joint_states`` and ``/clock`` (120 Hz), ``ground_truth/paper_pose``, ``sim/paper_pose``
(the same as it is seen: late, and not always), ``sim/state`` and ``sim/tick`` (30 Hz),
``sim/scene`` (latched) and ``diagnostics``; follows ``joint_trajectory``; offers
``sim/reset``, ``sim/pause`` and ``sim/step``; with ``allow_place_paper`` also listens to
``sim/place_paper``. Run it alone with::

    python -m so101_ros.nodes.mujoco_sim --ros-args -p seed:=7
"""

import sys
import time
from collections.abc import Sequence

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

from so101_ros.nodes import runtime
from so101_ros.nodes.command_inbox import CommandInbox
from so101_ros.nodes.diagnostics import (
    ERROR,
    OK,
    SILENCE_S,
    WARN,
    DiagnosticReporter,
    RateMeter,
    Report,
)
from so101_ros.nodes.paper_placement import PaperPlacement
from so101_ros.nodes.parameters import declare, on_change
from so101_ros.nodes.simulation_parameters import SimulationParameters
from so101_ros.nodes.simulation_topics import SimulationTopics
from so101_ros.trajectory import JointTrajectory

REPEAT_S = 0.5
"""In lock-step, a tick without answer is published again after one to two times this, in [s]."""


class MujocoSim(Node):
    """Run the simulator against the wall clock and serve its topics."""

    def __init__(self) -> None:
        """Begin the first episode and let time run."""
        super().__init__("mujoco_sim")
        self._settings = declare(self, SimulationParameters)
        on_change(self, self._settings, self._apply)
        self._simulator = self._settings.build_simulator()
        self._pacer = self._settings.build_pacer()
        self._paused = False
        self._topics = SimulationTopics(self, self._simulator)
        # Messages that wait together are taken in this order: the sheet is moved before a command
        # lets time go on.
        self._placement = (
            PaperPlacement(self, self._simulator) if self._settings.allow_place_paper else None
        )
        self._inbox = CommandInbox(self, self._follow)
        self._ticks, self._commands = RateMeter(), RateMeter()
        self._reported_refusals = 0
        self._reporter = DiagnosticReporter(self, self._report)
        self._offer_services()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        period_s = 0.0 if self._pacer is None else self._pacer.period_s
        self._timer = self.create_timer(period_s, self._on_timer, clock=steady)
        self._unanswered_ns: int | None = None
        if self._settings.lock_step:
            self._repeater = self.create_timer(REPEAT_S, self._repeat, clock=steady)
        self._topics.publish_episode()

    def _apply(self, settings: SimulationParameters) -> None:
        self._settings = settings

    # Time.

    def _on_timer(self) -> None:
        ticks = self._simulator.rates.control_ticks_per_policy
        if self._pacer is not None:
            ticks = min(ticks, self._pacer.due_ticks(time.monotonic()))
        self._advance(ticks)
        if self._paused or self._simulator.awaits_command:
            self._timer.cancel()

    def _advance(self, ticks: int) -> None:
        for _ in range(ticks):
            if self._simulator.awaits_command:
                return
            self._simulator.advance()
            self._topics.publish_tick()
            self._ticks.tick()
            if self._pacer is not None:
                self._pacer.done(1)

    def _resume(self) -> None:
        if not self._paused and self._timer.is_canceled():
            self._timer.reset()

    def _repeat(self) -> None:
        """Show a tick again that nobody answers: whoever must may not have been there yet."""
        stamp_ns = self._simulator.stamp_ns if self._simulator.awaits_command else None
        if stamp_ns is not None and stamp_ns == self._unanswered_ns:
            self._topics.repeat_tick()
        self._unanswered_ns = stamp_ns

    def _follow(self, command: JointTrajectory) -> None:
        self._simulator.accept(command)
        self._commands.tick()
        self._resume()

    # Services.

    def _offer_services(self) -> None:
        self.create_service(Trigger, "sim/reset", self._on_reset)
        self.create_service(SetBool, "sim/pause", self._on_pause)
        self.create_service(Trigger, "sim/step", self._on_step)

    def _on_reset(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        episode = self._simulator.reset(self._settings.seed)
        self._topics.publish_episode()
        self._resume()
        paper = episode.paper
        response.success = True
        response.message = (
            f"episode {episode.number} with seed {episode.seed}: sheet at x={paper.x:.3f} m, "
            f"y={paper.y:.3f} m, yaw={paper.yaw:.3f} rad"
        )
        return response

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._paused = request.data
        if self._pacer is not None:
            self._pacer.restart()
        if self._paused:
            self._timer.cancel()
        self._resume()
        response.success = True
        response.message = "paused" if self._paused else "running"
        return response

    def _on_step(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if not self._paused:
            response.message = "not paused: call sim/pause with data: true first"
        elif self._simulator.awaits_command:
            stamp_ns = self._simulator.joint_state.stamp_ns
            response.message = f"waiting for a command stamped {stamp_ns} ns"
        else:
            self._advance(1)
            while not self._simulator.at_policy_tick:
                self._advance(1)
            response.success = True
            response.message = f"stepped to {self._simulator.stamp_ns} ns"
        return response

    # Diagnostics.

    def _report(self) -> Report:
        level, message = self._judge()
        if self._placement is not None:
            message += "; sim/place_paper may move the sheet"
        ticks_hz = self._ticks.read_hz()
        simulator, inbox = self._simulator, self._inbox
        refused = {f"refused_{reason}": count for reason, count in inbox.refused.items()}
        values: dict[str, object] = {
            "real_time_factor": ticks_hz / simulator.rates.control_hz,
            "control_rate_hz": ticks_hz,
            "ticks": self._ticks.count,
            "dropped_wall_time_s": 0.0 if self._pacer is None else self._pacer.dropped_s,
            "episode": simulator.episode.number,
            "seed": simulator.episode.seed,
            "follower": simulator.follower.state_at(simulator.stamp_ns).value,
            "accepted_commands": inbox.accepted,
            **refused,
            "last_refusal": inbox.last_refusal,
            "clamped_joints": int(simulator.follower.clamped_joints.sum()),
            "late_commands": simulator.late_commands,
            "slowed_joints": int(simulator.slowed_joints.sum()),
            **({} if self._placement is None else self._placement.values()),
        }
        return Report(level, message, values)

    def _judge(self) -> tuple[bytes, str]:
        """Level and message: what is wrong, else what the simulator does."""
        refusals = self._inbox.refused.total()
        news, self._reported_refusals = refusals - self._reported_refusals, refusals
        if self._inbox.conflict:
            return ERROR, (
                f"the arm holds: several publishers on joint_trajectory "
                f"({', '.join(self._inbox.senders)}); stop all but one"
            )
        if news:
            return WARN, f"refused {news} commands, the last: {self._inbox.last_refusal}"
        if self._paused:
            return OK, "paused"
        silence_s = self._commands.silence_s
        level, suffix = OK, ""
        if silence_s > SILENCE_S and self._commands.count:
            level, suffix = WARN, f"; the last command came {silence_s:.1f} s ago"
        if self._simulator.awaits_command:
            return level, f"lock-step: waiting for a command{suffix}"
        return level, self._simulator.follower.state_at(self._simulator.stamp_ns).value + suffix


def main(args: Sequence[str] | None = None) -> int:
    """Run the node; see :func:`so101_ros.nodes.runtime.run`."""
    return runtime.run(MujocoSim, args)


if __name__ == "__main__":
    sys.exit(main())
