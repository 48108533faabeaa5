"""One demo from start to end: graph, episodes, report."""

import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from rich.console import Console

from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.bringup.process_graph import NodeExit, ProcessGraph
from so101_ros.cli.demo_display import DemoDisplay, describe_episode
from so101_ros.cli.demo_options import DemoOptions
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.cli.up import EXIT_NODE_FAILED, exit_code_of
from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.files import DemoFiles
from so101_ros.demo.graph_topics import ANNOTATED_IMAGE, nominal_rates
from so101_ros.demo.report import DemoFigures, read_figures, write_pictures
from so101_ros.demo.summary import DemoSummary
from so101_ros.demo.tables import episode_table, topic_table, tracking_table
from so101_ros.errors import GraphError, RecordingError
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.graph import build_graph
from so101_ros.nodes.middleware import prepare_environment
from so101_ros.rates import Rates
from so101_ros.recording.bag_reader import BagReader
from so101_ros.recording.bag_writer import BagWriter
from so101_ros.simulation.scene import TRACKED_CAMERA

if TYPE_CHECKING:
    from so101_ros.nodes.episode_runner import EpisodeRunner

EXIT_OK = 0
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class _StopRequested(Exception):
    """The user pressed Ctrl-C."""


class _NodeEnded(GraphError):
    """A node has ended by itself."""

    def __init__(self, ended: NodeExit) -> None:
        super().__init__(ended.reason)
        self.ended = ended


class DemoRun:
    """Bring the graph up, run the episodes, report what was recorded."""

    def __init__(self, options: DemoOptions, console: Console) -> None:
        """Prepare the output folder.

        Args:
            options: What to run.
            console: Where to show it.

        Raises:
            ConfigError: If the output folder cannot be used.
        """
        self._options = options
        self._console = console
        self._display = DemoDisplay(console)
        self._stop = StopFlag()
        self._files = DemoFiles(options.out)
        self._files.prepare()
        self._bring_up = options.bring_up
        self._nominal_hz = _resolve(
            nominal_rates(
                Rates(), self._bring_up.camera_names, self._bring_up.lock_step, options.tracked
            )
        )
        self._machine = MachineFacts.collect()
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._episodes: list[EpisodeRecord] = []
        self._recorder_cpu = 0.0
        self._interrupted = False
        self._failure: str | None = None

    def run(self) -> int:
        """Run everything.

        Returns:
            0 if all episodes ran, 1 if the graph failed (2 if a node refused its input), 130 after
            Ctrl-C.
        """
        with self._stop:
            with NodeLogs(self._files.log) as logs:
                code = self._run_guarded(logs)
            return self._report_guarded() or code

    def _report_guarded(self) -> int:
        try:
            self._report()
        except OSError as err:
            self._complain(GraphError(f"{self._files.folder} cannot be written: {err}"), [])
            return EXIT_NODE_FAILED
        return EXIT_OK

    def _run_guarded(self, logs: NodeLogs) -> int:
        try:
            with self._display:
                self._run_graph(logs)
        except _StopRequested:
            self._interrupted = True
            self._display.say("stopped; finishing the files")
            return EXIT_INTERRUPTED
        except _NodeEnded as err:
            self._complain(err, logs.tail(err.ended.executable))
            return exit_code_of(err.ended)
        except GraphError as err:
            self._complain(err, [])
            return EXIT_NODE_FAILED
        except OSError as err:
            self._complain(GraphError(f"{self._files.folder} cannot be written: {err}"), [])
            return EXIT_NODE_FAILED
        return EXIT_OK

    def _run_graph(self, logs: NodeLogs) -> None:
        from so101_ros.nodes.episode_runner import EpisodeRunner
        from so101_ros.nodes.graph_session import GraphSession

        prepare_environment()
        graph = ProcessGraph(self._list_nodes(), on_line=logs.write)
        with BagWriter(self._files.bag) as bag, graph:
            session = GraphSession("so101_demo", check=lambda: self._check(graph))
            with closing(session):
                topics = (*self._nominal_hz, "/task/status")
                self._run_episodes(EpisodeRunner(session, bag, topics, self._display.show))

    def _list_nodes(self) -> tuple[NodeEntry, ...]:
        """The graph; for the video every image of the tracker is annotated."""
        nodes = build_graph(self._bring_up)
        if not self._options.video:
            return nodes
        smooth = {"image_rate_hz": float(Rates().policy_hz)}
        return tuple(
            replace(entry, parameters={**entry.parameters, **smooth})
            if entry.executable == "paper_tracker"
            else entry
            for entry in nodes
        )

    def _run_episodes(self, runner: "EpisodeRunner") -> None:
        self._display.say("waiting for every topic of the graph")
        runner.wait_for_graph()
        cpu_s, wall_s = time.process_time(), time.monotonic()
        for episode in runner.run(self._options.seeds, self._options.time_limit_s):
            self._episodes.append(episode)
            self._display.say(describe_episode(episode, self._options.episodes))
            self._recorder_cpu = (time.process_time() - cpu_s) / (time.monotonic() - wall_s)

    def _check(self, graph: ProcessGraph) -> None:
        if self._stop.requested:
            raise _StopRequested
        ended = graph.wait_for_exit(timeout_s=0.0)
        if ended is not None:
            raise _NodeEnded(ended)

    def _complain(self, error: GraphError, tail: list[str]) -> None:
        self._failure = str(error)
        sys.stderr.write(f"so101 demo: error: {error}; all of it is in {self._files.log}\n")
        sys.stderr.writelines(f"  | {line}\n" for line in tail)

    def _report(self) -> None:
        """Leave a summary in any case, and pictures if there is something to show."""
        figures = DemoFigures()
        if self._episodes:
            self._display.say("reading the bag, drawing and encoding")
            with BagReader(self._files.bag) as bag:
                figures = read_figures(bag, self._episodes, self._nominal_hz)
                self._draw(bag, figures)
        summary = self._summarise(figures)
        summary.save(self._files.summary)
        if self._episodes:
            trackers = [tracking_table(summary)] if summary.tracking else []
            self._console.print(episode_table(summary), *trackers, topic_table(summary))
        self._display.say(f"files are in {self._files.folder}")

    def _draw(self, bag: BagReader, figures: DemoFigures) -> None:
        topics = self._list_pictures() if self._options.video else []
        try:
            write_pictures(self._files, bag, self._episodes, figures, topics)
        except RecordingError as err:
            sys.stderr.write(f"so101 demo: no video: {err}\n")

    def _list_pictures(self) -> list[str]:
        """Topics of the video from left to right; the annotated image replaces the plain one."""
        topics = {
            camera: f"/camera/{camera}/image_raw/compressed"
            for camera in self._bring_up.camera_names
        }
        if self._options.tracked:
            topics[TRACKED_CAMERA] = f"/{ANNOTATED_IMAGE}"
        return list(topics.values())

    def _summarise(self, figures: DemoFigures) -> DemoSummary:
        return DemoSummary(
            started=self._started,
            interrupted=self._interrupted,
            failure=self._failure,
            machine=self._machine,
            settings=self._options.to_dict(),
            episodes=tuple(self._episodes),
            deliveries=figures.deliveries,
            other_rates_hz=figures.other_rates_hz,
            recorder_cpu=self._recorder_cpu,
            tracking=figures.tracking,
        )


def _resolve(rates: dict[str, int]) -> dict[str, float]:
    """Topics by their absolute names in the root namespace."""
    return {f"/{topic.lstrip('/')}": float(rate_hz) for topic, rate_hz in rates.items()}
