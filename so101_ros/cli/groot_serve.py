"""``so101 groot serve``: a GR00T checkpoint as a server."""

import argparse
from pathlib import Path

from so101_ros.cli.console import make_console
from so101_ros.cli.groot_server_options import add_server_options, read_address, read_token
from so101_ros.errors import ConfigError

_DESCRIPTION = """\
Run a checkpoint of GR00T N1.5 on this machine's GPU and answer requests in that release's dialect.
The checkpoint is compared with the profile before it is loaded. GR00T itself must be installed in
this environment; the machine of the arm needs neither it nor a GPU.
"""

_EPILOG = """\
examples:
  so101 groot serve --checkpoint ~/checkpoint
  so101 groot serve --checkpoint ~/checkpoint --optimize compile
  so101 groot serve --checkpoint ~/checkpoint --host 0.0.0.0 --token-env SO101_GROOT_TOKEN

optimize:
  none     GR00T's own policy, as slow as this machine launches some 3500 kernels
  graph    the same modules as one CUDA graph: about three times faster, the same numbers
  compile  also without what need not be computed again: about six times faster, no further from
           float32 than GR00T's own numbers; starts about a minute later
Both are compared with GR00T's own answer at the start; if they differ, a warning says so and GR00T
itself answers.

exit codes: 0 ended by Ctrl-C or SIGTERM, 2 an input was refused (one line says which and why)
"""

_MAX_STEPS = 1000


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "serve",
        help="run a checkpoint on this machine's GPU and answer requests",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--checkpoint", type=Path, required=True, metavar="DIR", help="folder of the checkpoint"
    )
    parser.add_argument(
        "--profile",
        default="paper_return",
        metavar="NAME|FILE",
        help="what it was trained with (default: paper_return)",
    )
    _add_speed_options(parser)
    add_server_options(parser)
    parser.set_defaults(run_command=run)


def _add_speed_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--optimize",
        choices=("none", "graph", "compile"),
        default="graph",
        help="what runs in place of the stock network, see below (default: graph)",
    )
    parser.add_argument(
        "--denoising-steps",
        type=int,
        metavar="N",
        help="per answer (default: the checkpoint's own, 4 as released)",
    )
    parser.add_argument(
        "--device", default="cuda", help="PyTorch's name of where it computes (default: cuda)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="make the same answers in every run (default: fresh noise)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If an input is refused.
    """
    address, token = read_address(args), read_token(args)
    if args.denoising_steps is not None and not 1 <= args.denoising_steps <= _MAX_STEPS:
        raise ConfigError(
            f"--denoising-steps must be 1 to {_MAX_STEPS}, got {args.denoising_steps}"
        )
    from so101_ros.cli.groot_serve_run import serve_checkpoint

    return serve_checkpoint(args, address, token, make_console())
