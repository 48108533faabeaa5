"""The scene that a node is told by name."""

from dataclasses import replace

from so101_ros.errors import ConfigError
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import Rates

SCENE_HELP = "Scene, by name or as a YAML file: what episodes are drawn from"


def read_tier(scene: str, robot_model: str, rates: Rates) -> SceneTier:
    """Load a scene for a graph.

    Args:
        scene: Its name, or the path of its file.
        robot_model: MJCF of the arm; empty for the scene's own.
        rates: The rates of the graph.

    Raises:
        ConfigError: If there is no such scene, or it needs other rates.
        AssetError: If a robot model does not exist.
    """
    tier = load_tier(scene)
    nominal = tier.nominal
    if nominal.rates not in (Rates(), rates):
        raise ConfigError(
            f"scene {scene!r} needs other rates than the graph has: {nominal.rates}, not {rates}; "
            "set physics_hz, control_hz and policy_hz of every node to the scene's"
        )
    changes = {"robot_model": robot_model} if robot_model else {}
    return replace(tier, nominal=replace(nominal, rates=rates, **changes))
