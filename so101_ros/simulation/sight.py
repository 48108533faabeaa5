"""Where the sheet is, as it is seen: by whom, and how late."""

from typing import NamedTuple, Protocol

from so101_ros.pose import Pose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.simulation.image_schedule import ImageSchedule


class Sight(Protocol):
    """Somebody who looks for the sheet."""

    def reset(self, seed: int) -> None:
        """Begin an episode, at the moment of the reset.

        Args:
            seed: Seed of the episode.
        """
        ...

    def find_paper(self) -> Pose | None:
        """Say where the sheet is; None if that is not certain."""
        ...


class TrueSight:
    """Knows where the sheet is."""

    def __init__(self, backend: MujocoBackend) -> None:
        """Look at a simulation.

        Args:
            backend: The simulation.
        """
        self._backend = backend

    def reset(self, seed: int) -> None:
        """Begin an episode: there is nothing to forget."""
        del seed  # Unused: the truth has no noise.

    def find_paper(self) -> Pose:
        """Say where the sheet is."""
        return self._backend.paper


class SeenPaper(NamedTuple):
    """What an image told.

    Attributes:
        stamp_ns: When it was taken, in [ns].
        pose: Where the sheet was; None if that was not certain.
    """

    stamp_ns: int
    pose: Pose | None


class LateSight:
    """What is known of the sheet while images are on their way.

    Attributes:
        latest: The newest image that has arrived; None before the first.
    """

    def __init__(self, sight: Sight, schedule: ImageSchedule) -> None:
        """Begin an episode, with closed eyes.

        Args:
            sight: Who looks at the images.
            schedule: When they arrive.
        """
        self.latest: SeenPaper | None = None
        self._sight = sight
        self._schedule = schedule
        self._images: DelayLine[SeenPaper] = DelayLine()

    def expose(self, stamp_ns: int) -> None:
        """Take an image now, in [ns], unless it will be lost."""
        if self._schedule.in_time:
            self.latest = SeenPaper(stamp_ns, self._sight.find_paper())
            return
        arrival_ns = self._schedule.arrival_ns(stamp_ns)
        if arrival_ns is not None:
            self._images.send(SeenPaper(stamp_ns, self._sight.find_paper()), arrival_ns)

    def receive(self, now_ns: int) -> None:
        """Take in the images that have arrived by now, in [ns]."""
        for image in self._images.arrivals(now_ns):
            self.latest = image
