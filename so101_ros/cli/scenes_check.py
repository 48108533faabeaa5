"""``so101 scenes check``: whether a file describes a scene that can be played."""

import argparse
import sys

from so101_ros.errors import ModelError

_DESCRIPTION = """\
Read a scene as every other command does, and compile it: unknown entries, impossible ranges, starts
from which the task cannot be solved and broken robot models are refused, with file and line.
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "check",
        help="read a scene and say what is wrong with it, with the line",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scene", metavar="FILE", help="a YAML file, or a name of so101 scenes list")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Check it.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If it is refused.
    """
    from so101_ros.randomization.load import load_tier
    from so101_ros.randomization.scene_text import describe_draws
    from so101_ros.simulation.scene import build_model

    tier = load_tier(args.scene)
    try:
        build_model(tier.nominal)
    except ModelError as err:
        raise ModelError(f"{args.scene}: {err}") from err
    entries = "1 entry" if len(tier.draws) == 1 else f"{len(tier.draws)} entries"
    drawn = f"draws {entries}: {describe_draws(tier)}" if tier.draws else "is fixed"
    sys.stdout.write(f"{args.scene}: a scene that {drawn}\n")
    return 0
