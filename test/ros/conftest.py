"""Real nodes in real processes, each test on a domain of its own."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from so101_ros.nodes.middleware import prepare_environment

if TYPE_CHECKING:
    from harness import NodeProcess, Probe

HAS_ROS = importlib.util.find_spec("rclpy") is not None

# Skipping this file would end pytest, and the tests beside it import rclpy at their top.
collect_ignore_glob = [] if HAS_ROS else ["test_*.py"]

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = range(1, 101)


def pytest_report_header() -> str | None:
    """Say why there are no tests here."""
    if HAS_ROS:
        return None
    return "test/ros: left out, rclpy is missing (pip install '.[ros]', or source ROS 2)"


@pytest.fixture(scope="session", autouse=True)
def _middleware() -> None:
    """Give this process the same transport as the nodes."""
    prepare_environment()


@pytest.fixture
def domain_id() -> Iterator[int]:
    """A ROS domain that no other test on this machine uses now."""
    for candidate in (*DOMAINS[os.getpid() % len(DOMAINS) :], *DOMAINS):
        lock = (Path(tempfile.gettempdir()) / f"so101_ros_domain_{candidate}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        with lock:
            yield candidate
        return
    pytest.fail(f"all ROS domains in {DOMAINS} are in use by other tests")


@pytest.fixture
def own_domain(domain_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put this process, and the nodes that it starts, into the test's domain."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path))
    paths = (str(ROOT), str(ROOT / "test"), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.syspath_prepend(ROOT / "test")


@pytest.fixture
def start_node(domain_id: int, tmp_path: Path) -> Iterator[Callable[..., NodeProcess]]:
    """Start ``so101_ros.nodes.<executable>``; every process is gone when the test ends."""
    from harness import NodeProcess

    processes: list[NodeProcess] = []

    def start(
        executable: str,
        parameters: Mapping[str, Any] | None = None,
        remappings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> NodeProcess:
        command = [sys.executable, "-m", f"so101_ros.nodes.{executable}", "--ros-args"]
        for name, value in (parameters or {}).items():
            command += ["-p", f"{name}:={json.dumps(value)}"]
        for old, new in (remappings or {}).items():
            command += ["-r", f"{old}:={new}"]
        full_environment = {
            **os.environ,
            "ROS_DOMAIN_ID": str(domain_id),
            "ROS_LOG_DIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        log = tmp_path / f"{len(processes)}_{executable}.log"
        processes.append(NodeProcess(command, full_environment, log))
        return processes[-1]

    yield start
    for process in processes:
        process.stop()


@pytest.fixture
def probe(domain_id: int) -> Iterator[Probe]:
    """A node of the test's own, in the same domain as the processes."""
    from harness import Probe

    node = Probe(domain_id)
    yield node
    node.close()


@pytest.fixture
def make_probe(domain_id: int) -> Iterator[Callable[[str], Probe]]:
    """Further nodes of the test's own, by name."""
    from harness import Probe

    probes: list[Probe] = []

    def make(name: str) -> Probe:
        probes.append(Probe(domain_id, name))
        return probes[-1]

    yield make
    for node in probes:
        node.close()
