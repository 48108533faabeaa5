"""A family of scenes: what is known of it, and what a seed makes of it."""

from dataclasses import dataclass, field

from so101_ros.simulation.config import SceneConfig
from so101_ros.task.starts import PaperStarts


@dataclass(frozen=True, slots=True)
class SceneTier:
    """Scenes that are alike but for what is drawn.

    Attributes:
        name: What results call it.
        nominal: The scene without what is drawn: all that a policy may know.
        starts: Where sheets lie at the start.
    """

    name: str = "nominal"
    nominal: SceneConfig = field(default_factory=SceneConfig)
    starts: PaperStarts = field(default_factory=PaperStarts)

    def sample(self, seed: int) -> SceneConfig:
        """Draw a scene; the same seed draws the same one.

        Args:
            seed: Seed of the episode.
        """
        del seed  # Unused: nothing is drawn yet.
        return self.nominal
