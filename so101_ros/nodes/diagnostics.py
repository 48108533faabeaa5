"""What a node says about itself once a second."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from so101_ros.nodes import qos

OK = DiagnosticStatus.OK
WARN = DiagnosticStatus.WARN
ERROR = DiagnosticStatus.ERROR
STALE = DiagnosticStatus.STALE

SILENCE_S = 2.0
"""Wall time without an event after which a stream has stopped."""

_PERIOD_S = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """One node's state.

    Attributes:
        level: :data:`OK`, :data:`WARN`, :data:`ERROR` or :data:`STALE`.
        message: One line for humans.
        values: Rates, ages, counters; shown as texts.
    """

    level: bytes
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


class RateMeter:
    """Count events and tell their rate since the last reading.

    Attributes:
        count: Events since construction.
    """

    def __init__(self) -> None:
        """Begin to count."""
        self.count = 0
        self._read_count = 0
        self._read_at_s = self._ticked_at_s = time.monotonic()

    @property
    def silence_s(self) -> float:
        """Wall time since the last event, or since construction, in [s]."""
        return time.monotonic() - self._ticked_at_s

    def tick(self, events: int = 1) -> None:
        """Count events."""
        self.count += events
        self._ticked_at_s = time.monotonic()

    def read_hz(self) -> float:
        """Events per wall second since the last reading."""
        now_s = time.monotonic()
        events, elapsed_s = self.count - self._read_count, now_s - self._read_at_s
        self._read_count, self._read_at_s = self.count, now_s
        return events / elapsed_s if elapsed_s > 0.0 else 0.0


def judge_silence(stream: RateMeter, what: str, level: bytes, message: str) -> tuple[bytes, str]:
    """Let a stream that has stopped outdo whatever was said before, but for an error.

    Args:
        stream: Counts its messages.
        what: What they are.
        level: Level without the silence.
        message: Message without the silence.

    Returns:
        Level and message.
    """
    if level == ERROR or stream.count == 0 or stream.silence_s <= SILENCE_S:
        return level, message
    return STALE, f"no {what} for {stream.silence_s:.1f} s; before: {message}"


class DiagnosticReporter:
    """Publish a node's report on ``diagnostics``, once per wall second."""

    def __init__(self, node: Node, collect: Callable[[], Report]) -> None:
        """Start to report.

        Args:
            node: Whose state it is.
            collect: Tells the node's state now.
        """
        self._node = node
        self._collect = collect
        self._publisher = node.create_publisher(DiagnosticArray, "diagnostics", qos.STATUS)
        # Wall time: a graph whose simulated time stands still must still say so.
        self._clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(_PERIOD_S, self.publish, clock=self._clock)

    def publish(self) -> None:
        """Report now."""
        report = self._collect()
        status = DiagnosticStatus(
            level=report.level,
            name=self._node.get_name(),
            message=report.message,
            hardware_id="so101",
            values=[KeyValue(key=key, value=_text(value)) for key, value in report.values.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
