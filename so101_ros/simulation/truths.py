"""What was true when the cameras took their images: for judges, and for images that are late."""

from collections import deque
from typing import NamedTuple

import numpy as np

from so101_ros.pose import Pose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.image_schedule import ImageSchedule
from so101_ros.task.situation import Situation

MEMORY_S = 2
"""For how long truths are kept, in [s]: more than any observation is late."""


class Exposure(NamedTuple):
    """What the cameras have before them when they take an image.

    Attributes:
        stamp_ns: When, in [ns].
        paper: Pose of the sheet.
        state: MuJoCo's full physics state. Shape (n,).
    """

    stamp_ns: int
    paper: Pose
    state: np.ndarray

    @classmethod
    def of(cls, backend: MujocoBackend) -> "Exposure":
        """What a simulation has before the cameras now."""
        return cls(backend.stamp_ns, backend.paper, backend.state)


class Truth(NamedTuple):
    """What was true when an image was taken.

    Attributes:
        stamp_ns: When, in [ns].
        q: True joint positions in [rad]. Shape (6,).
        situation: Of arm and sheet.
        state: MuJoCo's full physics state. Shape (n,).
    """

    stamp_ns: int
    q: np.ndarray
    situation: Situation
    state: np.ndarray

    @classmethod
    def of(cls, backend: MujocoBackend) -> "Truth":
        """What is true of a simulation now."""
        return cls(backend.stamp_ns, backend.joint_state.q, backend.situation, backend.state)

    @property
    def exposure(self) -> Exposure:
        """What the cameras had before them."""
        return Exposure(self.stamp_ns, self.situation.paper, self.state)


class ImageMoment(NamedTuple):
    """What an image shows.

    Attributes:
        elapsed_ns: Time since the reset at which it was taken, in [ns].
        state: MuJoCo's full physics state then. Shape (n,).
    """

    elapsed_ns: int
    state: np.ndarray


class Truths:
    """The truths of the last seconds of one episode."""

    def __init__(self, policy_hz: int) -> None:
        """Begin an episode.

        Args:
            policy_hz: Images per second.
        """
        self._truths: deque[Truth] = deque(maxlen=MEMORY_S * policy_hz)

    def note(self, truth: Truth) -> None:
        """Keep a truth; the latest one comes last."""
        self._truths.append(truth)

    def exposures_after(self, stamp_ns: int) -> list[Exposure]:
        """Those that are later than a stamp in [ns]."""
        return [each.exposure for each in self._truths if each.stamp_ns > stamp_ns]

    def at(self, stamp_ns: int) -> Truth:
        """The latest one that is not later than a stamp in [ns]."""
        return next(each for each in reversed(self._truths) if each.stamp_ns <= stamp_ns)

    def shown(self, schedule: ImageSchedule, now_ns: int) -> Truth:
        """What the newest image of a camera shows that has arrived.

        Before the first one has arrived it is the moment of the reset: a camera that was on before
        has delivered that.

        Args:
            schedule: When the images of the camera arrive; none overtakes another.
            now_ns: Time in [ns].
        """
        shown = self._truths[0]
        for truth in self._truths:
            arrival_ns = schedule.arrival_ns(truth.stamp_ns)
            if arrival_ns is None:
                continue
            if arrival_ns > now_ns:
                break
            shown = truth
        return shown
