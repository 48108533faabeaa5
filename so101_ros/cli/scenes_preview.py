"""``so101 scenes preview``: a picture of what seeds draw."""

import argparse
import sys
from pathlib import Path

from so101_ros.errors import ConfigError

_MOST_SEEDS = 100


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "preview",
        help="render the starts of several seeds, both cameras, as one picture",
        description="Render the starts of several seeds, as both cameras see them, as one picture.",
    )
    add = parser.add_argument
    add("scene", metavar="NAME", help="a name of so101 scenes list, or a YAML file")
    add("--seeds", type=int, default=12, metavar="N", help="how many, from --seed on (default: 12)")
    add("--seed", type=int, default=0, metavar="N", help="the first (default: 0)")
    add("--out", type=Path, metavar="FILE", help="PNG (default: NAME.png)")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Write the picture.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If a setting is refused, or this machine cannot render.
    """
    from so101_ros.randomization.load import load_tier

    if not 1 <= args.seeds <= _MOST_SEEDS:
        raise ConfigError(f"--seeds must be from 1 to {_MOST_SEEDS}, got {args.seeds}")
    if args.seed < 0:
        raise ConfigError(f"--seed must be at least 0, got {args.seed}")
    tier = load_tier(args.scene)
    out = args.out or Path(f"{tier.name}.png")
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out} must be a PNG: give a name that ends in .png")
    from so101_ros.randomization.preview import write_preview  # opens EGL, the checks do not

    write_preview(tier, range(args.seed, args.seed + args.seeds), out)
    sys.stdout.write(f"{out}: {tier.name}, seeds {args.seed} to {args.seed + args.seeds - 1}\n")
    return 0
