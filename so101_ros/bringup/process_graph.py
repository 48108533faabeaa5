"""Run the nodes of a graph as child processes, all or none.

For machines without ``ros2 launch``::

    with ProcessGraph(build_graph(BringUp()), on_line=show) as graph:
        ended = graph.wait_for_exit()  # blocks until a node ends, which none should
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from so101_ros.bringup.executables import PACKAGE
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.errors import ConfigError

INTERRUPT_GRACE_S = 5.0
"""How long a node may take to close after SIGINT; a renderer needs a second on a loaded machine."""

TERMINATE_GRACE_S = 2.0
"""How long it may take after SIGTERM, before it is killed."""

_RUN_MODULE = """\
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
del sys.argv[0], sys.path[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"""``python -m`` that a Ctrl-C ends without a traceback, also while it imports the package.

The current folder is no place to import from: a clone below it has the package's name.
"""

OnLine = Callable[[str, str], None]
"""Takes the executable and one line of its output, without the line's end."""


@dataclass(frozen=True, slots=True)
class NodeExit:
    """The end of a node.

    Attributes:
        executable: Which node.
        code: Its exit code; the negative signal number if a signal ended it.
    """

    executable: str
    code: int

    @property
    def reason(self) -> str:
        """The end in words."""
        if self.code < 0:
            return f"{self.executable} was ended by {signal.Signals(-self.code).name}"
        return f"{self.executable} ended with exit code {self.code}"


def node_command(entry: NodeEntry) -> list[str]:
    """Command that runs a node of this package in a child process.

    Args:
        entry: The node.

    Returns:
        Program and arguments.

    Raises:
        ConfigError: If the node belongs to another package.
    """
    if entry.package != PACKAGE:
        raise ConfigError(
            f"{entry.package}/{entry.executable} is not part of {PACKAGE}; "
            "only ros2 launch can start it"
        )
    module = f"{PACKAGE}.nodes.{entry.executable}"
    leash = [sys.executable, "-c", _RUN_MODULE, f"{PACKAGE}.bringup.leash", str(os.getpid())]
    return [*leash, module, *entry.to_command_line()]


class ProcessGraph:
    """A set of node processes that start and stop together.

    Leaving the ``with`` block stops every node: SIGINT, then SIGTERM, then SIGKILL. The nodes also
    die with the thread that entered the block, so enter it in the main thread.
    """

    def __init__(
        self,
        entries: Iterable[NodeEntry],
        environment: Mapping[str, str] | None = None,
        on_line: OnLine | None = None,
        command: Callable[[NodeEntry], list[str]] = node_command,
    ) -> None:
        """Describe the set; nothing starts before the ``with`` block.

        Args:
            entries: The nodes.
            environment: Environment of the nodes; None for this process's own.
            on_line: Takes every line that a node writes. Called from other threads, one at a time.
            command: Makes the command of a node.
        """
        self._commands = {entry.executable: command(entry) for entry in entries}
        self._environment = dict(os.environ if environment is None else environment)
        self._environment["PYTHONUNBUFFERED"] = "1"
        self._on_line = on_line
        self._line_lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._readers: list[threading.Thread] = []
        self._exits: queue.SimpleQueue[NodeExit] = queue.SimpleQueue()

    def __enter__(self) -> "ProcessGraph":
        """Start every node.

        Raises:
            OSError: If a process cannot be started; those that were are stopped again.
        """
        try:
            for executable, command in self._commands.items():
                self._start(executable, command)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every node."""
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by executable."""
        return {name: process.pid for name, process in self._processes.items()}

    def wait_for_exit(self, timeout_s: float | None = None) -> NodeExit | None:
        """Wait until a node ends.

        Args:
            timeout_s: How long to wait in [s]; None for ever.

        Returns:
            The next end that was not reported yet, or None after the timeout.
        """
        try:
            return self._exits.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Stop every node and wait for it; a second Ctrl-C kills them at once."""
        try:
            self._send(signal.SIGINT)
            self._wait(INTERRUPT_GRACE_S)
            self._send(signal.SIGTERM)
            self._wait(TERMINATE_GRACE_S)
        finally:
            self._send(signal.SIGKILL)
            for reader in self._readers:
                reader.join()

    def _start(self, executable: str, command: list[str]) -> None:
        process = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # A terminal sends Ctrl-C to its whole group; the nodes must get it once, from stop().
            start_new_session=True,
        )
        self._processes[executable] = process
        reader = threading.Thread(target=self._read, args=(executable, process), daemon=True)
        self._readers.append(reader)
        reader.start()

    def _read(self, executable: str, process: "subprocess.Popen[str]") -> None:
        """Pass a node's lines on until it ends, then report the end."""
        assert process.stdout is not None  # opened as a pipe
        try:
            with process.stdout:
                for line in process.stdout:
                    self._pass_on(executable, line.rstrip("\n"))
        finally:
            self._exits.put(NodeExit(executable, process.wait()))

    def _pass_on(self, executable: str, line: str) -> None:
        if self._on_line is not None:
            with self._line_lock:
                self._on_line(executable, line)

    def _send(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(number)

    def _wait(self, limit_s: float) -> None:
        """Wait until all have ended or the limit [s] is over."""
        deadline = time.monotonic() + limit_s
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
