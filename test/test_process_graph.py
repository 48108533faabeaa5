import ast
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.executables import PACKAGE
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.process_graph import _RUN_MODULE, NodeExit, ProcessGraph, node_command
from so101_ros.errors import ConfigError
from so101_ros.graph import build_graph

_LIMIT_S = 20.0

_POLITE = "import signal, time; print('up', flush=True); signal.pause()"
_STUBBORN = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\n"
    "while True: signal.pause()"
)


class _Lines(list[tuple[str, str]]):
    """Lines that have come, and a way to wait for one."""

    def take(self, executable: str, line: str) -> None:
        self.append((executable, line))

    def wait_for(self, executable: str, line: str) -> None:
        _wait_until(lambda: (executable, line) in self)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _graph(programs: dict[str, str], lines: _Lines) -> ProcessGraph:
    return ProcessGraph(
        [NodeEntry(PACKAGE, name) for name in programs],
        on_line=lines.take,
        command=lambda entry: [sys.executable, "-c", programs[entry.executable]],
    )


def _exists(pid: int) -> bool:
    """Whether a process runs; one that ended and was not collected yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_lines_come_with_the_name_of_their_node() -> None:
    """Standard output and standard error both arrive, by node."""
    lines = _Lines()
    talk = "import sys; print('out'); print('err', file=sys.stderr); sys.stdin.read(); "
    with _graph({"a": talk + _POLITE, "b": _POLITE}, lines):
        lines.wait_for("a", "out")
        lines.wait_for("a", "err")
        lines.wait_for("b", "up")


def test_leaving_the_block_stops_every_node() -> None:
    """No process is left, whatever ended the block."""
    lines = _Lines()
    with pytest.raises(KeyError, match="stop here"):
        with _graph({"a": _POLITE, "b": _POLITE}, lines) as graph:
            lines.wait_for("a", "up")
            pids = graph.pids.values()
            assert all(map(_exists, pids))
            raise KeyError("stop here")
    assert not any(map(_exists, pids))


def test_a_node_that_ignores_signals_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL follows when SIGINT and SIGTERM were not enough."""
    monkeypatch.setattr("so101_ros.bringup.process_graph.INTERRUPT_GRACE_S", 0.1)
    monkeypatch.setattr("so101_ros.bringup.process_graph.TERMINATE_GRACE_S", 0.1)
    lines = _Lines()
    with _graph({"a": _STUBBORN}, lines) as graph:
        lines.wait_for("a", "up")
        pid = graph.pids["a"]
    assert not _exists(pid)
    assert graph.wait_for_exit(_LIMIT_S) == NodeExit("a", -signal.SIGKILL)


def test_the_first_end_is_reported_with_its_code() -> None:
    """A node that ends names itself; the others go on until the block is left."""
    lines = _Lines()
    with _graph({"a": _POLITE, "b": "raise SystemExit(2)"}, lines) as graph:
        ended = graph.wait_for_exit(_LIMIT_S)
        assert ended == NodeExit("b", 2)
        lines.wait_for("a", "up")
        assert _exists(graph.pids["a"])


def test_nothing_is_reported_while_all_run() -> None:
    """The wait ends without a result after its timeout."""
    lines = _Lines()
    with _graph({"a": _POLITE}, lines) as graph:
        lines.wait_for("a", "up")
        assert graph.wait_for_exit(0.05) is None


def test_an_end_reads_like_one() -> None:
    """The reason has the node and its exit code, or the signal's name."""
    assert NodeExit("a", 2).reason == "a ended with exit code 2"
    assert NodeExit("a", -signal.SIGSEGV).reason == "a was ended by SIGSEGV"


def test_a_program_that_cannot_start_stops_those_that_did() -> None:
    """All or none."""
    lines = _Lines()
    graph = ProcessGraph(
        [NodeEntry(PACKAGE, "a"), NodeEntry(PACKAGE, "b")],
        on_line=lines.take,
        command=lambda entry: (
            ["/no/such/program"] if entry.executable == "b" else [sys.executable, "-c", _POLITE]
        ),
    )
    with pytest.raises(FileNotFoundError), graph:
        pytest.fail("the block must not begin")
    assert list(graph.pids) == ["a"]
    assert not _exists(graph.pids["a"])


def test_every_node_of_the_graph_has_a_command() -> None:
    """Each runs its own module with this interpreter, tied to this process."""
    for entry in build_graph(BringUp()):
        command = node_command(entry)
        assert command[0] == sys.executable
        assert command[4:6] == [str(os.getpid()), f"so101_ros.nodes.{entry.executable}"]


def test_a_node_of_another_package_is_refused() -> None:
    """Where `rviz2` lies is known to ROS's launch tools only."""
    with pytest.raises(ConfigError, match="rviz2/rviz2 is not part of so101_ros; only ros2 launch"):
        node_command(NodeEntry("rviz2", "rviz2"))


def test_nodes_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Even SIGKILL, which no program can catch, leaves no node behind."""
    (tmp_path / "sleeper.py").write_text(
        "import os, signal; print(os.getpid(), flush=True); signal.pause()"
    )
    parent_code = textwrap.dedent(
        """
        import os, signal, sys
        from so101_ros.bringup.process_graph import ProcessGraph
        from so101_ros.bringup.node_entry import NodeEntry
        from so101_ros.bringup.executables import PACKAGE

        def command(entry):
            leash = [sys.executable, "-m", "so101_ros.bringup.leash", str(os.getpid())]
            return [*leash, "sleeper"]

        def show(executable, line):
            print(line, flush=True)

        with ProcessGraph([NodeEntry(PACKAGE, "a")], on_line=show, command=command) as graph:
            graph.wait_for_exit()
        """
    )
    path = os.pathsep.join([str(tmp_path), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        assert _exists(pid)
        parent.kill()
        parent.wait()
        _wait_until(lambda: not _exists(pid))


def test_a_leashed_program_ends_without_a_traceback(tmp_path: Path) -> None:
    """Ctrl-C before the program has a handler of its own is no error to be shown."""
    (tmp_path / "slow_import.py").write_text("print('up', flush=True); import time; time.sleep(60)")
    command = [sys.executable, "-m", "so101_ros.bringup.leash", str(os.getpid()), "slow_import"]
    path = os.pathsep.join([str(tmp_path), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    lines = _Lines()
    graph = ProcessGraph(
        [NodeEntry(PACKAGE, "a")],
        environment={**os.environ, "PYTHONPATH": path},
        on_line=lines.take,
        command=lambda entry: command,
    )
    with graph:
        lines.wait_for("a", "up")
    assert lines == [("a", "up")]
    assert graph.wait_for_exit(_LIMIT_S) == NodeExit("a", -signal.SIGINT)


def test_a_node_that_is_still_importing_ends_without_a_traceback(tmp_path: Path) -> None:
    """Ctrl-C right after the start: the first heavy import of the package is under way."""
    (tmp_path / "mujoco.py").write_text("print('up', flush=True); import time; time.sleep(60)")
    path = os.pathsep.join([str(tmp_path), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    lines = _Lines()
    graph = ProcessGraph(
        [NodeEntry(PACKAGE, "mujoco_sim")],
        environment={**os.environ, "PYTHONPATH": path},
        on_line=lines.take,
    )
    with graph:
        lines.wait_for("mujoco_sim", "up")
    assert lines == [("mujoco_sim", "up")]
    assert graph.wait_for_exit(_LIMIT_S) == NodeExit("mujoco_sim", -signal.SIGINT)


def test_the_leash_refuses_a_parent_that_is_gone() -> None:
    """A parent that ended before the kernel knew of the wish is not waited for."""
    command = [sys.executable, "-m", "so101_ros.bringup.leash", "1", "this"]
    ended = subprocess.run(command, capture_output=True, timeout=_LIMIT_S, check=False)
    assert ended.returncode == 1
    assert b"Zen" not in ended.stdout


def test_nodes_import_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above a clone, the folder with the package's name must not be taken for the package."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "show_path.py").write_text("import sys; print(sys.path)")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    result = subprocess.run(
        [sys.executable, "-c", _RUN_MODULE, "show_path"],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=True,
    )
    path = ast.literal_eval(result.stdout)
    assert str(tmp_path / "library") in path
    assert "" not in path and str(tmp_path / "elsewhere") not in path
