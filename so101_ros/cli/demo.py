"""``so101 demo``: run seeded episodes through the whole graph and leave a record of them."""

import argparse

from so101_ros.cli.console import make_console
from so101_ros.cli.demo_options import DESCRIPTION, EPILOG, add_demo_options, read_demo_options
from so101_ros.cli.up import require_ros


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "demo",
        help="run seeded episodes and leave a video, a plot, a bag and a summary",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_demo_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the demo.

    Args:
        args: The parsed command line.

    Returns:
        0 if all episodes ran, 1 if the graph failed (2 if a node refused its input), 130 after
        Ctrl-C.

    Raises:
        ConfigError: If a setting is not allowed or ROS is missing.
    """
    options = read_demo_options(args)
    require_ros()
    from so101_ros.cli.demo_run import DemoRun

    return DemoRun(options, make_console()).run()
