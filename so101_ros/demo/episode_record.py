"""What one episode of a running graph came to."""

from dataclasses import dataclass

from so101_ros.rates import NANOSECONDS
from so101_ros.task.measures import PaperMeasures


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One episode, from the first joint state after the reset to the end of the recording.

    Attributes:
        number: Counted from 1.
        seed: Seed of the sheet's start pose.
        time_to_success_s: Simulated time until the judge was satisfied; None without success.
        reported_success: What the graph's task monitor said at the end.
        final: Measures of the sheet at the end.
        start_ns: First stamp on the simulation's clock, in [ns].
        end_ns: Last stamp on the simulation's clock, in [ns].
        wall_s: Duration on a monotonic wall clock, in [s].
        received_from_ns: Begin on the system's clock, in [ns] since 1970.
        received_until_ns: End on the system's clock, in [ns] since 1970.
    """

    number: int
    seed: int
    time_to_success_s: float | None
    reported_success: bool
    final: PaperMeasures
    start_ns: int
    end_ns: int
    wall_s: float
    received_from_ns: int
    received_until_ns: int

    @property
    def success(self) -> bool:
        """Whether the judge was satisfied at some time."""
        return self.time_to_success_s is not None

    @property
    def duration_s(self) -> float:
        """Simulated duration in [s]."""
        return (self.end_ns - self.start_ns) / NANOSECONDS

    @property
    def real_time_factor(self) -> float:
        """Simulated time per wall time."""
        return self.duration_s / self.wall_s
