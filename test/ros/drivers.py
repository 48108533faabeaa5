"""Stand-ins for the backend and the policies, inside a test.

What one process publishes arrives in the order in which it was published, and the nodes take chunks
and poses before joint states: no test has to wait for a chunk to have been read.
"""

from __future__ import annotations

import numpy as np
from harness import Probe
from rcl_interfaces.srv import GetParameters
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Int64MultiArray
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import HOME_Q
from so101_ros.nodes import convert, qos, sim_tick
from so101_ros.observation import JointState
from so101_ros.rates import Rates
from so101_ros.trajectory import JointOffsets, JointTrajectory

RATES = Rates()


class Clock:
    """Control ticks of the stand-in backend."""

    def __init__(self) -> None:
        """Begin at a policy tick that is not the first."""
        self.tick = 40

    @property
    def stamp_ns(self) -> int:
        """Stamp of the current tick in [ns]."""
        return RATES.stamp_of_control_tick(self.tick)


class JointSource:
    """Publish joint states, tick by tick."""

    def __init__(self, probe: Probe, clock: Clock) -> None:
        """Publish on ``joint_states`` once somebody listens."""
        self._publisher = probe.publisher(JointStateMsg, "joint_states", qos.JOINT_STATE)
        self._clock = clock

    def send(self, q: np.ndarray = HOME_Q) -> int:
        """Publish the arm at the current tick and return its stamp."""
        state = JointState(self._clock.stamp_ns, np.array(q), np.zeros(6))
        self._publisher.publish(convert.joint_state_to_ros(state))
        return state.stamp_ns


class TickSource:
    """Tell what belongs to a policy tick, as the simulator does."""

    def __init__(self, probe: Probe, clock: Clock) -> None:
        """Publish on ``sim/tick`` once somebody listens."""
        self._publisher = probe.publisher(Int64MultiArray, sim_tick.TOPIC, qos.JOINT_STATE)
        self._clock = clock

    def send(self, *, paper: bool = True) -> None:
        """Publish the current tick, with a pose of the sheet or without."""
        now_ns = self._clock.stamp_ns
        tick = sim_tick.SimTick(now_ns, now_ns, now_ns if paper else None, inference_ns=0)
        self._publisher.publish(sim_tick.tick_to_ros(tick))


def settle(probe: Probe, node_name: str) -> None:
    """Wait until a node has handled what it was sent: it answers services last."""
    probe.call(GetParameters, f"{node_name}/get_parameters", GetParameters.Request())


def chunk(stamp_ns: int, q: np.ndarray, length_s: float = 0.0) -> JointTrajectoryMsg:
    """Want one pose from a stamp on, as a message."""
    times_s = np.array([0.0, length_s]) if length_s else np.zeros(1)
    return convert.trajectory_to_ros(
        JointTrajectory(stamp_ns, times_s, np.tile(q, (len(times_s), 1)))
    )


def offset(stamp_ns: int, q_offset: np.ndarray) -> JointTrajectoryMsg:
    """Want one correction from a stamp on, as a message."""
    return convert.offsets_to_ros(JointOffsets(stamp_ns, np.zeros(1), q_offset[None]))


class NodeBench:
    """One node between stand-ins, and what it says of itself.

    Attributes:
        probe: The test's own node.
        reports: Every report of the node so far.
        clock: Time of the stand-in backend.
        joints: The stand-in backend.
    """

    def __init__(self, probe: Probe, node_name: str) -> None:
        """Listen to a node and wait until it takes joint states."""
        self.probe = probe
        self.reports = probe.collect_diagnostics(node_name)
        self.clock = Clock()
        self.joints = JointSource(probe, self.clock)

    def wait_until_heard(self) -> None:
        """Wait for a new report: it proves that what the node publishes arrives here."""
        self.reports.clear()
        self.probe.spin_until(lambda: self.reports)

    def wait_for_report(self, level: bytes, text: str) -> None:
        """Wait until the node says something of itself."""
        self.reports.clear()
        self.probe.spin_until(
            lambda: any(each.level == level and text in each.message for each in self.reports)
        )

    def values(self) -> dict[str, str]:
        """Values of the next report."""
        self.wait_until_heard()
        return {value.key: value.value for value in self.reports[-1].values}
