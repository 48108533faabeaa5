"""What a scene may be made of."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q
from so101_ros.errors import ConfigError
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import (
    LONGEST_COMMAND_S,
    LONGEST_JOINT_STATE_S,
    DelayConfig,
)
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.physics_config import ContactConfig, PaperConfig, ServoConfig
from so101_ros.trajectory import hold


@given(stiffness=st.floats(1.0, 1000.0), mass=st.floats(0.001, 0.1), friction=st.floats(0.01, 3.0))
def test_a_scene_survives_its_message(stiffness: float, mass: float, friction: float) -> None:
    """Through JSON, as on sim/scene, and back it is the same scene."""
    scene = SceneConfig(
        servo=ServoConfig(stiffness=stiffness),
        paper=PaperConfig(mass=mass),
        contact=ContactConfig(tip_friction=friction),
    )
    assert SceneConfig.from_dict(json.loads(json.dumps(scene.to_dict()))) == scene


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (ServoConfig, "stiffness"),
        (ServoConfig, "max_torque"),
        (ContactConfig, "paper_table_friction"),
    ],
)
def test_refuses_what_physics_has_not(cls: Any, name: str, value: float) -> None:
    """The error names the field and the value."""
    with pytest.raises(ConfigError, match=f"^{name} must be above 0 and finite, got {value}$"):
        cls(**{name: value})


@pytest.mark.parametrize(
    ("cls", "name", "value"),
    [
        (PaperConfig, "mass", 0.0),
        (PaperConfig, "mass", 1e-9),
        (PaperConfig, "mass", float("nan")),
        (PaperConfig, "thickness", 0.3),
        (DelayConfig, "joint_state_s", 0.06),
        (DelayConfig, "command_s", 0.2),
    ],
)
def test_refuses_what_cannot_work(cls: Any, name: str, value: float) -> None:
    """A sheet that is none, and delays behind which the arm never moves."""
    with pytest.raises(ConfigError, match=rf"^{name} must be from \S+ to \S+, got {value}$"):
        cls(**{name: value})


def test_the_latest_command_is_not_too_late() -> None:
    """The longest delays that are allowed leave an arm that moves."""
    delay = DelayConfig(joint_state_s=LONGEST_JOINT_STATE_S, command_s=LONGEST_COMMAND_S)
    world = LockStepWorld.build(SceneTier(nominal=SceneConfig(delay=delay)))
    world.reset(0)
    for _ in range(30):
        joints = world.observation.joints
        world.step(hold(joints.stamp_ns, joints.q + 0.1))
    assert world.simulator.late_commands == 0
    assert np.abs(world.q - HOME_Q).max() > 0.1


def test_refuses_unknown_entries() -> None:
    """A scene of another version is not half understood."""
    with pytest.raises(ConfigError, match=r"a scene has no 'gravity'\. Allowed: robot_model, "):
        SceneConfig.from_dict({"gravity": 1.6})
