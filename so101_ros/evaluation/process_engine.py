"""Run episodes in processes of this machine."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from so101_ros.bringup.leash import die_with
from so101_ros.errors import EvaluationError
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask, run_task

_AHEAD = 3  # tasks handed out per worker: none waits for the parent, few are lost by a stop
_POLL_S = 0.2


class ProcessEngine:
    """Spread episodes over worker processes, or run them here if one is enough."""

    def __init__(self, jobs: int) -> None:
        """Prepare.

        Args:
            jobs: Number of processes.
        """
        self._jobs = jobs

    def run(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        """Run episodes.

        What ends the run waits for the episodes that have begun; only a KeyboardInterrupt, also
        one during that wait, ends them at once.

        Args:
            tasks: The episodes.
            check_stop: Called often; raises what must end the run.

        Yields:
            Each episode when it is over, in any order.

        Raises:
            So101Error: If scene or policy cannot be built, or a worker has died.
        """
        if self._jobs == 1 or len(tasks) == 1:
            for task in tasks:
                check_stop()
                yield run_task(task)
            return
        yield from self._spread(tasks, check_stop)

    def _spread(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        pool = ProcessPoolExecutor(
            min(self._jobs, len(tasks)),
            # A forked child would inherit threads and GL contexts in whatever state they are.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_worker,
            initargs=(os.getpid(),),
        )
        try:
            yield from _keep_busy(pool, tasks, _AHEAD * self._jobs, check_stop)
        except BrokenProcessPool as err:
            raise EvaluationError(
                "a worker process has died (killed, out of memory, or crashed in foreign code); "
                "finished episodes are kept: run the same command again to go on, with --jobs 1 "
                "to see the crash"
            ) from err
        except KeyboardInterrupt:
            _kill_workers()
            raise
        finally:
            _shut_down(pool)


def _keep_busy(
    pool: ProcessPoolExecutor,
    tasks: Sequence[EpisodeTask],
    ahead: int,
    check_stop: Callable[[], None],
) -> Iterator[EvaluatedEpisode]:
    """Hand out a few tasks at a time and yield what comes back."""
    waiting = iter(tasks)
    running: set[Future[EvaluatedEpisode]] = set()
    while True:
        check_stop()
        while len(running) < ahead and (task := next(waiting, None)) is not None:
            with _without_ctrl_c():
                running.add(pool.submit(run_task, task))
        if not running:
            return
        done, running = wait(running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Hold SIGINT back, also from a worker that is started now, until it ignores it.

    A terminal signals the parent and all workers, and one that is still importing would die of it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _shut_down(pool: ProcessPoolExecutor) -> None:
    try:
        pool.shutdown(wait=True, cancel_futures=True)
    except KeyboardInterrupt:
        _kill_workers()
        raise


def _kill_workers() -> None:
    """End also a policy that answers never; Python itself would wait for it at its exit."""
    for worker in multiprocessing.active_children():
        worker.kill()


def _begin_worker(parent: int) -> None:
    """Die with the parent, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(parent)
