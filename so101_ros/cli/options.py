"""Command-line options that several sub-commands share."""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

from so101_ros.bringup.arguments import Argument, to_text
from so101_ros.errors import ConfigError


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2 after one line that says what is wrong."""
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def add_options(parser: argparse.ArgumentParser, arguments: Iterable[Argument]) -> None:
    """Offer settings as options: ``real_time_factor`` becomes ``--real-time-factor``.

    Args:
        parser: Gets the options.
        arguments: The settings.
    """
    for entry in arguments:
        parser.add_argument(
            f"--{entry.name.replace('_', '-')}",
            default=entry.default,
            help=_help(entry).replace("%", "%%"),
            **_kind(entry),
        )


def add_scene_option(container: "argparse._ActionsContainer") -> None:
    """Offer to choose a scene.

    Args:
        container: A parser, or a group of its options; gets the option.
    """
    container.add_argument(
        "--scene",
        default="nominal",
        metavar="NAME",
        help="a scene of so101 scenes list, or a YAML file (default: nominal)",
    )


def option_values(args: argparse.Namespace, arguments: Iterable[Argument]) -> dict[str, Any]:
    """Read back what :func:`add_options` offered.

    Args:
        args: The parsed command line.
        arguments: The settings.

    Returns:
        Values by the setting's name.
    """
    return {entry.name: getattr(args, entry.name) for entry in arguments}


def _kind(entry: Argument) -> dict[str, Any]:
    if isinstance(entry.default, bool):
        return {"action": argparse.BooleanOptionalAction}
    return {"type": _reader(entry), "metavar": _metavar(entry)}


def _reader(entry: Argument) -> Any:
    def read(text: str) -> Any:
        try:
            return entry.parse(text)
        except ConfigError as err:
            raise argparse.ArgumentTypeError(str(err)) from err

    return read


def _metavar(entry: Argument) -> str:
    if entry.choices:
        return "{" + ",".join(entry.choices) + "}"
    return {int: "N", float: "X", str: "TEXT"}[type(entry.default)]


def _help(entry: Argument) -> str:
    default = to_text(entry.default)
    return f"{entry.description} (default: {default or 'none'})"
