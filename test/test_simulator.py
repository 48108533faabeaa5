"""Episodes repeat, stale commands bounce, lock-step waits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q
from so101_ros.control.follower import CommandFollower
from so101_ros.epoch import RESET_GAP_S, EpochTracker
from so101_ros.errors import CommandError
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.episode import reset_gap_ticks
from so101_ros.simulation.simulator import Simulator
from so101_ros.trajectory import JointTrajectory, hold


def _simulator(seed: int = 0, lock_step: bool = False) -> Simulator:
    backend = MujocoBackend()
    return Simulator(backend, CommandFollower(backend.arm), seed=seed, lock_step=lock_step)


def _advance(simulator: Simulator, ticks: int) -> np.ndarray:
    """Run ticks and return the state after each. Shape (ticks, n)."""
    states = []
    for _ in range(ticks):
        simulator.advance()
        states.append(simulator.backend.state[1:])  # the first number is the time
    return np.array(states)


@given(tick=st.integers(0, 10**9), control_hz=st.sampled_from([30, 60, 120, 240]))
def test_reset_gap_ends_on_a_whole_second(tick: int, control_hz: int) -> None:
    """Every episode begins on a whole second, seen as a gap by everybody, and soon."""
    rates = Rates(physics_hz=480, control_hz=control_hz, policy_hz=30)
    gap = reset_gap_ticks(tick, rates)
    assert rates.stamp_of_control_tick(tick + gap) % NANOSECONDS == 0
    assert RESET_GAP_S <= gap / control_hz <= RESET_GAP_S + 1.0


def test_same_seed_is_the_same_episode_whenever_it_begins() -> None:
    """Two episodes of one seed have bit-identical physics; another seed has not."""
    simulator = _simulator(seed=5)
    runs = []
    for seed, ticks_before in ((5, 0), (5, 37), (6, 11)):
        _advance(simulator, ticks_before)
        episode = simulator.reset(seed)
        simulator.accept(hold(episode.start_ns, HOME_Q + 0.2))
        runs.append(_advance(simulator, 60))
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_reset_is_a_new_epoch_for_who_watches_the_joint_states() -> None:
    """The first stamp after a reset begins an epoch, and time went on."""
    simulator, epochs = _simulator(), EpochTracker()
    assert epochs.begins_at(simulator.stamp_ns)
    for _ in range(10):
        simulator.advance()
        assert not epochs.begins_at(simulator.stamp_ns)
    episode = simulator.reset(1)
    assert epochs.begins_at(simulator.stamp_ns)
    assert epochs.start_ns == episode.start_ns


def test_command_of_the_last_episode_is_refused() -> None:
    """What was computed before a reset does not move the arm after it."""
    simulator = _simulator()
    _advance(simulator, 4)
    old = hold(simulator.stamp_ns, HOME_Q + 0.5)
    simulator.reset(1)
    with pytest.raises(CommandError, match="is from before the reset"):
        simulator.accept(old)
    _advance(simulator, 60)
    np.testing.assert_allclose(simulator.backend.joint_state.q, HOME_Q, atol=0.02)


def test_arm_goes_where_it_is_told() -> None:
    """The arm follows commands, so that staying at home in other tests means something."""
    simulator = _simulator()
    target = HOME_Q + np.array([0.3, 0.0, 0.0, 0.0, 0.3, 0.3])
    for _ in range(30):
        simulator.accept(hold(simulator.stamp_ns, target))
        _advance(simulator, 4)
    np.testing.assert_allclose(simulator.backend.joint_state.q, target, atol=0.02)


def test_lock_step_waits_for_the_command_of_its_tick() -> None:
    """Each policy tick wants exactly one command, stamped with it."""
    simulator = _simulator(lock_step=True)
    for _ in range(3):
        assert simulator.awaits_command
        wrong = hold(simulator.stamp_ns - 1, HOME_Q)
        with pytest.raises(CommandError, match="in lock-step a command must answer"):
            simulator.accept(wrong)
        answer = hold(simulator.stamp_ns, HOME_Q)
        simulator.accept(answer)
        assert not simulator.awaits_command
        with pytest.raises(CommandError, match="once"):
            simulator.accept(answer)
        _advance(simulator, simulator.rates.control_ticks_per_policy)


def test_free_run_waits_for_nobody() -> None:
    """Without lock-step, time goes on without commands."""
    simulator = _simulator()
    _advance(simulator, 8)
    assert simulator.at_policy_tick
    assert not simulator.awaits_command


@pytest.mark.parametrize("reach", [0.8, 1e300])
def test_no_command_moves_a_target_faster_than_its_joint(reach: float) -> None:
    """A valid command from far away is approached at the speed limit, and counted."""
    simulator = _simulator()
    max_step = simulator.backend.arm.max_speed / simulator.rates.control_hz
    targets = [simulator.backend.data.ctrl.copy()]
    for _ in range(120):
        simulator.accept(hold(simulator.stamp_ns, HOME_Q + reach))
        simulator.advance()
        targets.append(simulator.backend.data.ctrl.copy())
    assert (np.abs(np.diff(targets, axis=0)) <= 1.001 * max_step).all()
    wanted = np.clip(HOME_Q + reach, simulator.backend.arm.lower, simulator.backend.arm.upper)
    np.testing.assert_allclose(targets[-1], wanted)
    assert (simulator.slowed_joints > 0).all()


def test_a_command_within_the_speed_limit_is_followed_to_the_digit() -> None:
    """The limit is not felt by those who keep it."""
    simulator = _simulator()
    end = HOME_Q + 0.99 * simulator.backend.arm.max_speed * 0.1
    simulator.accept(JointTrajectory(simulator.stamp_ns, np.array([0.1]), end[None]))
    for _ in range(12):
        simulator.advance()
        wanted = simulator.follower.sample(simulator.stamp_ns)
        np.testing.assert_array_equal(simulator.backend.data.ctrl, wanted)
    assert not simulator.slowed_joints.any()
