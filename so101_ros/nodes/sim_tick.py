"""What belongs to one policy tick of the simulator, on ``sim/tick``.

In lock-step nobody may guess which pose goes with which joint state: the simulator says it. The
stamps also tell how late everything is.
"""

from collections.abc import Callable
from typing import NamedTuple

from rclpy.node import Node
from std_msgs.msg import Int64MultiArray

from so101_ros.errors import ObservationError
from so101_ros.nodes import qos
from so101_ros.nodes.refusals import Refusals

TOPIC = "sim/tick"

_NO_PAPER = -1


class SimTick(NamedTuple):
    """One policy tick.

    Attributes:
        now_ns: When it is, in [ns].
        joints_ns: Stamp of its joint state, in [ns].
        paper_ns: Stamp of its pose of the sheet, in [ns]; None if there is none that is fresh.
        inference_ns: How late the policy's answer is to be, in [ns].
    """

    now_ns: int
    joints_ns: int
    paper_ns: int | None
    inference_ns: int


def tick_to_ros(tick: SimTick) -> Int64MultiArray:
    """Write a tick."""
    paper_ns = _NO_PAPER if tick.paper_ns is None else tick.paper_ns
    return Int64MultiArray(data=[tick.now_ns, tick.joints_ns, paper_ns, tick.inference_ns])


def tick_from_ros(msg: Int64MultiArray) -> SimTick:
    """Read a tick.

    Raises:
        ObservationError: If it is none.
    """
    if len(msg.data) != len(SimTick._fields):
        raise ObservationError(f"a tick of the simulator is 4 numbers, got {list(msg.data)[:8]}")
    now_ns, joints_ns, paper_ns, inference_ns = msg.data
    return SimTick(now_ns, joints_ns, None if paper_ns == _NO_PAPER else paper_ns, inference_ns)


class SimTickFeed:
    """Keep the latest tick.

    Attributes:
        latest: The latest tick; None without a simulator.
    """

    def __init__(self, node: Node, refusals: Refusals, on_tick: Callable[[], None]) -> None:
        """Subscribe.

        Args:
            node: Who listens.
            refusals: Counts malformed ticks.
            on_tick: Called after every tick.
        """
        self.latest: SimTick | None = None
        self._refusals = refusals
        self._on_tick = on_tick
        node.create_subscription(Int64MultiArray, TOPIC, self._take, qos.JOINT_STATE)

    def of(self, joints_ns: int) -> SimTick | None:
        """The tick of a joint state, by its stamp in [ns], if it is the latest."""
        if self.latest is None or self.latest.joints_ns != joints_ns:
            return None
        return self.latest

    def _take(self, msg: Int64MultiArray) -> None:
        try:
            self.latest = tick_from_ros(msg)
        except ObservationError as err:
            self._refusals.add(TOPIC, err)
            return
        self._on_tick()
