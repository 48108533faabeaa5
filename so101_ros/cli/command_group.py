"""A sub-command of ``so101`` that has sub-commands of its own, such as ``so101 camera``."""

import argparse
import os
from dataclasses import dataclass
from typing import Protocol


class GroupedCommand(Protocol):
    """One sub-command of a group: a module of :mod:`so101_ros.cli`.

    Its parser says with ``set_defaults(run_command=...)`` what runs it.
    """

    def add_parser(self, subparsers: "argparse._SubParsersAction") -> None:
        """Describe the command.

        Args:
            subparsers: Gets the parser.
        """
        ...


@dataclass(frozen=True)
class CommandGroup:
    """Sub-commands under one name.

    The group's module passes on the two methods as what every sub-command has::

        _GROUP = CommandGroup(name="camera", ..., commands=(camera_board, camera_check))
        add_parser = _GROUP.add_parser
        run = _GROUP.run

    Attributes:
        name: What is typed after ``so101``.
        help: One line for the list of sub-commands.
        description: Begins the group's help.
        epilog: Ends it, with examples and exit codes.
        commands: What the group has, in the order of its help.
        silences_opencv: Whether OpenCV's own log lines are left out; they would stand beside the
            commands' and say less.
    """

    name: str
    help: str
    description: str
    epilog: str
    commands: tuple[GroupedCommand, ...]
    silences_opencv: bool = False

    def add_parser(self, subparsers: "argparse._SubParsersAction") -> None:
        """Describe the group and the commands in it.

        Args:
            subparsers: Gets the parser.
        """
        parser = subparsers.add_parser(
            self.name,
            help=self.help,
            description=self.description,
            epilog=self.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        below = parser.add_subparsers(dest=f"{self.name}_command", required=True, metavar="COMMAND")
        for command in self.commands:
            command.add_parser(below)

    def run(self, args: argparse.Namespace) -> int:
        """Run the command that was chosen.

        Args:
            args: The parsed command line.

        Returns:
            Its exit code.

        Raises:
            So101Error: If an input is refused.
        """
        if self.silences_opencv:
            # OpenCV reads this when it is first imported.
            os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
        return args.run_command(args)
