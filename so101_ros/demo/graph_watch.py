"""What a running graph says of itself, kept up to date message by message."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from so101_ros.epoch import EpochTracker
from so101_ros.errors import ObservationError
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.task.episode_status import EpisodeMonitor, EpisodeStatus
from so101_ros.task.measures import PaperMeasures

_STEADY_S = 0.5  # wall time after which a factor says more than the catching-up after a reset


@dataclass(frozen=True, slots=True)
class TaskReport:
    """One report of the task monitor, as it arrives.

    Attributes:
        episode: Number of the monitor's episode.
        elapsed_s: Simulated time since the episode began, in [s].
        success: Whether the episode has succeeded.
        measures: The sheet compared with the goal; None when nobody knows where it is.
    """

    episode: int
    elapsed_s: float
    success: bool
    measures: PaperMeasures | None

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> "TaskReport":
        """Read the values of a diagnostic status.

        Args:
            texts: Values by key.

        Returns:
            The report.

        Raises:
            ObservationError: If a value is missing or not a number.
        """
        try:
            return cls(
                episode=int(texts["episode"]),
                elapsed_s=float(texts["elapsed_s"]),
                success=texts["success"].lower() == "true",
                measures=_read_measures(texts),
            )
        except (KeyError, ValueError) as err:
            raise ObservationError(f"not a task status: {dict(texts)} ({err!r})") from err


@dataclass(slots=True)
class GraphWatch:
    """The newest state of a graph.

    The sheet is judged here from what was recorded, beside the graph's own task monitor: reports
    carry no stamp, so that a late one could be taken for one of the next episode.

    Attributes:
        epoch: Epochs of the joint states.
        stamp_ns: Newest joint state on the simulation's clock, in [ns]; -1 before the first.
        seen_ns: When it first arrived, on a monotonic wall clock, in [ns].
        epoch_seen_ns: When the epoch's first joint state arrived, on the same clock, in [ns].
        status: The sheet in this epoch; None before its first pose.
        report: Newest report of the task monitor; None before the first.
        phase: What the policy says it is doing; empty when it does not say.
    """

    epoch: EpochTracker = field(default_factory=EpochTracker)
    stamp_ns: int = -1
    seen_ns: int = 0
    epoch_seen_ns: int = 0
    status: EpisodeStatus | None = None
    report: TaskReport | None = None
    phase: str = ""
    _monitor: EpisodeMonitor = field(default_factory=EpisodeMonitor)

    def take_joint_state(self, stamp_ns: int, seen_ns: int) -> None:
        """Take in a joint state.

        Args:
            stamp_ns: Its stamp in [ns].
            seen_ns: Its arrival on a monotonic wall clock, in [ns].
        """
        if stamp_ns == self.stamp_ns:
            return  # in lock-step an unanswered state is repeated
        if self.epoch.begins_at(stamp_ns):
            self.epoch_seen_ns = seen_ns
            self.status = None
        self.stamp_ns, self.seen_ns = stamp_ns, seen_ns
        self._keep_newest(self._monitor.observe_joints(stamp_ns))

    def take_paper(self, stamp_ns: int, paper: Pose) -> None:
        """Take in a pose of the sheet.

        Args:
            stamp_ns: Its stamp in [ns].
            paper: The pose.
        """
        self._keep_newest(self._monitor.observe_paper(stamp_ns, paper))

    def _keep_newest(self, statuses: list[EpisodeStatus]) -> None:
        if statuses:
            self.status = statuses[-1]

    @property
    def elapsed_s(self) -> float:
        """Simulated time since the epoch began, in [s]."""
        return (self.stamp_ns - (self.epoch.start_ns or 0)) / NANOSECONDS

    @property
    def wall_s(self) -> float:
        """Wall time between the arrivals of the epoch's first and last joint states, in [s]."""
        return (self.seen_ns - self.epoch_seen_ns) / NANOSECONDS

    @property
    def real_time_factor(self) -> float | None:
        """Simulated time per wall time in this epoch; None before there is enough of it."""
        return self.elapsed_s / self.wall_s if self.wall_s > _STEADY_S else None


def _read_measures(texts: Mapping[str, str]) -> PaperMeasures | None:
    if "distance_to_goal" not in texts:
        return None
    return PaperMeasures(
        distance_to_goal=float(texts["distance_to_goal"]),
        yaw_error=float(texts["yaw_error"]),
        margin=float(texts["margin"]),
    )
