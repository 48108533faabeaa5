"""``so101 up`` with the real nodes: the graph comes up, and it always goes away again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from harness import NodeProcess, Probe, children
from sensor_msgs.msg import Image, JointState
from trajectory_msgs.msg import JointTrajectory

from so101_ros.bringup.bring_up import BringUp
from so101_ros.graph import build_graph
from so101_ros.nodes import qos

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0  # [s], a busy machine needs a while to start five Python processes

NODES = tuple(entry.executable for entry in build_graph(BringUp()))

Up = Callable[..., NodeProcess]


@pytest.fixture
def up(domain_id: int, tmp_path: Path) -> Iterator[Up]:
    """Start ``so101 up`` with some words after it; it is gone when the test ends."""
    processes: list[NodeProcess] = []

    def start(*words: str) -> NodeProcess:
        environment = {
            **os.environ,
            "ROS_DOMAIN_ID": str(domain_id),
            "ROS_LOG_DIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "-m", "so101_ros.cli", "up", *words]
        processes.append(NodeProcess(command, environment, tmp_path / "up.log"))
        return processes[-1]

    yield start
    for process in processes:
        process.stop()


def _nodes(probe: Probe) -> set[str]:
    """Fully qualified names of the nodes that the probe sees, without itself."""
    pairs = probe.node.get_node_names_and_namespaces()
    return {f"{space.rstrip('/')}/{name}" for name, space in pairs} - {"/probe"}


def test_the_whole_graph_moves_the_arm_and_ctrl_c_ends_it(up: Up, probe: Probe) -> None:
    """Joint states, images, commands and status flow; afterwards no process is left."""
    streams = [
        probe.collect(JointState, "joint_states", qos.JOINT_STATE),
        probe.collect(JointTrajectory, "joint_trajectory", qos.COMMAND),
        probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE),
        probe.collect(Image, "camera/wrist/image_raw", qos.SENSOR_IMAGE),
        probe.collect(DiagnosticStatus, "task/status", qos.STATUS),
    ]
    process = up("--seed", "3")
    probe.spin_until(lambda: all(streams), PATIENCE_S)
    first = streams[0][0].position
    probe.spin_until(
        lambda: max(abs(a - b) for a, b in zip(first, streams[0][-1].position, strict=True)) > 0.1,
        PATIENCE_S,
    )
    assert set(children(process.pid)) == set(NODES)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    assert children(process.pid) == {}
    assert "Traceback" not in process.output


def test_the_terminal_tells_how_an_episode_goes(up: Up, probe: Probe) -> None:
    """Without ROS's tools a user sees what was started, that it runs, and what came of it."""
    process = up("--cameras", "off", "--seed", "3")
    probe.spin_until(lambda: "from the goal" in process.output, PATIENCE_S)
    opening, *log = process.output.splitlines()
    assert opening.startswith("starting mujoco_sim, ik_controller, residual_blender, task_monitor")
    assert any("episode 1 begins" in line for line in log)
    assert any("episode 1: success after " in line for line in log)


def test_a_namespace_moves_every_node_and_topic(up: Up, probe: Probe) -> None:
    """Nothing but /clock, which is absolute by convention, stays outside."""
    states = probe.collect(JointState, "cell/joint_states", qos.JOINT_STATE)
    up("--namespace", "cell", "--cameras", "off")
    probe.spin_until(lambda: states, PATIENCE_S)
    expected = {f"/cell/{name}" for name in NODES if name != "sim_cameras"}
    probe.spin_until(lambda: _nodes(probe) == expected, PATIENCE_S)
    own = {"/cell/joint_states", "/clock", "/parameter_events", "/rosout"}
    topics = {name for name, _ in probe.node.get_topic_names_and_types()}
    assert own <= topics
    assert {name for name in topics if not name.startswith("/cell/")} <= own


def test_the_death_of_one_node_stops_the_rest_and_is_named(up: Up, probe: Probe) -> None:
    """A graph with a hole in it is worse than none."""
    states = probe.collect(JointState, "joint_states", qos.JOINT_STATE)
    process = up("--cameras", "off")
    probe.spin_until(lambda: states, PATIENCE_S)
    os.kill(children(process.pid)["residual_blender"], signal.SIGKILL)
    assert process.wait() == 1
    assert process.output.splitlines()[-1] == (
        "so101 up: residual_blender was ended by SIGKILL; the other nodes were stopped"
    )
    assert children(process.pid) == {}


def test_a_node_that_refuses_its_input_ends_the_command_with_two(up: Up, tmp_path: Path) -> None:
    """The node's own line is shown, and its exit code becomes the command's."""
    file = tmp_path / "parameters.yaml"
    file.write_text("residual_blender:\n  ros__parameters: {rate_hz: -1}\n")
    process = up("--cameras", "off", "--params-file", str(file))
    assert process.wait(PATIENCE_S) == 2
    assert "residual_blender | error: parameter rate_hz=-1 is not allowed" in process.output
    assert "residual_blender ended with exit code 2" in process.output


def test_nodes_die_with_a_command_that_is_killed(up: Up, probe: Probe) -> None:
    """SIGKILL of the command leaves no arm moving."""
    states = probe.collect(JointState, "joint_states", qos.JOINT_STATE)
    process = up("--cameras", "off")
    probe.spin_until(lambda: states, PATIENCE_S)
    assert children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    probe.spin_until(lambda: not children(process.pid))


def test_a_graph_that_nobody_reads_ends(domain_id: int, tmp_path: Path) -> None:
    """``so101 up | head``: the first line after the reader has left stops every node."""
    environment = {
        **os.environ,
        "ROS_DOMAIN_ID": str(domain_id),
        "ROS_LOG_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "so101_ros.cli", "up", "--cameras", "off"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.wait(PATIENCE_S)
        error = process.stderr.read()
    finally:
        process.terminate()
    assert process.returncode == 0
    assert error.startswith("so101 up: standard output was lost") and error.count("\n") == 1
    assert not children(process.pid)
