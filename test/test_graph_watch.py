"""What a graph says of itself is read strictly and timed on both clocks."""

import pytest

from so101_ros.epoch import RESET_GAP_S
from so101_ros.errors import ObservationError
from so101_ros.evaluation.graph_watch import GraphWatch, TaskReport
from so101_ros.rates import NANOSECONDS

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
