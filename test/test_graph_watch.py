"""What a graph says of itself is read strictly and timed on both clocks."""

import numpy as np
import pytest

from so101_ros.demo.graph_watch import GraphWatch, TaskReport
from so101_ros.epoch import RESET_GAP_S
from so101_ros.errors import ObservationError
from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.rates import NANOSECONDS
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW

AT_GOAL = Pose(np.array([*GOAL_CENTRE, 0.0]), yaw_to_quaternion(GOAL_YAW))
AT_START = Pose(np.array([0.30, 0.0, 0.0]), yaw_to_quaternion(0.0))
TEXTS = {
    "success": "True",
    "distance_to_goal": "0.012",
    "yaw_error": "0.5",
    "margin": "-0.03",
    "episode": "4",
    "elapsed_s": "2.5",
}


def test_reads_a_report() -> None:
    """Texts become typed values."""
    report = TaskReport.from_texts(TEXTS)
    assert (report.success, report.episode, report.elapsed_s) == (True, 4, 2.5)
    assert report.measures is not None
    assert (report.measures.distance_to_goal, report.measures.margin) == (0.012, -0.03)


def test_a_lost_sheet_has_no_measures() -> None:
    """A report without a distance is a state of its own, not a distance of zero."""
    lost = {key: TEXTS[key] for key in ("success", "episode", "elapsed_s")}
    assert TaskReport.from_texts(lost).measures is None


@pytest.mark.parametrize("broken", [{}, {**TEXTS, "margin": "far"}, {"episode": "1"}])
def test_refuses_half_a_report(broken: dict[str, str]) -> None:
    """Missing and unreadable values are named, never guessed."""
    with pytest.raises(ObservationError, match="not a task status"):
        TaskReport.from_texts(broken)


def test_a_reset_begins_an_epoch_with_its_own_clocks() -> None:
    """Elapsed time and the real-time factor count from the gap of a reset."""
    watch = GraphWatch()
    watch.take_joint_state(stamp_ns=NANOSECONDS, seen_ns=50 * NANOSECONDS)
    start_ns = NANOSECONDS + round(RESET_GAP_S * NANOSECONDS)
    period_ns = NANOSECONDS // 120
    for tick in range(121):
        watch.take_joint_state(
            start_ns + tick * period_ns, (60 * NANOSECONDS) + 2 * tick * period_ns
        )
    assert watch.epoch.count == 2
    assert watch.elapsed_s == pytest.approx(1.0, abs=1e-6)
    assert watch.wall_s == pytest.approx(2.0, abs=1e-6)
    assert watch.real_time_factor == pytest.approx(0.5)


def test_the_real_time_factor_waits_for_time_to_pass() -> None:
    """The first instants of an epoch say nothing."""
    watch = GraphWatch()
    watch.take_joint_state(stamp_ns=0, seen_ns=0)
    watch.take_joint_state(stamp_ns=8, seen_ns=4)
    assert watch.real_time_factor is None


def _run_epoch(watch: GraphWatch, start_ns: int, ticks: int, paper: Pose) -> None:
    """Joint states at 120 Hz and poses at 30 Hz, in the order of a graph."""
    for tick in range(ticks):
        stamp_ns = start_ns + tick * NANOSECONDS // 120
        watch.take_joint_state(stamp_ns, stamp_ns)
        if tick % 4 == 0:
            watch.take_paper(stamp_ns, paper)


def test_the_sheet_is_judged_per_epoch() -> None:
    """A success ends with its epoch: the next one begins without a verdict."""
    watch = GraphWatch()
    _run_epoch(watch, 0, 40, AT_GOAL)
    assert watch.status is not None and watch.status.success
    assert watch.epoch.start_ns == 0
    watch.take_joint_state(NANOSECONDS, NANOSECONDS)
    assert watch.status is None
    _run_epoch(watch, 2 * NANOSECONDS, 40, AT_START)
    assert watch.status is not None and not watch.status.success


def test_a_late_pose_of_the_last_epoch_is_not_judged() -> None:
    """What overtook nothing but came late belongs to nobody."""
    watch = GraphWatch()
    _run_epoch(watch, 0, 4, AT_START)
    watch.take_joint_state(NANOSECONDS, NANOSECONDS)
    watch.take_paper(NANOSECONDS // 30, AT_GOAL)
    assert watch.status is None


def test_a_repeated_joint_state_is_no_progress() -> None:
    """A lock-step simulation that waits must look like one that stands still."""
    watch = GraphWatch()
    watch.take_joint_state(stamp_ns=NANOSECONDS, seen_ns=1)
    watch.take_joint_state(stamp_ns=NANOSECONDS, seen_ns=2)
    assert watch.seen_ns == 1
