"""``so101 scenes``: the scenes that episodes are drawn from."""

import argparse

from so101_ros.cli import scenes_check, scenes_fields, scenes_list, scenes_preview, scenes_show

_COMMANDS = (scenes_list, scenes_show, scenes_fields, scenes_check, scenes_preview)

_DESCRIPTION = """\
Look at the scenes that episodes are drawn from, and check one of your own. A scene is a YAML file
of values and distributions; docs/scenes.md has every entry.
"""

_EPILOG = """\
examples:
  so101 scenes list
  so101 scenes show physics                       every range
  so101 scenes show hard --seed 7 > seven.yaml    what seed 7 draws, as a scene of its own
  so101 scenes fields                             every entry that a scene can have
  so101 scenes check my_scene.yaml
  so101 scenes preview visual --seeds 12 --out visual.png

exit codes: 0 done, 2 an input was refused (one line says which, with file and line), 130 stopped by
Ctrl-C
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command and those below it.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "scenes",
        help="list, show, check and preview the scenes that episodes are drawn from",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = parser.add_subparsers(dest="scenes_command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add_parser(below)


def run(args: argparse.Namespace) -> int:
    """Run the sub-command of the sub-command.

    Args:
        args: The parsed command line.

    Returns:
        Its exit code.

    Raises:
        So101Error: If an input is refused.
    """
    return args.run_scenes(args)
