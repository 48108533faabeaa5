"""The probe sees what the simulation itself knows."""

import dataclasses

import numpy as np
import pytest

from so101_ros.policies.base import Policy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.policies.random_targets import RandomPolicy
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.scene_probe import SceneProbe


@pytest.fixture(scope="module")
def world() -> LockStepWorld:
    """Arm and sheet."""
    return LockStepWorld.build()


def _policy(name: str, world: LockStepWorld) -> Policy:
    if name == "random":
        return RandomPolicy(world.simulator.backend.arm)
    return PressAndDragPolicy()


@pytest.mark.parametrize(("name", "touches"), [("ik", "tips_on_paper"), ("random", "arm_on_table")])
def test_a_physics_state_is_all_that_a_situation_is_made_of(
    world: LockStepWorld, name: str, touches: str
) -> None:
    """Bit for bit, over an episode in which arm, sheet and table do touch."""
    probe = SceneProbe()
    policy = _policy(name, world)
    touched = []
    for seed in (1, 2):
        world.reset(seed)
        policy.reset(seed)
        for _ in range(90):
            world.step(policy.act(world.observation))
            q, seen = probe.look(world.simulator.backend.state)
            known = world.situation
            np.testing.assert_array_equal(q, world.q)
            np.testing.assert_array_equal(seen.tool_position, known.tool_position)
            np.testing.assert_array_equal(seen.paper.position, known.paper.position)
            np.testing.assert_array_equal(seen.paper.quaternion, known.paper.quaternion)
            assert seen.touch == known.touch
            touched.append(dataclasses.asdict(known.touch)[touches])
    assert any(touched) and not all(touched)
