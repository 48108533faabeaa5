"""The whole graph with GR00T as its base, answered by the mock: the loop never waits for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from harness import NodeProcess, Probe
from sensor_msgs.msg import JointState as JointStateMsg
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import ArmSpec
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import ProcessGraph
from so101_ros.graph import build_graph
from so101_ros.nodes import convert, qos
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import build_arm_spec

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
WATCHED_S = 5.0  # of simulated time
COMMANDS_HZ = 60
SPEED = ArmSpec.from_model(build_arm_spec(SceneConfig()).compile()).max_speed

pytestmark = [pytest.mark.usefixtures("own_domain"), pytest.mark.timeout(240)]

Mock = Callable[..., str]


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[Mock]:
    """Start ``so101 groot mock`` with some words after it; its address comes back."""
    processes: list[NodeProcess] = []

    def start(*words: str) -> str:
        command = [sys.executable, "-m", "so101_ros.cli", "groot", "mock", "--port", "0", *words]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        process = NodeProcess(command, environment, tmp_path / "mock.log")
        processes.append(process)
        while "ready on " not in process.output:
            assert process.is_running, process.output
        return process.output.split("ready on ")[1].split()[0]

    yield start
    for process in processes:
        process.stop()


class Watch:
    """What the blender makes of the model's answers."""

    def __init__(self, probe: Probe) -> None:
        """Listen to a graph."""
        self.probe = probe
        self.joints = probe.collect(JointStateMsg, "joint_states", qos.JOINT_STATE)
        self.commands = probe.collect(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
        self.actions = probe.collect(JointTrajectoryMsg, "policy/groot/action", qos.POLICY_ACTION)
        self.sums = probe.collect(JointStateMsg, "blender/breakdown/sum", qos.STATUS)
        self.status = probe.collect(DiagnosticStatus, "task/status", qos.STATUS)

    def follow(self, actions: int) -> tuple[int, int]:
        """Wait for answers, then watch for some seconds; returns both ends in [ns]."""
        self.probe.spin_until(lambda: len(self.actions) >= actions, PATIENCE_S)
        start_ns = self.now_ns
        end_ns = start_ns + round(WATCHED_S * NANOSECONDS)
        self.probe.spin_until(lambda: self.now_ns >= end_ns, PATIENCE_S)
        return start_ns, end_ns

    @property
    def now_ns(self) -> int:
        """Stamp of the last joint state."""
        return _stamps(self.joints)[-1]

    def succeeded(self) -> bool:
        """Whether the task monitor has seen the sheet returned."""
        return any(
            value.key == "success" and value.value.lower() == "true"
            for status in self.status
            for value in status.values
        )


def _stamps(messages: list) -> list[int]:
    return [convert.stamp_to_ns(message.header.stamp) for message in messages]


def _expected_commands(start_ns: int, end_ns: int) -> set[int]:
    """Stamps of the control ticks at which a command is due."""
    rates = Rates()
    every = rates.control_hz // COMMANDS_HZ
    first, last = (stamp_ns * rates.control_hz // NANOSECONDS for stamp_ns in (start_ns, end_ns))
    ticks = range(first + 1, last)
    return {rates.stamp_of_control_tick(tick) for tick in ticks if tick % every == 0}


@pytest.mark.parametrize(
    ("delay_ms", "timing"), [(192, "aligned"), (800, "aligned"), (800, "stop_and_go")]
)
def test_commands_come_at_their_full_rate_however_slow_the_model_is(
    mock: Mock, make_probe: Callable[[str], Probe], delay_ms: int, timing: str
) -> None:
    """Nothing waits, and no answer pulls the arm faster than the guard would let it go."""
    bring_up = BringUp(
        policy="groot", groot_provider=mock("--delay-ms", str(delay_ms)), groot_timing=timing
    )
    watch = Watch(make_probe("watch"))
    # Aligned, nothing is left of an answer that takes longer than it reaches.
    answers = 0 if (delay_ms, timing) == (800, "aligned") else 2
    with ProcessGraph(build_graph(bring_up)):
        watch.probe.spin_until(lambda: watch.commands, PATIENCE_S)
        start_ns, end_ns = watch.follow(answers)
    expected = _expected_commands(start_ns, end_ns)
    share = len(expected.intersection(_stamps(watch.commands))) / len(expected)
    steps = _steps_of_sum(watch, start_ns)
    print(f"{delay_ms} ms, {timing}: {share:.1%} of commands, largest step {steps.max():.4f} rad")
    assert share >= 0.99
    assert (steps <= SPEED / Rates().policy_hz).all()
    assert bool(watch.actions) == bool(answers)


def _steps_of_sum(watch: Watch, start_ns: int) -> np.ndarray:
    """Largest step per joint of what was wanted before the guard, from tick to tick. Shape (6,)."""
    rows = [
        list(message.position)
        for message in watch.sums
        if convert.stamp_to_ns(message.header.stamp) > start_ns
    ]
    return np.abs(np.diff(rows, axis=0)).max(axis=0) if len(rows) > 1 else np.zeros(6)


@pytest.mark.parametrize("policy", ["groot", "hybrid"])
def test_the_mock_returns_the_sheet_through_the_graph(
    mock: Mock, make_probe: Callable[[str], Probe], policy: str
) -> None:
    """From images and joint states alone, with answers that are 192 ms late."""
    bring_up = BringUp(policy=policy, groot_provider=mock("--delay-ms", "192"), seed=4)
    watch = Watch(make_probe("watch"))
    with ProcessGraph(build_graph(bring_up)):
        watch.probe.spin_until(lambda: len(watch.actions) >= 2, PATIENCE_S)
        # The first episode began before the model was there.
        assert watch.probe.call(Trigger, "sim/reset", Trigger.Request()).success
        watch.status.clear()
        watch.probe.spin_until(watch.succeeded, PATIENCE_S)
