"""One evaluation after another: the same policies in several scenes."""

import shlex
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console

from so101_ros.cli.eval_run import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EvalRun
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.evaluation.sweep import SweepCell, SweepResults, read_finished
from so101_ros.evaluation.sweep_files import write_sweep
from so101_ros.evaluation.sweep_tables import sweep_table


class EvalSweep:
    """Run the scenes that are missing, and put all of them together."""

    def __init__(
        self, sweep: str, out: Path, evaluations: Sequence[EvaluationSettings], console: Console
    ) -> None:
        """Prepare.

        Args:
            sweep: The scenes, as the user typed them.
            out: Folder of the files.
            evaluations: What to run in each.
            console: Where to show it.
        """
        self._out = out
        self._evaluations = evaluations
        self._command = command_of(sweep, evaluations[0])
        self._console = console
        self._machine = MachineFacts.collect()
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")

    def run(self, *, fresh: bool) -> int:
        """Run everything.

        Args:
            fresh: Whether to run finished scenes again.

        Returns:
            0 if all episodes of all scenes ran, 1 if a policy or the harness failed in one, 130
            after Ctrl-C.

        Raises:
            So101Error: If an input is refused, or the files cannot be written.
        """
        cells: list[SweepCell] = []
        failed = False
        for index, settings in enumerate(self._evaluations, start=1):
            name = f"scene {settings.tier.name} ({index} of {len(self._evaluations)})"
            found = None if fresh else read_finished(settings)
            self._say(f"{name}{' is finished' if found is not None else ''}")
            if found is None:
                code = EvalRun(settings, self._console).run(fresh=fresh)
                if code == EXIT_INTERRUPTED:
                    return code
                # Where the harness has failed its proof there is nothing, or something older.
                found = read_finished(settings)
                failed |= code != EXIT_OK
            cells += found or []
        self._report(SweepResults(self._command, self._evaluations, cells))
        return EXIT_FAILED if failed or any(cell.errors for cell in cells) else EXIT_OK

    def _report(self, results: SweepResults) -> None:
        write_sweep(self._out, results, self._machine, self._started)
        self._console.print(sweep_table(results))
        self._say(f"{self._out / 'sweep.md'} has the table for a page; more files are beside it")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def command_of(sweep: str, settings: EvaluationSettings) -> str:
    """Write the command that runs a sweep again.

    Args:
        sweep: The scenes, as the user typed them.
        settings: What is run in each.
    """
    words = ["so101", "eval", "--sweep", sweep]
    for policy in settings.policies:
        words += ["--policy", policy]
    words += ["--episodes", f"{settings.episodes}"]
    for name, default in (("seed", 0), ("perception", "truth"), ("through", "env"), ("jobs", 1)):
        if (value := getattr(settings, name)) != default:
            words += [f"--{name}", f"{value}"]
    for name, value in settings.groot_conditions.items():
        words += [f"--{name.replace('_', '-')}", value]
    return shlex.join(words)
