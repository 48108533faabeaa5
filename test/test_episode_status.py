"""Episodes: success, time limit, lost sheets."""

import numpy as np
import pytest

from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.rates import Rates
from so101_ros.task.episode_status import EpisodeMonitor, EpisodeStatus, Outcome
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.task.success import HOLD_TICKS

RATES = Rates()
PER_POLICY = RATES.control_ticks_per_policy
GOAL = Pose(np.array([*GOAL_CENTRE, 0.0005]), yaw_to_quaternion(GOAL_YAW))
FAR = Pose(np.array([0.3, 0.0, 0.0005]), yaw_to_quaternion(0.0))
GAP = 60  # control ticks of a reset


def stamp(tick: int) -> int:
    """Time of a control tick in [ns]."""
    return RATES.stamp_of_control_tick(tick)


def play(
    monitor: EpisodeMonitor, ticks: range, paper: Pose | None, pose_first: bool = True
) -> list[EpisodeStatus]:
    """Let joint states and, at policy ticks, poses arrive; return what was published."""
    statuses = []
    for tick in ticks:
        due = paper is not None and tick % PER_POLICY == 0
        if due and pose_first and paper is not None:
            statuses += monitor.observe_paper(stamp(tick), paper)
        statuses += monitor.observe_joints(stamp(tick))
        if due and not pose_first and paper is not None:
            statuses += monitor.observe_paper(stamp(tick), paper)
    return statuses


@pytest.mark.parametrize("pose_first", [True, False])
def test_success_comes_with_the_fifth_tick_whatever_arrives_first(pose_first: bool):
    """Poses and joint states of one stamp may change places on the way."""
    statuses = play(EpisodeMonitor(), range(0, 6 * PER_POLICY), GOAL, pose_first)
    assert [status.success for status in statuses] == [False] * 4 + [True] * 2
    assert statuses[-1].elapsed_s == pytest.approx((HOLD_TICKS - 1) / 30, abs=1e-6)


def test_success_is_latched_within_the_episode():
    """A sheet that is pushed out again was returned all the same."""
    monitor = EpisodeMonitor()
    play(monitor, range(0, 20), GOAL)
    statuses = play(monitor, range(20, 500 * PER_POLICY), FAR)
    assert {status.outcome for status in statuses} == {Outcome.SUCCESS}
    assert statuses[-1].measures is not None and not statuses[-1].measures.inside


@pytest.mark.parametrize("pose_first", [True, False])
def test_a_gap_begins_the_next_episode(pose_first: bool):
    """Ticks before the reset do not count for the episode after it."""
    monitor = EpisodeMonitor()
    play(monitor, range(0, 4 * PER_POLICY), GOAL, pose_first)
    begin = 4 * PER_POLICY + GAP
    statuses = play(monitor, range(begin, begin + 5 * PER_POLICY), GOAL, pose_first)
    assert [status.episode for status in statuses] == [2] * 5
    assert [status.success for status in statuses] == [False] * 4 + [True]
    assert statuses[0].elapsed_s == 0.0


def test_a_late_pose_from_before_the_reset_is_not_judged():
    """It shows where the sheet was in the episode that is over."""
    monitor = EpisodeMonitor()
    play(monitor, range(0, 4 * PER_POLICY), GOAL)
    monitor.observe_joints(stamp(4 * PER_POLICY + GAP))
    assert monitor.observe_paper(stamp(4 * PER_POLICY), GOAL) == []


def test_the_time_limit_ends_an_episode_for_good():
    """A success after the limit comes too late."""
    monitor = EpisodeMonitor(Rates(episode_ticks=10))
    statuses = play(monitor, range(0, 12 * PER_POLICY), FAR)
    assert [status.outcome for status in statuses] == [Outcome.RUNNING] * 10 + [
        Outcome.TIME_LIMIT
    ] * 2
    late = play(monitor, range(12 * PER_POLICY, 20 * PER_POLICY), GOAL)
    assert {status.outcome for status in late} == {Outcome.TIME_LIMIT}
    assert late[-1].elapsed_s == pytest.approx(10 / 30)


def test_a_lost_sheet_is_a_state_without_measures():
    """No pose for longer than the timeout: nothing is measured, and no tick counts."""
    monitor = EpisodeMonitor(paper_timeout_s=0.5)
    play(monitor, range(0, 4 * PER_POLICY), GOAL)
    lost = play(monitor, range(4 * PER_POLICY, 130), None)
    assert lost[0].stamp_ns > stamp(3 * PER_POLICY) + 500_000_000
    assert {status.outcome for status in lost} == {Outcome.NO_PAPER}
    assert all(status.measures is None for status in lost)
    found = play(monitor, range(132, 132 + 5 * PER_POLICY), GOAL)
    assert [status.success for status in found] == [False] * 4 + [True]


def test_ticks_that_nobody_saw_are_not_counted():
    """A missing pose breaks the row of ticks inside."""
    monitor = EpisodeMonitor()
    play(monitor, range(0, 4 * PER_POLICY), GOAL)
    play(monitor, range(4 * PER_POLICY, 5 * PER_POLICY), None)
    statuses = play(monitor, range(5 * PER_POLICY, 10 * PER_POLICY), GOAL)
    assert [status.success for status in statuses] == [False] * 4 + [True]


@pytest.mark.parametrize(("every", "success"), [(1, True), (2, True), (3, True), (4, False)])
def test_a_camera_slower_than_the_policy_can_tell_a_success(every: int, success: bool):
    """With two unseen ticks forgiven, five poses inside are enough; a longer gap ends the stay."""
    monitor = EpisodeMonitor(unseen_ticks=2)
    statuses = []
    for tick in range(0, 5 * every * PER_POLICY):
        if tick % (every * PER_POLICY) == 0:
            statuses += monitor.observe_paper(stamp(tick), GOAL)
        statuses += monitor.observe_joints(stamp(tick))
    judged = [status.success for status in statuses if status.measures is not None]
    assert judged == [False] * 4 + [success]


def test_a_pose_outside_ends_the_stay_however_patient_the_monitor():
    """Only what was not seen is forgiven."""
    monitor = EpisodeMonitor(unseen_ticks=5)
    play(monitor, range(0, 4 * PER_POLICY), GOAL)
    play(monitor, range(4 * PER_POLICY, 5 * PER_POLICY), FAR)
    statuses = play(monitor, range(5 * PER_POLICY, 9 * PER_POLICY), GOAL)
    assert [status.success for status in statuses] == [False] * 4


def test_poses_faster_than_the_policy_are_judged_once_per_tick():
    """Ten poses in two ticks are two ticks."""
    monitor = EpisodeMonitor()
    monitor.observe_joints(0)
    statuses = []
    for tick in range(2 * PER_POLICY):
        statuses += monitor.observe_joints(stamp(tick))
        statuses += monitor.observe_paper(stamp(tick), GOAL)
    assert len(statuses) == 2


def test_before_the_first_joint_state_nothing_is_published():
    """There is no episode yet."""
    monitor = EpisodeMonitor()
    assert monitor.observe_paper(0, GOAL) == []
    assert monitor.episode == 0
