"""Write scenes as the files that describe them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import yaml

from so101_ros.randomization.distributions import Hidden, plain
from so101_ros.randomization.draw import Draw
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig

_WIDTH = 100  # characters of a line


def to_yaml(tier: SceneTier) -> str:
    """Write a tier so that :func:`so101_ros.randomization.load.load_tier` reads it back.

    Args:
        tier: What episodes are drawn from; its name is that of the file.

    Returns:
        The text of a file, without what is nominal, without reasons and without includes.
    """
    head = {"description": tier.description} if tier.description else {}
    return _dump(head | {"start": asdict(tier.starts)} | _body(tier, Draw.to_dict))


def episode_to_yaml(tier: SceneTier, seed: int) -> str:
    """Write the scene of one episode; what was drawn stays hidden from policies.

    Args:
        tier: What the episode is drawn from.
        seed: Its seed.

    Returns:
        The text of a file that describes this one scene.
    """
    start = asdict(tier.start(seed))
    return _dump({"start": start} | _body(tier, lambda draw: Hidden(draw.value(seed)).to_dict()))


def describe_draws(tier: SceneTier) -> str:
    """Count what a tier draws, part by part; a line for a table."""
    counts = Counter(draw.section for draw in tier.draws)
    return ", ".join(f"{section} {count}" for section, count in counts.items()) or "-"


def _body(tier: SceneTier, write: Callable[[Draw], Any]) -> dict[str, Any]:
    """All that is fixed and not nominal, and all that is drawn."""
    body = _changes(tier.nominal.to_dict(), SceneConfig().to_dict())
    for draw in tier.draws:
        body.setdefault(draw.section, {})[draw.name] = write(draw)
    return body


def _changes(data: dict[str, Any], nominal: dict[str, Any]) -> dict[str, Any]:
    """The entries that are not nominal, without the parts that are."""
    return {
        name: _changes(value, nominal[name]) if isinstance(value, dict) else value
        for name, value in data.items()
        if value != nominal[name]
    }


def _dump(data: dict[str, Any]) -> str:
    return yaml.safe_dump(plain(data), sort_keys=False, default_flow_style=None, width=_WIDTH)
