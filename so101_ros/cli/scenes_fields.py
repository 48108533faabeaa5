"""``so101 scenes fields``: what a scene can have."""

import argparse
import sys

_HELP = "write every entry that a scene can have, with its nominal value"


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "fields", help=_HELP, description=f"{_HELP.capitalize()}, as Markdown."
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Write them.

    Args:
        args: The parsed command line.

    Returns:
        0.
    """
    from so101_ros.randomization.field_table import field_tables

    del args  # Unused: there is nothing to choose.
    sys.stdout.write(field_tables())
    return 0
