"""Scenes by name and by file."""

from pathlib import Path

import pytest

from so101_ros.errors import AssetError, ConfigError
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scenes import load_scene


def test_nominal_is_the_default_scene() -> None:
    """The one that every figure of the README was measured in."""
    assert load_scene("nominal") == SceneConfig()


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    """Everything else stays nominal."""
    path = tmp_path / "slippery.yaml"
    path.write_text("contact: {paper_table_friction: 0.05}\n")
    scene = load_scene(str(path))
    assert scene.contact.paper_table_friction == 0.05
    assert scene.servo == SceneConfig().servo
    path.write_text("")
    assert load_scene(str(path)) == SceneConfig()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("contact: {paper_friction: 0.3}", "paper_friction"),
        ("contact: {paper_table_friction: -1}", "paper_table_friction must be above 0"),
        ("contact: {paper_table_friction: high}", "describes no scene"),
        ("contact: 3", "describes no scene"),
        ("robot_model: 3", "robot_model must be a text, got 3"),
        ("- 1\n- 2", "describes no scene"),
        ("{", "describes no scene"),
    ],
)
def test_a_file_that_describes_no_scene_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """In one line that says what is wrong."""
    path = tmp_path / "scene.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason) as caught:
        load_scene(str(path))
    assert "\n" not in str(caught.value)


def test_unknown_scenes_and_models_are_refused(tmp_path: Path) -> None:
    """A name that is none, and a file that names a robot model that is not there."""
    with pytest.raises(ConfigError, match=r"scene 'moon' is unknown\. Allowed: nominal"):
        load_scene("moon")
    path = tmp_path / "scene.yaml"
    path.write_text("robot_model: /nowhere.xml")
    with pytest.raises(AssetError, match=r"/nowhere\.xml"):
        load_scene(str(path))
