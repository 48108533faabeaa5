"""Drive a running graph through seeded episodes, and record all of it."""

import time
from collections.abc import Callable, Iterator

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from rclpy.serialization import deserialize_message

from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.graph_watch import GraphWatch, TaskReport
from so101_ros.demo.progress import EpisodeProgress
from so101_ros.errors import GraphError
from so101_ros.nodes.bag_recorder import BagRecorder
from so101_ros.nodes.company import refuse_company
from so101_ros.nodes.convert import pose_from_ros
from so101_ros.nodes.graph_session import GraphSession
from so101_ros.nodes.requests import SimulationRequests
from so101_ros.recording.bag_writer import BagWriter
from so101_ros.recording.cdr import stamp_of

DISCOVER_PERIOD_S = 0.5
START_TIMEOUT_S = 60.0
"""Time for every node to start and speak; they import and compile for some seconds."""

STALL_S = 10.0
"""Wall time without a new joint state after which the graph has failed."""

IN_FLIGHT_S = 0.2
"""Wall time after an episode's end in which its last images still arrive."""

_POLICY_NODE = "ik_controller"  # its diagnostics say what the policy is doing

AFTER_SUCCESS_S = 1.0
"""Simulated time that is recorded after a success: the hand lifts off the sheet."""


class EpisodeRunner:
    """Record a graph and run episodes in it, from one thread.

    Attributes:
        watch: The graph's newest state.
    """

    def __init__(
        self,
        session: GraphSession,
        bag: BagWriter,
        required_topics: tuple[str, ...],
        on_progress: Callable[[EpisodeProgress], None],
    ) -> None:
        """Begin to record.

        Args:
            session: Takes part in the graph; closed by its owner.
            bag: Takes every message; closed by its owner.
            required_topics: Topics that speak in a complete graph; resolved names.
            on_progress: Told how each episode comes along.
        """
        self.watch = GraphWatch()
        self._session = session
        self._required_topics = required_topics
        self._on_progress = on_progress
        self._requests = SimulationRequests(session)
        self._recorder = BagRecorder(session.ears, bag)
        self._discover_at_s = 0.0
        self._tap_topics()
        session.on_turn.append(self._record_arrivals)

    def wait_for_graph(self) -> None:
        """Wait until every required topic has spoken and the services are there.

        Raises:
            GraphError: If that takes too long (the message names who is silent), or if another
                graph runs on the domain.
        """
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while self._recorder.missing(self._required_topics) or not self._requests.ready():
            if time.monotonic() > deadline_s:
                silent = self._recorder.missing(self._required_topics) or ["sim/reset"]
                raise GraphError(
                    f"the graph is not complete after {START_TIMEOUT_S:g} s: "
                    f"nothing came from {', '.join(silent)}"
                )
            self._session.turn()
        refuse_company(self._session.node)

    def run(self, seeds: list[int], time_limit_s: float) -> Iterator[EpisodeRecord]:
        """Run one episode for each seed.

        Args:
            seeds: Seeds of the sheet's start poses.
            time_limit_s: Simulated time after which an episode has failed, in [s].

        Yields:
            Each episode when it is over.

        Raises:
            GraphError: If the graph fails.
        """
        for number, seed in enumerate(seeds, start=1):
            received_from_ns = time.time_ns()
            self._begin(seed)
            succeeded_at_s = self._follow(number, len(seeds), seed, time_limit_s)
            episode = self._record(number, seed, succeeded_at_s, received_from_ns)
            self._session.run_for(IN_FLIGHT_S)
            yield episode

    def _begin(self, seed: int) -> None:
        epoch = self.watch.epoch.count
        self._requests.begin_episode(seed)
        self._session.wait_until(
            lambda: self.watch.epoch.count > epoch and self.watch.status is not None,
            STALL_S,
            "no joint state and pose of the sheet came after the reset",
        )

    def _follow(self, number: int, total: int, seed: int, limit_s: float) -> float | None:
        """Watch one episode; returns the simulated time of its success in [s], if any."""
        succeeded_at_s, end_s, epoch = None, limit_s, self.watch.epoch.count
        while self.watch.elapsed_s < end_s:
            self._session.turn()
            self._check_alive(epoch)
            status = self.watch.status
            if succeeded_at_s is None and status is not None and status.success:
                if status.elapsed_s <= limit_s:
                    succeeded_at_s = status.elapsed_s
                    end_s = succeeded_at_s + AFTER_SUCCESS_S
            self._on_progress(self._progress(number, total, seed))
        return succeeded_at_s

    def _record(
        self, number: int, seed: int, succeeded_at_s: float | None, received_from_ns: int
    ) -> EpisodeRecord:
        watch = self.watch
        if watch.status is None or watch.status.measures is None or watch.epoch.start_ns is None:
            raise GraphError(f"episode {number} ended without a pose of the sheet")
        return EpisodeRecord(
            number=number,
            seed=seed,
            time_to_success_s=succeeded_at_s,
            reported_success=watch.report is not None and watch.report.success,
            final=watch.status.measures,
            start_ns=watch.epoch.start_ns,
            end_ns=watch.stamp_ns,
            wall_s=watch.wall_s,
            received_from_ns=received_from_ns,
            received_until_ns=time.time_ns(),
        )

    def _progress(self, number: int, total: int, seed: int) -> EpisodeProgress:
        status = self.watch.status
        return EpisodeProgress(
            number=number,
            total=total,
            seed=seed,
            elapsed_s=self.watch.elapsed_s,
            measures=status.measures if status else None,
            success=status is not None and status.success,
            phase=self.watch.phase,
            real_time_factor=self.watch.real_time_factor,
        )

    def _check_alive(self, epoch: int) -> None:
        if self.watch.epoch.count != epoch:
            raise GraphError(
                "the joint states jumped within an episode: somebody else has reset the "
                "simulation, or this machine is too busy to receive them"
            )
        silence_s = (time.monotonic_ns() - self.watch.seen_ns) * 1e-9
        if silence_s > STALL_S:
            raise GraphError(
                f"simulated time has stood still for {silence_s:.0f} s; graph.log and the "
                "diagnostics in the bag tell which node did not answer"
            )

    def _record_arrivals(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._discover_at_s:
            self._discover_at_s = now_s + DISCOVER_PERIOD_S
            self._recorder.discover()
        self._recorder.drain()

    def _tap_topics(self) -> None:
        taps = {
            "joint_states": self._take_joint_state,
            "ground_truth/paper_pose": self._take_paper,
            "task/status": self._take_report,
            "diagnostics": self._take_diagnostics,
        }
        for name, take in taps.items():
            self._recorder.tap(self._session.node.resolve_topic_name(name), take)

    def _take_joint_state(self, message: bytes, seen_ns: int) -> None:
        self.watch.take_joint_state(stamp_of(message), seen_ns)

    def _take_paper(self, message: bytes, seen_ns: int) -> None:
        del seen_ns  # Unused: poses are judged by their stamps.
        pose = pose_from_ros(deserialize_message(message, PoseStamped))
        self.watch.take_paper(stamp_of(message), pose)

    def _take_report(self, message: bytes, seen_ns: int) -> None:
        del seen_ns  # Unused: the report carries its own time.
        self.watch.report = TaskReport.from_texts(
            _texts(deserialize_message(message, DiagnosticStatus))
        )

    def _take_diagnostics(self, message: bytes, seen_ns: int) -> None:
        del seen_ns  # Unused: the phase is only shown.
        for status in deserialize_message(message, DiagnosticArray).status:
            if status.name == _POLICY_NODE:
                self.watch.phase = status.message


def _texts(status: DiagnosticStatus) -> dict[str, str]:
    return {entry.key: entry.value for entry in status.values}
