"""Run episodes on a Ray cluster."""

import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from so101_ros.errors import ConfigError, EvaluationError
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.episode_task import EpisodeTask, run_task
from so101_ros.evaluation.software import software_versions

_AHEAD = 3  # tasks handed out per processor
_POLL_S = 0.2
_CONNECT_S = 5.0


class RayEngine:
    """Spread episodes over a Ray cluster, or over one that is started here."""

    def __init__(self, jobs: int, address: str = "") -> None:
        """Prepare; Ray starts with the first run.

        Args:
            jobs: Processors to use, where Ray is started here.
            address: A running cluster, such as ``auto`` or ``ray://HOST:10001``; empty to start
                one here.

        Raises:
            ConfigError: If Ray is not installed.
        """
        if importlib.util.find_spec("ray") is None:
            raise ConfigError(
                "--engine ray needs Ray, which is not installed: pip install 'so101_ros[ray]'"
            )
        self._jobs = jobs
        self._address = address

    def run(
        self, tasks: Sequence[EpisodeTask], check_stop: Callable[[], None]
    ) -> Iterator[EvaluatedEpisode]:
        """Run episodes; see :meth:`so101_ros.evaluation.process_engine.ProcessEngine.run`."""
        import ray  # pyright: ignore[reportMissingImports]

        self._connect()
        remote = ray.remote(_run_checked)
        expected = software_versions()
        ahead = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting, running = iter(tasks), []
        try:
            while True:
                check_stop()
                while len(running) < ahead and (task := next(waiting, None)) is not None:
                    running.append(remote.remote(task, expected))
                if not running:
                    return
                done, running = ray.wait(running, timeout=_POLL_S)
                for reference in done:
                    yield _fetch(reference)
        finally:
            ray.shutdown()

    def _connect(self) -> None:
        import ray  # pyright: ignore[reportMissingImports]

        _check_address(self._address)
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
        if self._address:
            options |= {"address": self._address}
        else:
            options |= {"address": "local", "num_cpus": self._jobs, "include_dashboard": False}
        try:
            with _own_sigterm():
                ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError) as err:
            raise _no_cluster(self._address, err) from err


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Keep the program's handler; Ray puts one in its place that ends the program."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _check_address(address: str) -> None:
    """Refuse a host that nobody answers on; Ray itself would try for minutes."""
    host, _, port = address.rpartition("//")[2].partition(":")
    if not port:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except (OSError, ValueError) as err:
        raise _no_cluster(address, err) from err


def _no_cluster(address: str, err: Exception) -> ConfigError:
    reason = " ".join(str(err).split())
    if not address:
        return ConfigError(f"--engine ray: Ray cannot be started here: {reason}")
    return ConfigError(
        f"--address {address!r}: no Ray cluster there: {reason}; give auto, HOST:6379 or "
        "ray://HOST:10001, or leave it out to start one here"
    )


def _fetch(reference: Any) -> EvaluatedEpisode:
    import ray  # pyright: ignore[reportMissingImports]
    from ray import exceptions  # pyright: ignore[reportMissingImports]

    try:
        return ray.get(reference)
    except exceptions.RayTaskError as err:
        cause = err.cause if isinstance(err.cause, Exception) else err
        raise EvaluationError(f"a Ray worker failed: {cause}") from err
    except exceptions.RayError as err:
        raise EvaluationError(f"a Ray worker was lost: {err}") from err


def _run_checked(task: EpisodeTask, expected: dict[str, str]) -> EvaluatedEpisode:
    """Run an episode, unless this worker's software would give other numbers."""
    found = software_versions()
    if found != expected:
        raise EvaluationError(f"its software is {found}, but that of the driver is {expected}")
    return run_task(task)
