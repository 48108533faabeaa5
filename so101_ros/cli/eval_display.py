"""Show how an evaluation comes along: bars on a terminal, plain lines elsewhere."""

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from so101_ros.evaluation.evaluation import Progress

_PLAIN_PERIOD_S = 5.0  # a log file needs fewer lines than an eye


class EvalDisplay:
    """One bar for each policy."""

    def __init__(self, console: Console) -> None:
        """Show nothing yet.

        Args:
            console: Where to write.
        """
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[successes]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._due_at_s = 0.0

    def __enter__(self) -> "EvalDisplay":
        """Open the bars, on a terminal."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they are."""
        self._bars.stop()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(text, highlight=False, markup=False)

    def show(self, progress: Progress) -> None:
        """Show how far a policy has come."""
        line = f"{progress.successes} succeeded"
        if progress.policy not in self._tasks:
            self._tasks[progress.policy] = self._bars.add_task(
                progress.policy, total=progress.total, successes=line
            )
        self._bars.update(self._tasks[progress.policy], completed=progress.done, successes=line)
        if not self._console.is_terminal:
            self._show_plain(progress, line)

    def _show_plain(self, progress: Progress, line: str) -> None:
        now_s, done = time.monotonic(), progress.done
        if done == 0 or (done < progress.total and now_s < self._due_at_s):
            return
        self._due_at_s = now_s + _PLAIN_PERIOD_S
        self.say(f"{progress.policy}: {done} of {progress.total} episodes, {line}")
