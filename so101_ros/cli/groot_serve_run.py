"""One server of a checkpoint from start to end."""

import argparse
import logging
from contextlib import closing

from rich.console import Console

from so101_ros.cli.groot_display import RequestDisplay
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.groot.local.provider import LocalOptions, LocalProvider
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.groot.wire.server import ServerOptions, serve

EXIT_OK = 0


def serve_checkpoint(args: argparse.Namespace, address: str, token: str, console: Console) -> int:
    """Load and serve until Ctrl-C or SIGTERM.

    Args:
        args: The parsed command line.
        address: Where to listen.
        token: What clients must send; empty for nothing.
        console: Where to show what is served.

    Returns:
        0.

    Raises:
        So101Error: If an input is refused.
    """
    logging.basicConfig(format="so101 groot serve: %(levelname)s: %(message)s")
    display = RequestDisplay(console)
    provider = LocalProvider(
        load_profile(args.profile),
        args.checkpoint.expanduser(),
        LocalOptions(
            optimize=Optimize(args.optimize),
            denoising_steps=args.denoising_steps,
            device=args.device,
            seed=args.seed,
        ),
        report=display.say,
    )
    with closing(provider), StopFlag() as stop:
        serve(
            provider,
            ServerOptions(address, token=token),
            stop=lambda: stop.requested,
            on_ready=lambda place: _announce(display, place, args, provider.is_fast),
            on_request=display.count,
        )
    display.conclude()
    return EXIT_OK


def _announce(display: RequestDisplay, place: str, args: argparse.Namespace, is_fast: bool) -> None:
    """Say first what a program that started this waits for."""
    display.say(f"ready on {place}")
    network = f"optimize {args.optimize}" if is_fast else "the stock network"
    display.say(f"{args.checkpoint} answers by {network} on {args.device}; Ctrl-C ends it")
