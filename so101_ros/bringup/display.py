"""ROS's own nodes that show the graph; only ROS's launch tools can start them."""

from dataclasses import dataclass, replace

from so101_ros.assets import find_share_file
from so101_ros.bringup.arguments import argument
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.node_entry import NodeEntry

_SIM_TIME = {"use_sim_time": True}


@dataclass(frozen=True, slots=True)
class Display:
    """What is shown of the graph."""

    rviz: bool = argument(True, "Open rviz2 on the arm, the images and the task")
    headless: bool = argument(False, "Open no window at all, whatever rviz says")
    robot_state_publisher: bool = argument(True, "Publish TF and the robot description")


def build_display(bring_up: BringUp, display: Display) -> tuple[NodeEntry, ...]:
    """List ROS's own nodes that show the graph.

    Args:
        bring_up: The settings of the graph.
        display: What to show.

    Returns:
        ``robot_state_publisher`` and ``rviz2``, each if wanted.

    Raises:
        AssetError: If the robot description or the rviz configuration is not installed.
    """
    # TF has absolute names by convention; relative ones let a namespace move it along.
    local_tf = {"/tf": "tf", "/tf_static": "tf_static"}
    entries = []
    if display.robot_state_publisher:
        urdf = find_share_file("assets/so101.urdf").read_text(encoding="utf-8")
        entries.append(
            NodeEntry(
                "robot_state_publisher",
                "robot_state_publisher",
                parameters={**_SIM_TIME, "robot_description": urdf},
                remappings=local_tf,
            )
        )
    if display.rviz and not display.headless:
        config = find_share_file("config/paper_return.rviz")
        entries.append(
            NodeEntry(
                "rviz2",
                "rviz2",
                parameters=_SIM_TIME,
                remappings={**local_tf, **bring_up.judged_remapping},
                arguments=("-d", str(config)),
            )
        )
    return tuple(replace(entry, namespace=bring_up.namespace.strip("/")) for entry in entries)
