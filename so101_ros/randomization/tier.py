"""A family of scenes: what is known of it, and what a seed makes of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from so101_ros.pose import PlanarPose
from so101_ros.randomization.distributions import plain
from so101_ros.randomization.draw import Draw
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.starts import PaperStarts


@dataclass(frozen=True, slots=True)
class SceneTier:
    """Scenes that are alike but for what is drawn.

    Attributes:
        name: What results call it.
        nominal: The scene without what is drawn: all that a policy may know.
        starts: Where sheets lie at the start.
        draws: What differs from episode to episode; kept in the order of their paths.
        description: One line for a list.
    """

    name: str = "nominal"
    nominal: SceneConfig = field(default_factory=SceneConfig)
    starts: PaperStarts = field(default_factory=PaperStarts)
    draws: tuple[Draw, ...] = ()
    description: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Order the draws: tiers that draw alike are equal."""
        object.__setattr__(self, "draws", tuple(sorted(self.draws, key=lambda draw: draw.path)))

    @property
    def varied(self) -> tuple[str, ...]:
        """Paths of the entries that are drawn."""
        return tuple(draw.path for draw in self.draws)

    def start(self, seed: int) -> PlanarPose:
        """Draw where the sheet lies at the start; the same seed draws the same place.

        Args:
            seed: Seed of the episode; at least 0.
        """
        return self.starts.sample(np.random.default_rng(seed))

    def sample(self, seed: int) -> SceneConfig:
        """Draw a scene; the same seed draws the same one.

        Args:
            seed: Seed of the episode; at least 0.

        Raises:
            ConfigError: If entries that are allowed one by one cannot go together.
        """
        drawn = {
            section: _redraw(getattr(self.nominal, section), draws, seed)
            for section, draws in groupby(self.draws, key=lambda draw: draw.section)
        }
        return replace(self.nominal, **drawn)

    def to_dict(self) -> dict[str, Any]:
        """Plain data that JSON reads back unchanged; equal for tiers that draw alike."""
        return {
            "name": self.name,
            "nominal": plain(self.nominal.to_dict()),
            "starts": plain(asdict(self.starts)),
            "draws": {draw.path: draw.to_dict() for draw in self.draws},
        }


def _redraw(part: Any, draws: Iterable[Draw], seed: int) -> Any:
    return replace(part, **{draw.name: draw.value(seed) for draw in draws})
