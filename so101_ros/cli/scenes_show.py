"""``so101 scenes show``: what a scene is made of."""

import argparse
import sys

from so101_ros.errors import ConfigError

_DESCRIPTION = """\
Write everything that is drawn, or fixed and not nominal, as YAML; or, with --seed, what that seed
draws. Both are scenes themselves: write them into a file, and --scene takes it.
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "show",
        help="write the ranges of a scene, or what a seed draws from them",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scene", metavar="NAME", help="a name of so101 scenes list, or a YAML file")
    parser.add_argument("--seed", type=int, metavar="N", help="show the draw of this seed")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Write it.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If there is no such scene, or the seed is none.
    """
    from so101_ros.randomization.load import load_tier
    from so101_ros.randomization.scene_text import episode_to_yaml, to_yaml

    if args.seed is not None and args.seed < 0:
        raise ConfigError(f"--seed must be at least 0, got {args.seed}")
    tier = load_tier(args.scene)
    sys.stdout.write(to_yaml(tier) if args.seed is None else episode_to_yaml(tier, args.seed))
    return 0
