"""Start the whole graph: an SO-101 arm returns a sheet of paper into its frame.

ros2 launch so101_ros paper_return.launch.py [seed:=7] [rviz:=false] [lock_step:=true]
"""

from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    IncludeLaunchDescription,
    OpaqueFunction,
    Shutdown,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node

from so101_ros.bringup.arguments import arguments_of, from_texts
from so101_ros.bringup.bring_up import BringUp
from so101_ros.graph import build_control

SIM = Path(__file__).with_name("sim.launch.py")


def start(context: LaunchContext) -> list[Node]:
    """Turn the launch arguments into the nodes between the sensors and the arm."""
    bring_up = from_texts(BringUp, context.launch_configurations)
    return [
        Node(**entry.to_launch(), on_exit=Shutdown(reason=f"{entry.executable} ended"))
        for entry in build_control(bring_up)
    ]


def generate_launch_description() -> LaunchDescription:
    arguments = [DeclareLaunchArgument(**entry.to_launch()) for entry in arguments_of(BringUp)]
    sim = IncludeLaunchDescription(PythonLaunchDescriptionSource(str(SIM)))
    return LaunchDescription([*arguments, sim, OpaqueFunction(function=start)])
