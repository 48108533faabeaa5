"""Blender and guard in line: from chunks to the command."""

import numpy as np

from so101_ros.arm import HOME_Q, JOINT_NAMES, ArmSpec
from so101_ros.blend_settings import Base, BlendSettings
from so101_ros.blending import Blender, BlendState
from so101_ros.control.commander import Commanded, Commander
from so101_ros.control.guard import Guard, GuardSettings, GuardState
from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.trajectory import JointOffsets, JointTrajectory, hold

ARM = ArmSpec(JOINT_NAMES, np.full(6, -2.0), np.full(6, 2.0), np.full(6, 4.0), HOME_Q)
RATES = Rates()
RAMP_STEP = GuardSettings().ramp_speed / RATES.control_hz
STAMP_ROUNDING = 1e-6  # [rad]


def commander(groot_weight: float = 0.0) -> Commander:
    """Build a commander with nominal limits."""
    return Commander(Blender(BlendSettings(groot_weight=groot_weight)), Guard(ARM))


def command_at(commander: Commander, tick: int, q: np.ndarray = HOME_Q) -> Commanded:
    """Observe the arm at a control tick and command it."""
    joints = JointState(RATES.stamp_of_control_tick(tick), q, np.zeros(6))
    commander.observe(joints.stamp_ns)
    return commander.command(joints)


def test_a_chunk_becomes_a_command_sampled_on_the_control_ticks():
    """In the middle of things, the command is the blend, time-aligned."""
    c = commander()
    c.blender.accept(Base.IK, hold(0, HOME_Q))
    command_at(c, 0)
    slope = np.linspace(0.0, 0.1, 7)[:, None] + HOME_Q
    c.blender.accept(Base.IK, JointTrajectory(0, np.arange(7) / 30, slope))
    commanded = command_at(c, 4)
    assert commanded.guarded.state is GuardState.FOLLOWING
    expected = HOME_Q[0] + 0.1 / 24 * np.arange(5, 17)
    np.testing.assert_allclose(commanded.command.rows[:, 0], expected, atol=STAMP_ROUNDING)


def test_a_residual_is_added_before_the_limits_are_applied():
    """No correction gets past the guard."""
    c = commander()
    near_limit = np.full(6, 1.985)
    c.blender.accept(Base.IK, hold(0, near_limit))
    c.blender.accept_residual(JointOffsets(0, np.zeros(1), np.full((1, 6), 0.02)))
    commanded = command_at(c, 0, near_limit)
    assert commanded.blend.total is not None
    np.testing.assert_allclose(commanded.blend.total[0], 2.005)
    np.testing.assert_allclose(commanded.command.rows[0], 1.99)


def test_a_base_that_takes_over_is_approached_slowly():
    """A fallback may want another pose; the arm does not jump there."""
    c = commander(groot_weight=1.0)
    other = HOME_Q + 0.5
    c.blender.accept(Base.GROOT, hold(0, HOME_Q))
    c.blender.accept(Base.IK, JointTrajectory(0, np.arange(10) / 10, np.tile(other, (10, 1))))
    before = command_at(c, 0)
    assert before.guarded.state is GuardState.FOLLOWING
    after = command_at(c, 20)  # GR00T's single row has run out
    assert after.blend.state is BlendState.FALLBACK
    assert after.guarded.state is GuardState.RAMPING
    step = after.command.rows[0] - before.command.rows[-1]
    np.testing.assert_allclose(step, RAMP_STEP, atol=STAMP_ROUNDING)


def test_a_reset_drops_the_chunks_and_starts_from_the_measured_pose():
    """The arm was put elsewhere: it stays there until somebody answers in the new epoch."""
    c = commander()
    c.blender.accept(Base.IK, hold(0, HOME_Q))
    command_at(c, 0)
    elsewhere = HOME_Q + 0.4
    held = command_at(c, 60, elsewhere)  # half a second later
    assert c.epochs.count == 2
    assert held.guarded.state is GuardState.HOLDING
    np.testing.assert_array_equal(held.command.rows, np.tile(elsewhere, (12, 1)))
    c.blender.accept(Base.IK, hold(RATES.stamp_of_control_tick(60), HOME_Q))
    moved = command_at(c, 61, elsewhere)
    assert moved.guarded.state is GuardState.RAMPING
    np.testing.assert_allclose(moved.command.rows[0], elsewhere - RAMP_STEP, atol=STAMP_ROUNDING)


def test_the_same_inputs_give_the_same_commands():
    """Nothing depends on wall time or on chance."""
    rng = np.random.default_rng(3)
    chunks = [HOME_Q + 0.1 * rng.standard_normal((4, 6)) for _ in range(20)]

    def rollout() -> np.ndarray:
        c = commander(groot_weight=0.3)
        rows = []
        for tick, chunk in enumerate(chunks):
            stamp_ns = RATES.stamp_of_control_tick(4 * tick)
            for base in Base:
                c.blender.accept(base, JointTrajectory(stamp_ns, np.arange(4) / 30, chunk))
            rows.append(command_at(c, 4 * tick).command.rows)
        return np.array(rows)

    np.testing.assert_array_equal(rollout(), rollout())


def test_a_command_outlives_a_lost_successor():
    """Each command covers the horizon, three policy ticks at the least."""
    c = commander()
    c.blender.accept(Base.IK, hold(0, HOME_Q))
    command = command_at(c, 0).command
    assert command.end_ns - command.stamp_ns == NANOSECONDS // 10
