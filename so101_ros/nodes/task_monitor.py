"""Node: tell how the task stands.

Subscribes to ``paper_pose`` and ``joint_states``. Publishes ``task/status`` with the pose of every
policy tick, ``task/markers`` for rviz, and ``diagnostics``.

    ros2 run so101_ros task_monitor
"""

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMsg
from visualization_msgs.msg import MarkerArray

from so101_ros.errors import ObservationError
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
from so101_ros.nodes.parameters import declare, parameter
from so101_ros.nodes.refusals import Refusals
from so101_ros.nodes.runtime import run
from so101_ros.nodes.task_markers import build_markers
from so101_ros.rates import Rates
from so101_ros.task.episode_status import EpisodeMonitor, EpisodeStatus, Outcome
from so101_ros.task.measures import PaperMeasures

TASK_NAME = "paper_return"
TICKS_PER_PICTURE = 3  # ten pictures per second are enough for an eye

_GOOD = (Outcome.RUNNING, Outcome.SUCCESS)


@dataclass(frozen=True)
class Parameters(LoopParameters):
    """Parameters of the node."""

    episode_ticks: int = parameter(
        Rates().episode_ticks, "Policy ticks until the time limit", minimum=1
    )
    paper_timeout_s: float = parameter(
        0.5, "Time without a pose after which the sheet counts as lost [s]", minimum=0.0
    )
    unseen_ticks: int = parameter(
        0, "Policy ticks in a row that may lack a pose while the sheet counts as inside", minimum=0
    )

    @property
    def rates(self) -> Rates:
        """Rates of the loops that the node sees, and the length of an episode."""
        return Rates(self.control_hz, self.control_hz, self.policy_hz, self.episode_ticks)


class TaskMonitor(Node):
    """Judge poses of the sheet."""

    def __init__(self) -> None:
        """Read the parameters and wait for the first episode."""
        super().__init__("task_monitor")
        parameters = declare(self, Parameters)
        self._rates = parameters.rates
        self._monitor = EpisodeMonitor(
            self._rates, parameters.paper_timeout_s, parameters.unseen_ticks
        )
        self._last: EpisodeStatus | None = None
        self._joint_rate, self._pose_rate = RateMeter(), RateMeter()
        self._refusals = Refusals(self)
        self._status = self.create_publisher(DiagnosticStatus, "task/status", qos.STATUS)
        self._markers = self.create_publisher(MarkerArray, "task/markers", qos.STATUS)
        self.create_subscription(PoseStamped, "paper_pose", self._on_paper, qos.POSE)
        self.create_subscription(
            JointStateMsg, "joint_states", self._on_joint_states, qos.JOINT_STATE
        )
        self._reporter = DiagnosticReporter(self, self._report)

    def _on_joint_states(self, msg: JointStateMsg) -> None:
        self._joint_rate.tick()
        stamp_ns = convert.stamp_to_ns(msg.header.stamp)
        self._publish(self._monitor.observe_joints(stamp_ns))

    def _on_paper(self, msg: PoseStamped) -> None:
        try:
            paper = convert.pose_from_ros(msg)
        except ObservationError as err:
            self._refusals.add("paper_pose", err)
            return
        self._pose_rate.tick()
        stamp_ns = convert.stamp_to_ns(msg.header.stamp)
        self._publish(self._monitor.observe_paper(stamp_ns, paper))

    def _publish(self, statuses: Iterable[EpisodeStatus]) -> None:
        for status in statuses:
            self._log_change(status)
            self._last = status
            self._status.publish(status_to_ros(status))
            if self._rates.policy_tick_at(status.stamp_ns) % TICKS_PER_PICTURE == 0:
                self._markers.publish(build_markers(status))

    def _log_change(self, status: EpisodeStatus) -> None:
        """Tell when an episode begins and how it ends."""
        before = self._last
        if before is None or before.episode != status.episode:
            self.get_logger().info(f"episode {status.episode} begins")
        elif before.outcome is not status.outcome:
            self.get_logger().info(
                f"episode {status.episode}: {status.outcome.value} after {status.elapsed_s:.2f} s"
                f"{_describe(status.measures)}"
            )

    def _report(self) -> Report:
        level, message = judge_silence(
            self._joint_rate, "joint states", *self._judge(self._refusals.read_latest())
        )
        values = {
            "poses_hz": self._pose_rate.read_hz(),
            "episode": self._monitor.episode,
            **self._refusals.values(),
        }
        return Report(level, message, values)

    def _judge(self, refusal: str) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if refusal:
            return WARN, refusal
        if self._last is None:
            missing = "joint states" if self._monitor.episode == 0 else "paper pose"
            return STALE, f"no {missing}"
        outcome = self._last.outcome
        return WARN if outcome is Outcome.NO_PAPER else OK, outcome.value


def _describe(measures: PaperMeasures | None) -> str:
    if measures is None:
        return ""
    return (
        f", {1e3 * measures.distance_to_goal:.1f} mm and "
        f"{math.degrees(measures.yaw_error):.1f} deg from the goal"
    )


def status_to_ros(status: EpisodeStatus) -> DiagnosticStatus:
    """Write the status of one policy tick; without a sheet there are no measures.

    Args:
        status: How the episode stands.

    Returns:
        Level, reason and named values.
    """
    values = {
        "success": str(status.success).lower(),
        "episode": str(status.episode),
        "elapsed_s": f"{status.elapsed_s:.3f}",
    }
    if status.measures is not None:
        values |= {
            "distance_to_goal": f"{status.measures.distance_to_goal:.6f}",
            "yaw_error": f"{status.measures.yaw_error:.6f}",
            "margin": f"{status.measures.margin:.6f}",
        }
    return DiagnosticStatus(
        level=OK if status.outcome in _GOOD else WARN,
        name=TASK_NAME,
        message=status.outcome.value,
        hardware_id="so101",
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(TaskMonitor, args)


if __name__ == "__main__":
    sys.exit(main())
