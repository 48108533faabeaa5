"""How far an episode has come, for whoever watches."""

from dataclasses import dataclass

from so101_ros.task.measures import PaperMeasures


@dataclass(frozen=True, slots=True)
class EpisodeProgress:
    """One moment of an episode.

    Attributes:
        number: Episode, counted from 1.
        total: Episodes in all.
        seed: Seed of the sheet's start pose.
        elapsed_s: Simulated time since the episode began, in [s].
        measures: The sheet compared with the goal; None before the first report.
        success: Whether the episode has succeeded.
        phase: What the policy says it is doing; empty when it does not say.
        real_time_factor: Simulated time per wall time; None at the episode's begin.
    """

    number: int
    total: int
    seed: int
    elapsed_s: float
    measures: PaperMeasures | None
    success: bool
    phase: str
    real_time_factor: float | None
