"""``so101 groot mock``: a server that stands in for a GR00T model."""

import argparse
from pathlib import Path

from so101_ros.cli.console import make_console
from so101_ros.cli.groot_server_options import add_server_options, read_address, read_token
from so101_ros.errors import ConfigError

_DESCRIPTION = """\
Listen like a GR00T server of any release, and answer without a model or a GPU: from the IK policy,
by holding the arm, or from a recording; late and wrong on request. No answer comes from a network.
"""

_EPILOG = """\
examples:
  so101 groot mock --delay-ms 192                       the IK policy, as slow as a small GPU
  so101 groot mock --answers hold --port 0              any free port, which the first line names
  so101 groot mock --fault nan --fault-after 20 --fault-every 10
  so101 groot mock --record chunks.npz                  and later: --answers replay:chunks.npz

faults of answers, at the requests that --fault-after and --fault-every choose:
  slow           three seconds later           wrong_key      another name of a key
  wrong_shape    a joint too many              wrong_horizon  half of the rows
  wrong_unit     radians as degrees            nan            one value that is no number
  error          an error instead              dead           no reply at all
faults of the server, all the time:
  wrong_dialect  that of another release       no_metadata    does not say which keys its model has

exit codes: 0 ended by Ctrl-C or SIGTERM, 2 an input was refused (one line says which and why)
"""

_MAX_DELAY_MS = 60_000.0


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "mock",
        help="run a server that stands in for a model, also with faults on request",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--profile",
        default="paper_return",
        metavar="NAME|FILE",
        help="the model to stand in for (default: paper_return)",
    )
    parser.add_argument(
        "--dialect",
        choices=("n15", "n16", "n17"),
        help="speak as this release does (default: that of the profile)",
    )
    parser.add_argument(
        "--answers",
        default="ik",
        metavar="ik|hold|replay:FILE",
        help="where they come from (default: ik, which rehearses the task with the IK policy)",
    )
    parser.add_argument(
        "--delay-ms",
        type=float,
        default=0.0,
        metavar="X",
        help="how long an answer takes at least, computing included (default: 0)",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep all answers in a file")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    _add_fault_options(parser)
    add_server_options(parser)
    parser.add_argument(
        "--unsafe-pickle",
        action="store_true",
        help="speak phospho's dialect of N1.5, in which a client may be able to run code here",
    )
    parser.set_defaults(run_command=run)


def _add_fault_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fault", metavar="NAME", help="what goes wrong, see below")
    parser.add_argument(
        "--fault-after",
        type=int,
        default=0,
        metavar="N",
        help="so many requests go well first (default: 0)",
    )
    parser.add_argument(
        "--fault-every",
        type=int,
        default=1,
        metavar="N",
        help="of those that follow, each so many-th goes wrong (default: 1, all of them)",
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
    if not 0.0 <= args.delay_ms <= _MAX_DELAY_MS:
        raise ConfigError(f"--delay-ms must be 0 to {_MAX_DELAY_MS:g}, got {args.delay_ms}")
    from so101_ros.cli.groot_mock_run import MockRun

    return MockRun(args, address, token, make_console()).run()
