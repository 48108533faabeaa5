"""What a scene may be made of."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_config import ContactConfig, PaperConfig, ServoConfig


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
    [(ServoConfig, "stiffness"), (PaperConfig, "mass"), (ContactConfig, "paper_table_friction")],
)
def test_refuses_what_physics_has_not(cls: Any, name: str, value: float) -> None:
    """The error names the field and the value."""
    with pytest.raises(ConfigError, match=f"^{name} must be above 0 and finite, got {value}$"):
        cls(**{name: value})


def test_refuses_unknown_entries() -> None:
    """A scene of another version is not half understood."""
    with pytest.raises(ConfigError, match=r"a scene has no 'gravity'\. Allowed: robot_model, "):
        SceneConfig.from_dict({"gravity": 1.6})
