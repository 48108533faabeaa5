"""Start the simulated end alone: the arm, its cameras, and ROS's own tools to look at them.

ros2 launch so101_ros sim.launch.py [rviz:=false] [cameras:=off] [seed:=7]
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, Shutdown
from launch_ros.actions import Node

from so101_ros.bringup.arguments import arguments_of, from_texts
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.display import Display, build_display
from so101_ros.graph import SIM_ARGUMENTS, build_sim
from so101_ros.nodes.middleware import prepare_environment


def start(context: LaunchContext) -> list[Node]:
    """Turn the launch arguments into nodes."""
    prepare_environment(context.environment)
    bring_up = from_texts(BringUp, context.launch_configurations)
    display = from_texts(Display, context.launch_configurations)
    entries = build_sim(bring_up) + build_display(bring_up, display)
    return [
        Node(**entry.to_launch(), on_exit=Shutdown(reason=f"{entry.executable} ended"))
        for entry in entries
    ]


def generate_launch_description() -> LaunchDescription:
    settings = [entry for entry in arguments_of(BringUp) if entry.name in SIM_ARGUMENTS]
    arguments = [
        DeclareLaunchArgument(**entry.to_launch()) for entry in (*settings, *arguments_of(Display))
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=start)])
