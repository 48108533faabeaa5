"""The launch files through the real launch, wherever it is installed."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from harness import NodeProcess, Probe
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from so101_ros.assets import find_share_file
from so101_ros.nodes import qos

pytest.importorskip("launch_ros")

PATIENCE_S = 60.0  # [s], a busy machine needs a while to start five Python processes

_RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
arguments = [word.split(":=") for word in sys.argv[2:]]
source = PythonLaunchDescriptionSource(sys.argv[1])
include = IncludeLaunchDescription(source, launch_arguments=arguments)
service = LaunchService(noninteractive=True)
service.include_launch_description(LaunchDescription([include]))
sys.exit(service.run())
"""


@pytest.fixture
def launched(domain_id: int, tmp_path: Path) -> Iterator[NodeProcess]:
    """The whole graph, started from its launch file, without ROS's own display nodes."""
    environment = {**os.environ, "ROS_DOMAIN_ID": str(domain_id), "ROS_LOG_DIR": str(tmp_path)}
    file = find_share_file("launch/paper_return.launch.py")
    arguments = ["rviz:=false", "robot_state_publisher:=false", "cameras:=off"]
    command = [sys.executable, "-c", _RUN, str(file), *arguments]
    process = NodeProcess(command, environment, tmp_path / "launch.log")
    yield process
    process.stop()


def test_the_launch_file_brings_up_a_graph_that_moves(launched: NodeProcess, probe: Probe) -> None:
    """Joint states and commands flow, and Ctrl-C ends it without an error."""
    states = probe.collect(JointState, "joint_states", qos.JOINT_STATE)
    commands = probe.collect(JointTrajectory, "joint_trajectory", qos.COMMAND)
    # The last to start is the policy; a Ctrl-C while a node starts ends it at once.
    actions = probe.collect(JointTrajectory, "policy/ik/action", qos.POLICY_ACTION)
    status = probe.collect(DiagnosticStatus, "task/status", qos.STATUS)
    probe.spin_until(lambda: states and commands and actions and status, PATIENCE_S)
    assert launched.stop() == 0
    assert "process has died" not in launched.output
