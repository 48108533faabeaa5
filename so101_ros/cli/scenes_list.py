"""``so101 scenes list``: which scenes there are."""

import argparse

from so101_ros.cli.console import make_console


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "list",
        help="name every scene that comes with the package, and what it varies",
        description="Name every scene that comes with the package, and what it varies.",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """List them.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If one of them is missing or broken.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from so101_ros.randomization.load import load_tier, tier_names
    from so101_ros.randomization.scene_text import describe_draws

    del args  # Unused: there is nothing to choose.
    table = Table(box=SIMPLE_HEAD)
    for name in ("scene", "what it is", "entries that are drawn, by part"):
        table.add_column(name, overflow="fold")
    for name in tier_names():
        tier = load_tier(name)
        table.add_row(name, tier.description, describe_draws(tier))
    make_console().print(table)
    return 0
