"""The world under environment and evaluation."""

from pathlib import Path

import numpy as np
import pytest

from so101_ros.arm import HOME_Q
from so101_ros.blend_settings import BlendSettings
from so101_ros.errors import CommandError, SimulationError
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.physics_config import ServoConfig
from so101_ros.trajectory import JointOffsets, JointTrajectory, hold

TICK_NS = NANOSECONDS // 30


def move(world: LockStepWorld, ticks: int, offset: float = 0.0) -> np.ndarray:
    """Go on with the home pose, and a residual on every joint; the last command's rows."""
    rows = np.empty(0)
    for _ in range(ticks):
        stamp_ns = world.observation.stamp_ns
        residual = JointOffsets(stamp_ns, np.zeros(1), np.full((1, 6), offset))
        rows = world.step(hold(stamp_ns, HOME_Q), residual).command.rows
    return rows


@pytest.fixture
def world() -> LockStepWorld:
    """The nominal world, at the start of episode 1."""
    world = LockStepWorld.build()
    world.reset(1)
    return world


def test_a_step_is_one_policy_tick(world: LockStepWorld) -> None:
    """Time goes on by a thirtieth of a second, the observation is stamped with it."""
    before = world.observation.stamp_ns
    move(world, 3)
    assert world.observation.stamp_ns - before == 3 * NANOSECONDS // 30


def test_the_same_seed_begins_the_same_episode(world: LockStepWorld) -> None:
    """Whatever happened before."""
    first = world.reset(8).paper
    move(world, 5)
    assert world.reset(9).paper != first
    assert world.reset(8).paper == first
    np.testing.assert_array_equal(world.observation.joints.q, HOME_Q)


def test_the_residual_is_added_and_capped(world: LockStepWorld) -> None:
    """A tenth of a radian is asked for, the blender's cap is what comes."""
    np.testing.assert_allclose(move(world, 10, 0.015)[0], HOME_Q + 0.015)
    np.testing.assert_allclose(move(world, 10, 0.1)[0], HOME_Q + 0.02)


def test_alpha_scales_the_residual() -> None:
    """The settings of the blender reach it."""
    world = LockStepWorld.build(blend=BlendSettings(alpha=0.5))
    world.reset(1)
    np.testing.assert_allclose(move(world, 10, 0.02)[0], HOME_Q + 0.01)


def test_without_an_answer_the_arm_goes_on_and_then_holds(world: LockStepWorld) -> None:
    """The last chunk counts until it has ended; then the pose is kept."""
    stamp_ns = world.observation.stamp_ns
    ahead = JointTrajectory(stamp_ns, np.array([0.0, 0.2]), np.array([HOME_Q, HOME_Q + 0.2]))
    world.step(ahead)
    commands = [world.step(None).command.rows[3][0] for _ in range(20)]
    steps = np.diff(commands)
    assert (steps[:3] > 0.01).all()
    assert np.abs(steps[12:]).max() < 1e-12
    assert commands[-1] == pytest.approx(HOME_Q[0] + 0.2, abs=1e-6)


@pytest.mark.parametrize("off_ns", [-10 * TICK_NS, 3 * NANOSECONDS])
def test_an_answer_to_another_observation_is_refused(world: LockStepWorld, off_ns: int) -> None:
    """From before the epoch, or from a far future; nothing has moved."""
    before = world.simulator.backend.state
    with pytest.raises(CommandError, match=r"ik is stamped \d+\.\d+ s"):
        world.step(hold(world.observation.stamp_ns + off_ns, HOME_Q + 1.0))
    np.testing.assert_array_equal(world.simulator.backend.state, before)


def test_the_situation_is_that_of_the_observation(world: LockStepWorld) -> None:
    """Judge and policy look at the same moment."""
    move(world, 4)
    assert world.observation.paper is not None
    np.testing.assert_array_equal(world.observation.paper.position, world.situation.paper.position)


def test_unstable_physics_is_told_and_not_taken_for_an_episode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MuJoCo would put everything back to its start, and nobody would notice."""
    monkeypatch.chdir(tmp_path)  # MuJoCo writes MUJOCO_LOG.TXT
    hard = ServoConfig(stiffness=1e7, damping=1e-6, max_torque=1e6)
    world = LockStepWorld.build(SceneTier(nominal=SceneConfig(servo=hard)))
    world.reset(1)
    with pytest.raises(SimulationError, match=r"has become unstable.*raise rates\.physics_hz"):
        for _ in range(30):
            world.step(hold(world.observation.stamp_ns, HOME_Q + 0.3))
    world.reset(1)
    assert world.observation.paper is not None
