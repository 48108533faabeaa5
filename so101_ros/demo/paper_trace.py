"""Where the sheet was during an episode."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from so101_ros.pose import PlanarPose, Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.task.measures import PaperMeasures, measure


@dataclass(frozen=True, slots=True)
class PaperTrace:
    """The sheet over one episode.

    Attributes:
        label: Name of the episode in a legend.
        times_s: Simulated time since the episode began, increasing, in [s]. Shape (n,).
        poses: The sheet at those times; n of them.
    """

    label: str
    times_s: np.ndarray
    poses: tuple[PlanarPose, ...]

    @property
    def path(self) -> np.ndarray:
        """Centres of the sheet in [m]. Shape (n, 2)."""
        return np.array([pose.xy for pose in self.poses]).reshape(-1, 2)

    @property
    def measures(self) -> list[PaperMeasures]:
        """The sheet compared with the goal, at every time."""
        return [measure(pose) for pose in self.poses]

    def measures_at(self, time_s: float) -> PaperMeasures:
        """Compare the sheet with the goal at the last pose that is not later than a time.

        Args:
            time_s: Simulated time since the episode began, in [s].

        Returns:
            The measures; those of the first pose before it.
        """
        index = int(np.searchsorted(self.times_s, time_s + 1e-6, side="right")) - 1
        return measure(self.poses[max(index, 0)])


def cut_trace(
    label: str, stamps_ns: np.ndarray, poses: Sequence[Pose], start_ns: int, end_ns: int
) -> PaperTrace:
    """Cut one episode out of a recording.

    Args:
        label: Name of the episode in a legend.
        stamps_ns: Stamps of all recorded poses in [ns]. Shape (n,).
        poses: All recorded poses; n of them.
        start_ns: Begin of the episode in [ns].
        end_ns: End of the episode in [ns].

    Returns:
        The poses with stamps from begin to end.
    """
    inside = np.flatnonzero((stamps_ns >= start_ns) & (stamps_ns <= end_ns))
    times_s = (stamps_ns[inside] - start_ns) / NANOSECONDS
    return PaperTrace(label, times_s, tuple(poses[index].planar for index in inside.tolist()))
