"""The task monitor as a process: status and markers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from drivers import RATES, NodeBench, settle
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe
from visualization_msgs.msg import Marker, MarkerArray

from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import OK, WARN
from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW

AT_GOAL = Pose(np.array([*GOAL_CENTRE, 0.0005]), yaw_to_quaternion(GOAL_YAW))
FAR = Pose(np.array([0.30, 0.0, 0.0005]), yaw_to_quaternion(0.0))
PER_POLICY = RATES.control_ticks_per_policy

Start = Callable[..., NodeProcess]


class Bench(NodeBench):
    """A monitor and a stand-in for the backend."""

    def __init__(self, probe: Probe) -> None:
        """Wait for the monitor and connect to it."""
        super().__init__(probe, "task_monitor")
        self.statuses = probe.collect(DiagnosticStatus, "task/status", qos.STATUS)
        self.markers = probe.collect(MarkerArray, "task/markers", qos.STATUS)
        self.paper = probe.publisher(PoseStamped, "paper_pose", qos.POSE)
        self.wait_until_heard()

    def play(self, ticks: int, paper: Pose | None) -> None:
        """Let policy ticks pass; wait for the status of each that has a pose."""
        for _ in range(ticks):
            self.joints.send()
            if paper is not None:
                expected = len(self.statuses) + 1
                self.paper.publish(convert.pose_to_ros(paper, self.clock.stamp_ns))
                self.probe.spin_until(lambda count=expected: len(self.statuses) == count)
            for _ in range(PER_POLICY - 1):
                self.clock.tick += 1
                self.joints.send()
            self.clock.tick += 1
            settle(self.probe, "task_monitor")

    def reset(self) -> None:
        """Let the gap of a reset pass."""
        self.clock.tick += RATES.control_hz // 2


def values(status: DiagnosticStatus) -> dict[str, str]:
    """Named values of a status."""
    return {value.key: value.value for value in status.values}


def test_success_comes_with_the_fifth_tick_and_every_number_is_finite(
    start_node: Start, probe: Probe
):
    """Four ticks are not enough, and no distance is infinite."""
    start_node("task_monitor")
    bench = Bench(probe)
    bench.play(3, FAR)
    bench.play(6, AT_GOAL)
    assert [each.message for each in bench.statuses] == ["running"] * 7 + ["success"] * 2
    assert [values(each)["success"] for each in bench.statuses] == ["false"] * 7 + ["true"] * 2
    for status in bench.statuses:
        assert (status.name, status.level) == ("paper_return", OK)
        numbers = [
            float(values(status)[key])
            for key in ("distance_to_goal", "yaw_error", "margin", "elapsed_s")
        ]
        assert np.isfinite(numbers).all()
    first, last = values(bench.statuses[0]), values(bench.statuses[-1])
    assert float(first["distance_to_goal"]) == pytest.approx(np.hypot(0.025, 0.175), abs=1e-6)
    assert float(first["yaw_error"]) == pytest.approx(np.pi / 2.0, abs=1e-5)
    assert float(last["margin"]) == pytest.approx(0.020, abs=1e-6)
    assert float(last["elapsed_s"]) == pytest.approx(7 / 30, abs=1e-3)


def test_success_is_latched_until_a_reset(start_node: Start, probe: Probe):
    """A gap in the joint states begins the next episode, which starts from nothing."""
    start_node("task_monitor")
    bench = Bench(probe)
    bench.play(5, AT_GOAL)
    bench.play(2, FAR)
    assert bench.statuses[-1].message == "success"
    bench.reset()
    bench.play(4, AT_GOAL)
    assert bench.statuses[-1].message == "running"
    assert [values(each)["episode"] for each in bench.statuses] == ["1"] * 7 + ["2"] * 4


def test_an_episode_ends_at_the_time_limit(start_node: Start, probe: Probe):
    """It is told as such, and not as a failure of the graph."""
    start_node("task_monitor", {"episode_ticks": 3})
    bench = Bench(probe)
    bench.play(5, FAR)
    assert [each.message for each in bench.statuses] == ["running"] * 3 + ["time limit"] * 2
    assert bench.statuses[-1].level == WARN


def test_a_lost_sheet_is_told_without_inventing_numbers(start_node: Start, probe: Probe):
    """No pose for half a second: a warning, and no measure at all."""
    start_node("task_monitor")
    bench = Bench(probe)
    bench.play(2, FAR)
    bench.play(20, None)
    probe.spin_until(lambda: bench.statuses[-1].message == "no paper pose")
    assert bench.statuses[-1].level == WARN
    assert set(values(bench.statuses[-1])) == {"success", "episode", "elapsed_s"}


def test_a_pose_in_another_frame_is_refused_and_named(start_node: Start, probe: Probe):
    """It is not measured as if it were in the world."""
    start_node("task_monitor")
    bench = Bench(probe)
    bench.joints.send()
    message = convert.pose_to_ros(FAR, bench.clock.stamp_ns)
    message.header.frame_id = "camera"
    bench.paper.publish(message)
    probe.spin_until(
        lambda: any(
            each.level == WARN and "refused paper_pose" in each.message for each in bench.reports
        )
    )
    assert bench.statuses == []


def test_markers_show_sheet_tape_and_status_ten_times_a_second(start_node: Start, probe: Probe):
    """One picture in three policy ticks, in frame world, where things are."""
    start_node("task_monitor")
    bench = Bench(probe)
    bench.play(9, FAR)
    probe.spin_until(lambda: len(bench.markers) >= 3)
    assert len(bench.markers) in (3, 4)  # the first tick may lie between two pictures
    markers = bench.markers[-1].markers
    assert {marker.header.frame_id for marker in markers} == {"world"}
    kinds = [(marker.ns, marker.type) for marker in markers]
    assert kinds.count(("tape", Marker.CUBE)) == 4 and len({m.id for m in markers[1:5]}) == 4
    sheet, text = markers[0], markers[-1]
    assert (sheet.pose.position.x, sheet.scale.x, sheet.scale.y) == (0.30, 0.148, 0.210)
    assert text.text.startswith("episode 1: running")


def test_bad_parameters_end_the_node_with_one_line(start_node: Start):
    """Exit code 2, and the reason without a traceback."""
    process = start_node("task_monitor", {"episode_ticks": 0})
    assert process.wait() == 2
    assert "episode_ticks=0 is not allowed" in process.output
    assert "Traceback" not in process.output
