"""Entry point of the ``so101`` command."""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from so101_ros import __version__
from so101_ros.cli.options import OneLineParser
from so101_ros.errors import So101Error

COMMANDS = ("up", "demo", "eval", "scenes", "camera", "photos", "groot", "bench")
"""Sub-commands; each is the module of that name in :mod:`so101_ros.cli`."""

EXIT_BAD_INPUT = 2

EXIT_INTERRUPTED = 130
"""Ctrl-C before there was anything to finish; as shells report it."""

_EPILOG = """\
examples:
  so101 up                           start the whole graph in simulation, in real time
  so101 up --real-time-factor 0      as fast as the machine can
  so101 up --help                    everything that can be chosen

exit codes: 0 done, 1 a node failed, 2 an input was refused (one line says which and why)
"""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its code.

    Args:
        argv: Command line without the program's name; None for ``sys.argv``.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _interrupt)
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Command line without the program's name; None for ``sys.argv``.

    Returns:
        Exit code: 2 if an input was refused, 130 after a Ctrl-C that the sub-command leaves to its
        caller, else what the sub-command says.
    """
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _run(argv: Sequence[str] | None) -> int:
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except So101Error as err:
        sys.stderr.write(f"so101 {args.command}: error: {err}\n")
        return EXIT_BAD_INPUT


def build_parser() -> argparse.ArgumentParser:
    """Describe the command with every sub-command."""
    parser = OneLineParser(
        prog="so101",
        description="An SO-101 arm returns a sheet of paper into its frame, on ROS 2.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"so101_ros {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"so101_ros.cli.{name}")
        module.add_parser(subparsers)
        subparsers.choices[name].set_defaults(run=module.run)
    return parser


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Treat a request to end like Ctrl-C, so that every clean-up runs."""
    del number, frame  # Unused.
    raise KeyboardInterrupt
