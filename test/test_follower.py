"""The follower moves targets continuously, keeps limits and ends in a latched hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q, ArmSpec
from so101_ros.control.follower import CommandFollower, FollowerState
from so101_ros.errors import CommandError, ConfigError
from so101_ros.trajectory import JointTrajectory, hold

ARM = ArmSpec(
    joint_names=("a", "b", "c", "d", "e", "f"),
    lower=np.full(6, -2.0),
    upper=np.full(6, 2.0),
    max_speed=np.full(6, 4.0),
    home=HOME_Q,
)
MS = 1_000_000  # [ns]
EPOCH_NS = 1_000 * MS

positions = st.lists(st.floats(-2.0, 2.0), min_size=6, max_size=6).map(np.array)


@pytest.fixture
def follower() -> CommandFollower:
    """A follower at rest at zero, whose epoch began at 1 s."""
    follower = CommandFollower(ARM, timeout_s=0.2)
    follower.reset(np.zeros(6), EPOCH_NS)
    return follower


def _ramp(stamp_ns: int, times_s: list[float], levels: list[float]) -> JointTrajectory:
    return JointTrajectory(stamp_ns, np.array(times_s), np.outer(levels, np.ones(6)))


def test_holds_the_home_pose_before_any_command() -> None:
    """A new follower neither moves nor claims to follow."""
    follower = CommandFollower(ARM)
    np.testing.assert_array_equal(follower.sample(10**12), HOME_Q)
    assert follower.state_at(10**12) is FollowerState.NO_COMMAND


def test_moves_from_the_current_target_to_the_first_point(follower: CommandFollower) -> None:
    """Half way to the first point, the target is half way there: it never jumps."""
    follower.accept(_ramp(EPOCH_NS, [0.1], [1.0]), EPOCH_NS)
    targets = follower.sample_many(EPOCH_NS + MS * np.array([0, 25, 50, 100]))
    np.testing.assert_allclose(targets[:, 0], [0.0, 0.25, 0.5, 1.0], atol=1e-12)


def test_late_command_is_entered_at_now(follower: CommandFollower) -> None:
    """A command that took 50 ms loses its first 50 ms and nothing else."""
    command = _ramp(EPOCH_NS, [0.0, 0.1], [0.0, 1.0])
    now_ns = EPOCH_NS + 50 * MS
    follower.accept(command, now_ns)
    np.testing.assert_allclose(follower.sample(now_ns + 25 * MS), np.full(6, 0.75), atol=1e-12)


@given(
    levels=st.lists(positions, min_size=1, max_size=6),
    offset_ms=st.integers(0, 150),
    late_ms=st.integers(0, 199),
)
def test_agrees_with_the_trajectory_after_its_first_point(
    levels: list[np.ndarray], offset_ms: int, late_ms: int
) -> None:
    """Between first and last point, the follower samples exactly what the command says."""
    follower = CommandFollower(ARM, timeout_s=10.0)
    follower.reset(np.zeros(6), EPOCH_NS)
    times_s = 1e-3 * (offset_ms + 20.0 * np.arange(len(levels)))
    command = JointTrajectory(EPOCH_NS, times_s, np.array(levels))
    now_ns = EPOCH_NS + late_ms * MS
    follower.accept(command, now_ns)
    first_ns = max(now_ns, EPOCH_NS + offset_ms * MS)
    for stamp_ns in range(first_ns, first_ns + 150 * MS, 7 * MS):
        np.testing.assert_allclose(
            follower.sample(stamp_ns), command.sample(stamp_ns), rtol=0.0, atol=1e-9
        )


@given(first=positions, second=positions, elapsed_ns=st.lists(st.integers(0, 300 * MS), min_size=1))
def test_one_sample_is_one_of_many(
    first: np.ndarray, second: np.ndarray, elapsed_ns: list[int]
) -> None:
    """To the last bit, on the knots and beyond the timeout as well."""
    follower = CommandFollower(ARM, timeout_s=0.2)
    follower.reset(np.zeros(6), EPOCH_NS)
    times_s = np.array([0.05, 0.1])
    follower.accept(JointTrajectory(EPOCH_NS, times_s, np.array([first, second])), EPOCH_NS)
    stamps_ns = EPOCH_NS + np.array([*elapsed_ns, 0, 1, 50 * MS, 50 * MS + 1, 100 * MS])
    together = follower.sample_many(stamps_ns)
    for stamp_ns, target in zip(stamps_ns.tolist(), together, strict=True):
        np.testing.assert_array_equal(follower.sample(stamp_ns), target)


@given(first=positions, second=positions, at_ms=st.integers(0, 120), ahead_ms=st.integers(1, 80))
def test_new_command_does_not_make_the_target_jump(
    first: np.ndarray, second: np.ndarray, at_ms: int, ahead_ms: int
) -> None:
    """A command whose first point lies ahead leaves the target of this moment where it is."""
    follower = CommandFollower(ARM)
    follower.reset(np.zeros(6), EPOCH_NS)
    follower.accept(JointTrajectory(EPOCH_NS, np.array([0.05]), first[None]), EPOCH_NS)
    now_ns = EPOCH_NS + at_ms * MS
    before = follower.sample(now_ns)
    follower.accept(JointTrajectory(now_ns, np.array([1e-3 * ahead_ms]), second[None]), now_ns)
    np.testing.assert_array_equal(follower.sample(now_ns), before)
    np.testing.assert_allclose(follower.sample(now_ns + ahead_ms * MS), second, atol=1e-12)


def test_holds_the_last_point(follower: CommandFollower) -> None:
    """After its last point a command is held, and the state says so."""
    follower.accept(_ramp(EPOCH_NS, [0.05], [0.5]), EPOCH_NS)
    assert follower.state_at(EPOCH_NS + 50 * MS) is FollowerState.FOLLOWING
    assert follower.state_at(EPOCH_NS + 51 * MS) is FollowerState.HOLDING
    np.testing.assert_array_equal(follower.sample(EPOCH_NS + 10_000 * MS), np.full(6, 0.5))


def test_stops_on_the_way_when_commands_cease(follower: CommandFollower) -> None:
    """A long command is not followed beyond the timeout: half of it is left undone."""
    follower.accept(_ramp(EPOCH_NS, [0.4], [1.0]), EPOCH_NS)
    for later_ms in (200, 400, 5_000):
        target = follower.sample(EPOCH_NS + later_ms * MS)
        np.testing.assert_allclose(target, np.full(6, 0.5), atol=1e-12)
    assert follower.state_at(EPOCH_NS + 201 * MS) is FollowerState.HOLDING


def test_moves_targets_into_the_limits_and_counts(follower: CommandFollower) -> None:
    """A target beyond a limit becomes the limit; only the joint that asked is counted."""
    q = np.array([3.0, 0.0, -5.0, 0.0, 0.0, 0.0])
    follower.accept(hold(EPOCH_NS, q), EPOCH_NS)
    np.testing.assert_array_equal(follower.sample(EPOCH_NS + MS), [2.0, 0.0, -2.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(follower.clamped_joints, [1, 0, 1, 0, 0, 0])


@pytest.mark.parametrize(
    ("stamp_ms", "now_ms", "reason"),
    [
        (999, 1_000, "is from before the reset at 1.000 s"),
        (1_001, 1_000, "is from the future, it is 1.000 s"),
        (1_000, 1_201, "is too old, it is 1.201 s and the timeout is 0.200 s"),
    ],
)
def test_refuses_what_is_not_current(
    follower: CommandFollower, stamp_ms: int, now_ms: int, reason: str
) -> None:
    """A command from another time is refused with the reason, and the target stays."""
    with pytest.raises(CommandError, match=reason):
        follower.accept(hold(stamp_ms * MS, np.ones(6)), now_ms * MS)
    np.testing.assert_array_equal(follower.sample((now_ms + 100) * MS), np.zeros(6))


def test_refuses_what_was_overtaken(follower: CommandFollower) -> None:
    """Commands that arrive in the wrong order do not move the arm backwards."""
    follower.accept(hold(EPOCH_NS + 20 * MS, np.ones(6)), EPOCH_NS + 20 * MS)
    with pytest.raises(CommandError, match=r"is older than the accepted one of 1\.020 s"):
        follower.accept(hold(EPOCH_NS + 10 * MS, -np.ones(6)), EPOCH_NS + 30 * MS)
    np.testing.assert_array_equal(follower.sample(EPOCH_NS + 40 * MS), np.ones(6))


def test_reset_forgets_the_command(follower: CommandFollower) -> None:
    """After a reset the new pose holds, and stamps may be lower than those of before."""
    follower.accept(hold(EPOCH_NS + 50 * MS, np.ones(6)), EPOCH_NS + 50 * MS)
    follower.reset(HOME_Q, 0)
    np.testing.assert_array_equal(follower.sample(10 * MS), HOME_Q)
    follower.accept(hold(20 * MS, np.zeros(6)), 20 * MS)
    np.testing.assert_array_equal(follower.sample(20 * MS), np.zeros(6))


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_a_timeout_that_never_or_always_expires(timeout_s: float) -> None:
    """Without a timeout, an arm would follow a dead process."""
    with pytest.raises(ConfigError, match="command timeout must be above 0 s"):
        CommandFollower(ARM, timeout_s)
