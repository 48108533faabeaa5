"""Follow one episode after another: how the sheet does, and how each episode ends."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from so101_ros.control.tick_gate import TickGate
from so101_ros.epoch import EpochTracker
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.task.measures import PaperMeasures, lies_flat, measure
from so101_ros.task.success import SuccessJudge

PENDING_POSES = 10  # a third of a second of poses that overtook their joint states


class Outcome(str, Enum):
    """How an episode stands."""

    RUNNING = "running"
    SUCCESS = "success"
    TIME_LIMIT = "time limit"
    NO_PAPER = "no paper pose"


@dataclass(frozen=True, slots=True)
class EpisodeStatus:
    """One policy tick of an episode.

    Attributes:
        stamp_ns: Time of the tick, in [ns].
        outcome: How the episode stands; success and time limit are final.
        episode: Number of the episode, from 1.
        elapsed_s: Time since the episode began, up to its end, in [s].
        paper: The pose that is judged; None when nobody knows where the sheet is.
        measures: The sheet, compared with the goal; None without a pose.
    """

    stamp_ns: int
    outcome: Outcome
    episode: int
    elapsed_s: float
    paper: Pose | None
    measures: PaperMeasures | None

    @property
    def success(self) -> bool:
        """Whether the sheet was returned in this episode."""
        return self.outcome is Outcome.SUCCESS


class EpisodeMonitor:
    """Judge the sheet at every policy tick, and begin an episode with every epoch.

    Poses and joint states travel separately. A pose is judged once the joint states have reached
    its stamp, so that none is counted for the wrong episode.
    """

    def __init__(
        self, rates: Rates | None = None, paper_timeout_s: float = 0.5, unseen_ticks: int = 0
    ) -> None:
        """Begin before the first episode.

        Args:
            rates: Where the policy ticks are, and how many an episode has; None for the defaults.
            paper_timeout_s: Time without a pose after which the sheet counts as lost, in [s].
            unseen_ticks: Policy ticks in a row that may lack a pose without an end of the sheet's
                stay in the frame; a camera is slower than the policy, or an image is lost. They are
                no ticks inside either.
        """
        self._rates = rates or Rates()
        self._unseen_ticks = unseen_ticks
        self._paper_timeout_ns = round(paper_timeout_s * NANOSECONDS)
        self._epochs = EpochTracker()
        self._gate = TickGate(self._rates)
        self._judge = SuccessJudge()
        self._pending: deque[tuple[int, Pose]] = deque(maxlen=PENDING_POSES)
        self._now_ns = 0
        self._judged_ns: int | None = None
        self._ended: tuple[Outcome, float] | None = None

    @property
    def episode(self) -> int:
        """Number of the current episode; 0 before the first."""
        return self._epochs.count

    def observe_joints(self, stamp_ns: int) -> list[EpisodeStatus]:
        """Take in the stamp of a joint state.

        Args:
            stamp_ns: Its stamp, in [ns].

        Returns:
            The status of every tick that can now be judged; one without measures at a policy tick
            at which the sheet is lost.
        """
        if self._epochs.begins_at(stamp_ns):
            self._judge.reset()
            self._judged_ns = self._ended = None
        self._now_ns = stamp_ns
        statuses = self._judge_pending()
        if self._gate.opens_at(stamp_ns) and self._is_paper_lost():
            self._judge.reset()
            statuses.append(self._status(stamp_ns, None, None))
        return statuses

    def observe_paper(self, stamp_ns: int, paper: Pose) -> list[EpisodeStatus]:
        """Take in a pose of the sheet.

        Args:
            stamp_ns: When it was measured, in [ns].
            paper: The pose.

        Returns:
            The status of every tick that can now be judged.
        """
        self._pending.append((stamp_ns, paper))
        return self._judge_pending()

    def _judge_pending(self) -> list[EpisodeStatus]:
        statuses = []
        while self._pending and self._epochs.start_ns is not None:
            stamp_ns, paper = self._pending[0]
            if stamp_ns > self._now_ns:
                break
            self._pending.popleft()
            if not self._epochs.is_stale(stamp_ns) and self._is_new_tick(stamp_ns):
                statuses.append(self._judge_pose(stamp_ns, paper))
        return statuses

    def _is_new_tick(self, stamp_ns: int) -> bool:
        return self._judged_ns is None or self._ticks_between(self._judged_ns, stamp_ns) > 0

    def _judge_pose(self, stamp_ns: int, paper: Pose) -> EpisodeStatus:
        if self._judged_ns is not None:
            unseen = self._ticks_between(self._judged_ns, stamp_ns) - 1
            if unseen > self._unseen_ticks:
                self._judge.reset()  # what was not seen is not known to have been inside
        self._judged_ns = stamp_ns
        measures = measure(paper.planar)
        inside_for_long = self._judge.judge(measures, flat=lies_flat(paper))
        if self._ended is None and inside_for_long:
            self._ended = (Outcome.SUCCESS, self._since_start_s(stamp_ns))
        return self._status(stamp_ns, paper, measures)

    def _status(
        self, stamp_ns: int, paper: Pose | None, measures: PaperMeasures | None
    ) -> EpisodeStatus:
        elapsed_s = self._since_start_s(stamp_ns)
        ticks = self._ticks_between(self._start_ns, stamp_ns)
        if self._ended is None and ticks >= self._rates.episode_ticks:
            self._ended = (Outcome.TIME_LIMIT, elapsed_s)
        running = Outcome.NO_PAPER if measures is None else Outcome.RUNNING
        outcome, elapsed_s = self._ended or (running, elapsed_s)
        return EpisodeStatus(stamp_ns, outcome, self.episode, elapsed_s, paper, measures)

    def _is_paper_lost(self) -> bool:
        since_ns = self._epochs.start_ns if self._judged_ns is None else self._judged_ns
        return since_ns is not None and self._now_ns - since_ns > self._paper_timeout_ns

    @property
    def _start_ns(self) -> int:
        """Begin of the episode; nothing is judged before the first."""
        assert self._epochs.start_ns is not None
        return self._epochs.start_ns

    def _since_start_s(self, stamp_ns: int) -> float:
        return (stamp_ns - self._start_ns) / NANOSECONDS

    def _ticks_between(self, first_ns: int, second_ns: int) -> int:
        return self._rates.policy_tick_at(second_ns) - self._rates.policy_tick_at(first_ns)
