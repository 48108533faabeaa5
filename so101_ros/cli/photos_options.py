"""Options that the photo commands share, and their progress."""

import argparse
import re
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from so101_ros.adaptation.filter_text import ALLOWED
from so101_ros.errors import ConfigError

_Item = TypeVar("_Item")

_DEFAULT_SIZE = "320x240"  # the cameras' own
_LEAST_SIDE = 16  # [px]; features of an image need that many
_LINE_PERIOD_S = 5.0  # a log file needs fewer lines than an eye


def add_size_option(parser: argparse.ArgumentParser) -> None:
    """Offer the size at which images are looked at.

    Args:
        parser: Gets the option.
    """
    parser.add_argument(
        "--size",
        default=_DEFAULT_SIZE,
        metavar="WxH",
        help="images are cut to this shape and scaled down to this size, that of the simulated "
        f"cameras (default: {_DEFAULT_SIZE})",
    )


def add_filter_option(parser: argparse.ArgumentParser, required: bool) -> None:
    """Offer a filter.

    Args:
        parser: Gets the option.
        required: Whether it must be given.
    """
    parser.add_argument("--filter", required=required, metavar="FILTER", help=ALLOWED)


def read_size(args: argparse.Namespace) -> tuple[int, int]:
    """Read width and height in [px].

    Args:
        args: The parsed command line.

    Raises:
        ConfigError: If they are no size.
    """
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", args.size)
    if found is None:
        raise ConfigError(f"--size {args.size!r} must look like {_DEFAULT_SIZE}")
    width, height = int(found[1]), int(found[2])
    if min(width, height) < _LEAST_SIDE:
        raise ConfigError(f"--size {args.size} must be at least {_LEAST_SIDE}x{_LEAST_SIDE}")
    return width, height


def show_progress(
    items: Iterable[_Item], total: int, what: str, console: Console
) -> Iterator[_Item]:
    """Go through something and show how far: a bar on a terminal, a line at times elsewhere.

    Args:
        items: What to go through.
        total: How many there are.
        what: They are, for example ``photos``.
        console: Whether it is a terminal decides.

    Yields:
        The items.
    """
    if console.is_terminal:
        yield from track(items, what, total, console=console, transient=True)
        return
    due_at_s = time.monotonic() + _LINE_PERIOD_S
    for done, item in enumerate(items):
        if time.monotonic() >= due_at_s:
            due_at_s = time.monotonic() + _LINE_PERIOD_S
            sys.stderr.write(f"so101 photos: {done} of {total} {what}\n")
        yield item


def say(console: Console, text: str) -> None:
    """Write a line as it is."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)
