"""Options that commands with a server of GR00T models share."""

import argparse
import os

from so101_ros.errors import ConfigError

DEFAULT_PORT = 5555
"""That of upstream's scripts."""

_MAX_PORT = 65535


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Offer where to listen, and who may ask.

    Args:
        parser: Gets the options.
    """
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen at; 0.0.0.0 lets the whole network in, unencrypted "
        "(default: 127.0.0.1, this machine alone)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"0 takes one that is free (default: {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--token-env",
        default="",
        metavar="NAME",
        help="environment variable with the token that every client must send, such as "
        "SO101_GROOT_TOKEN (default: no token)",
    )


def read_address(args: argparse.Namespace) -> str:
    """Read where to listen.

    Args:
        args: The parsed command line.

    Raises:
        ConfigError: If there is no such port.
    """
    if not 0 <= args.port <= _MAX_PORT:
        raise ConfigError(f"--port must be 0 to {_MAX_PORT}, got {args.port}")
    host = f"[{args.host}]" if ":" in args.host else args.host
    return f"tcp://{host}:{args.port}"


def read_token(args: argparse.Namespace) -> str:
    """Read the token, which is no argument since everybody can read a command line.

    Args:
        args: The parsed command line.

    Returns:
        The token; empty if none is wanted.

    Raises:
        ConfigError: If the variable is not set.
    """
    if not args.token_env:
        return ""
    token = os.environ.get(args.token_env, "")
    if not token:
        raise ConfigError(
            f"--token-env {args.token_env}: the environment has no such variable, or it is empty. "
            f"Set it: export {args.token_env}=..."
        )
    return token
