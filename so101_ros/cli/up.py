"""``so101 up``: start the graph without ROS's launch tools."""

import argparse
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence

from so101_ros.bringup.arguments import arguments_of
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.process_graph import NodeExit, ProcessGraph
from so101_ros.cli.log_lines import LogLines
from so101_ros.cli.options import add_options, option_values
from so101_ros.errors import ConfigError
from so101_ros.graph import build_graph
from so101_ros.nodes.middleware import prepare_environment

EXIT_NODE_FAILED = 1

_DESCRIPTION = """\
Start every node of the paper-return graph as a process of its own and show what they log. Ctrl-C
stops them all; if one ends by itself, the others are stopped and its exit code is reported.
The options are the arguments of `ros2 launch so101_ros paper_return.launch.py`.
"""

_EPILOG = """\
examples:
  so101 up --seed 7                              another start of the sheet
  so101 up --real-time-factor 0 --lock-step      as fast as possible, and reproducible
  so101 up --cameras off                         physics and control only
  so101 up --perception camera                   the sheet's pose from the top camera's images
  so101 up --policy random                       another policy
  so101 up --mode cartesian                      follow target_pose and gripper_target
  so101 up --camera-width 640 --camera-height 480
  so101 up --namespace left --params-file my_parameters.yaml
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "up",
        help="start the graph in simulation",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser, arguments_of(BringUp))


def run(args: argparse.Namespace) -> int:
    """Run the graph until Ctrl-C or until a node ends.

    Args:
        args: The parsed command line.

    Returns:
        0 after Ctrl-C; 2 if a node refused its input, 1 if one ended for any other reason.

    Raises:
        ConfigError: If a setting is not allowed or ROS is missing.
    """
    bring_up = BringUp(**option_values(args, arguments_of(BringUp)))
    require_ros()
    prepare_environment()
    entries = build_graph(bring_up)
    lines = LogLines(sys.stdout, [entry.executable for entry in entries], _stop_unread)
    try:
        lines.say(_opening(bring_up, entries))
        with ProcessGraph(entries, on_line=lines.write) as graph:
            ended = graph.wait_for_exit()
    except KeyboardInterrupt:
        return 0
    assert ended is not None  # there was no timeout
    sys.stderr.write(f"so101 up: {ended.reason}; the other nodes were stopped\n")
    return exit_code_of(ended)


def _opening(bring_up: BringUp, entries: Sequence[NodeEntry]) -> str:
    """What a user sees first."""
    names = ", ".join(entry.executable for entry in entries)
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    next_step = (
        "publish target_pose or gripper_target"
        if bring_up.mode == "cartesian"
        else "call sim/reset for another episode"
    )
    return f"starting {names} on ROS domain {domain}; {next_step}; Ctrl-C stops them"


def _stop_unread(reason: OSError) -> None:
    """Stop like Ctrl-C does when nobody can read what the nodes say."""
    sys.stderr.write(f"so101 up: standard output was lost ({reason}); the nodes are stopped\n")
    # Not raised here, in a reader's thread: the main thread waits for the nodes.
    os.kill(os.getpid(), signal.SIGINT)


def require_ros() -> None:
    """Refuse to start nodes without ROS 2's client library.

    Raises:
        ConfigError: If ``rclpy`` is not installed.
    """
    if importlib.util.find_spec("rclpy") is None:
        raise ConfigError(
            "ROS 2's client library (rclpy) was not found. Source a ROS 2 installation, "
            "or run this in the package's source folder: pip install '.[ros]'"
        )


def exit_code_of(ended: NodeExit) -> int:
    """Exit code of a command whose node has ended: 2 if the node refused its input, else 1."""
    return 2 if ended.code == 2 else EXIT_NODE_FAILED
