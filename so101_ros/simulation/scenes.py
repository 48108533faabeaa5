"""Scenes by the name that a user types."""

from pathlib import Path

import yaml

from so101_ros.errors import ConfigError
from so101_ros.simulation.config import SceneConfig

SCENES = {"nominal": SceneConfig()}
"""The scenes that have a name."""


def load_scene(text: str) -> SceneConfig:
    """Find a scene.

    Args:
        text: A name out of :data:`SCENES`, or the path of a YAML file with entries of
            :class:`SceneConfig`; those that it leaves out are nominal.

    Raises:
        ConfigError: If there is no such scene, or the file describes none.
        AssetError: If it names a robot model that does not exist.
    """
    if text in SCENES:
        return SCENES[text]
    path = Path(text).expanduser()
    if not path.is_file():
        raise ConfigError(
            f"scene {text!r} is unknown. Allowed: {', '.join(SCENES)}, or the path of a YAML file "
            "such as 'contact: {paper_table_friction: 0.3}'"
        )
    try:
        data = yaml.safe_load(path.read_text())
        scene = SceneConfig.from_dict({} if data is None else data)
    except (yaml.YAMLError, OSError, UnicodeDecodeError, ConfigError, AttributeError) as err:
        reason = " ".join(str(err).split())
        raise ConfigError(f"{path} describes no scene: {reason}") from err
    _ = scene.robot_path
    return scene
