"""Ask somebody slow, without waiting for the answer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from rclpy.node import Node

_Job = TypeVar("_Job")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_Job, _Answer]):
    """What became of a job.

    Attributes:
        job: What was asked.
        answer: The answer; None if there is none.
        error: What was raised instead; None if nothing.
    """

    job: _Job
    answer: _Answer | None
    error: Exception | None


class InferenceWorker(Generic[_Job, _Answer]):
    """Do one job at a time in a thread of its own; outcomes come back in the node's thread.

    The thread dies with the process: a model that thinks for long does not delay the end.

    Attributes:
        busy: Whether a job is under way.
    """

    def __init__(
        self,
        node: Node,
        work: Callable[[_Job], _Answer],
        on_done: Callable[[Outcome[_Job, _Answer]], None],
    ) -> None:
        """Start the thread.

        Args:
            node: Whose executor calls ``on_done``.
            work: Does a job, in the worker's thread.
            on_done: Called with every outcome, in the executor's thread.
        """
        self.busy = False
        self._work = work
        self._on_done = on_done
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome[_Job, _Answer]] = SimpleQueue()
        self._wake = node.create_guard_condition(self._deliver)
        threading.Thread(target=self._run, name="inference", daemon=True).start()

    def submit(self, job: _Job) -> None:
        """Do a job as soon as the one before is done."""
        self.busy = True
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            self._outcomes.put(self._do(self._jobs.get()))
            self._wake.trigger()

    def _do(self, job: _Job) -> Outcome[_Job, _Answer]:
        try:
            return Outcome(job, self._work(job), None)
        except Exception as err:  # Raised again, or told, where the outcome is taken.
            return Outcome(job, None, err)

    def _deliver(self) -> None:
        while not self._outcomes.empty():
            outcome = self._outcomes.get()
            self.busy = False
            self._on_done(outcome)
