"""What became of every policy tick, on ``policy/<base>/status``."""

import json
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from rclpy.node import Node

from so101_ros.errors import ObservationError
from so101_ros.nodes import qos

IK_TOPIC = "policy/ik/status"
"""Of the slot of the absolute base, whoever fills it."""

GROOT_TOPIC = "policy/groot/status"
"""Of GR00T."""


@dataclass(frozen=True, slots=True)
class TickReport:
    """What became of one policy tick.

    Attributes:
        stamp_ns: Stamp of the observation, in [ns].
        seed: What the policy began its episode with.
        level: ``DiagnosticStatus.OK`` for an answer, ``WARN`` for none, ``ERROR`` for a policy
            that has failed in this episode.
        message: Why there is no answer; empty if there is one.
        inference_s: Wall time of the policy's answer in [s]; 0 after it has failed.
        target: What it wants for the end of the tick, joint targets in [rad]; None without answer.
        traceback: Where in its code the policy failed; empty if it did not.
    """

    stamp_ns: int
    seed: int
    level: bytes
    message: str = ""
    inference_s: float = 0.0
    target: tuple[float, ...] | None = None
    traceback: str = ""

    @property
    def failed(self) -> bool:
        """Whether the policy has failed."""
        return self.level == DiagnosticStatus.ERROR


class PolicyStatus:
    """Publish reports of ticks."""

    def __init__(self, node: Node, topic: str) -> None:
        """Announce the topic.

        Args:
            node: Who publishes.
            topic: Where.
        """
        self._name = node.get_name()
        self._publisher = node.create_publisher(DiagnosticStatus, topic, qos.STATUS)

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens: nobody else is worth a report."""
        return self._publisher.get_subscription_count() > 0

    def publish(self, report: TickReport) -> None:
        """Tell what became of a tick."""
        self._publisher.publish(report_to_ros(report, self._name))


def report_to_ros(report: TickReport, name: str) -> DiagnosticStatus:
    """Write a report.

    Args:
        report: What became of a tick.
        name: The node that speaks.
    """
    values = {
        "stamp_ns": str(report.stamp_ns),
        "seed": str(report.seed),
        "inference_s": repr(report.inference_s),
        "target": json.dumps(report.target),
        "traceback": report.traceback,
    }
    return DiagnosticStatus(
        level=report.level,
        name=name,
        message=report.message,
        hardware_id="so101",
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )


def report_from_ros(msg: DiagnosticStatus) -> TickReport:
    """Read a report.

    Raises:
        ObservationError: If it is none.
    """
    values = {entry.key: entry.value for entry in msg.values}
    try:
        return TickReport(
            stamp_ns=int(values["stamp_ns"]),
            seed=int(values["seed"]),
            level=msg.level,
            message=msg.message,
            inference_s=float(values["inference_s"]),
            target=_read_target(values["target"]),
            traceback=values["traceback"],
        )
    except (KeyError, ValueError, TypeError) as err:
        raise ObservationError(f"not a report of a policy tick ({err!r}): {values}") from err


def _read_target(text: str) -> tuple[float, ...] | None:
    numbers = json.loads(text)
    return None if numbers is None else tuple(float(number) for number in numbers)
