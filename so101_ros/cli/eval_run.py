"""One evaluation from start to end: episodes, proof, report."""

import sys
from datetime import datetime, timezone

from rich.console import Console

from so101_ros.cli.eval_display import EvalDisplay
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.errors import AssetError, ConfigError, GrootError, ModelError, So101Error
from so101_ros.evaluation.evaluation import Engine, Evaluation
from so101_ros.evaluation.evaluation_store import EvaluationStore
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.process_engine import ProcessEngine
from so101_ros.evaluation.ray_engine import RayEngine
from so101_ros.evaluation.report import Report
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.evaluation.tables import comparison_table, error_table, summary_table

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_OFFER = "stopping after the episodes that have begun; Ctrl-C again stops at once"


class _StopRequested(Exception):
    """The user pressed Ctrl-C."""


class EvalRun:
    """Run what is missing, report what is there."""

    def __init__(self, settings: EvaluationSettings, console: Console) -> None:
        """Prepare.

        Args:
            settings: What to run.
            console: Where to show it.
        """
        self._settings = settings
        self._console = console
        self._display = EvalDisplay(console)
        self._stop = StopFlag(_OFFER)
        self._machine = MachineFacts.collect()
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")

    def run(self, *, fresh: bool) -> int:
        """Run everything.

        Args:
            fresh: Whether to remove the evaluation that is in the folder first.

        Returns:
            0 if all episodes ran, 1 if a policy or the harness failed, 130 after Ctrl-C.

        Raises:
            ConfigError: If a setting is not allowed, the folder cannot be used, or a policy cannot
                be made.
            AssetError: If a file that a policy or the scene needs is missing.
            ModelError: If the robot model is not an SO-101.
            GrootError: If a GR00T model is not there, or does not fit its profile.
        """
        engine = self._make_engine()
        settings = self._settings
        store = EvaluationStore(settings.out, settings.conditions, fresh=fresh)
        with store, self._stop:
            try:
                self._run_episodes(store, engine)
                return self._report(store)
            except (_StopRequested, KeyboardInterrupt):
                self._display.say(
                    f"stopped; finished episodes are kept in {store.folder}: the same command goes "
                    "on"
                )
                return EXIT_INTERRUPTED
            except OSError as err:
                return self._complain(f"{store.folder} cannot be written: {err}")
            except (ConfigError, AssetError, ModelError, GrootError):
                raise  # Bad input that shows only when it is used.
            except So101Error as err:
                return self._complain(str(err))

    def _make_engine(self) -> Engine:
        settings = self._settings
        if settings.through == "graph":
            from so101_ros.evaluation.graph_episodes import GraphEpisodes

            return GraphEpisodes(settings.out / "graph.log")
        if settings.engine == "ray":
            return RayEngine(settings.jobs, settings.address)
        return ProcessEngine(settings.jobs)

    def _run_episodes(self, store: EvaluationStore, engine: Engine) -> None:
        evaluation = Evaluation(self._settings, store, engine, self._display.show, self._check)
        total = len(evaluation.policies) * self._settings.episodes
        if kept := total - evaluation.unfinished:
            self._display.say(
                f"{kept} of {total} episodes are there already, in {store.folder} (--fresh runs "
                "them again)"
            )
        if evaluation.unfinished and self._settings.uses_groot:
            # Imports what speaks to servers, for which the others should not wait.
            from so101_ros.groot.make_session import check_model

            check_model(self._settings.groot)
        with self._display:
            evaluation.run()

    def _report(self, store: EvaluationStore) -> int:
        self._display.say("summing up, drawing and encoding")
        report = Report(self._settings, store, self._machine, self._started)
        report.write_figures()
        if self._settings.videos:
            self._write_videos(report)
        self._show(report)
        self._display.say(f"files are in {store.folder}")
        return EXIT_FAILED if report.errors else EXIT_OK

    def _write_videos(self, report: Report) -> None:
        """Pictures are no reason to lose the figures."""
        try:
            report.write_videos()
        except (So101Error, OSError) as err:
            sys.stderr.write(f"so101 eval: no videos: {err}\n")

    def _show(self, report: Report) -> None:
        results = report.results
        self._console.print(summary_table(results.summaries, results.proof))
        if results.comparisons:
            self._console.print(comparison_table(results.comparisons))
        if (errors := error_table(report.episodes)) is not None:
            self._console.print(errors)

    def _check(self) -> None:
        if self._stop.requested:
            raise _StopRequested

    def _complain(self, reason: str) -> int:
        sys.stderr.write(f"so101 eval: error: {reason}\n")
        return EXIT_FAILED
