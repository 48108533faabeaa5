"""What can be chosen about an evaluation, on the command line."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from so101_ros.cli.options import add_scene_option
from so101_ros.groot.settings import DEFAULT_ADDRESS
from so101_ros.policies.names import POLICIES

if TYPE_CHECKING:
    from so101_ros.evaluation.settings import EvaluationSettings

DESCRIPTION = """\
Try policies on the same seeds and report what can be published: success with its 95 % interval,
time, return, final error of the sheet, inference time, a paired comparison, and a verdict on each
policy as a base (reject, marginal, accept, or undecided).

Before anybody is judged the harness proves itself on the same seeds: an oracle that moves the sheet
itself must always succeed, and doing nothing must always fail.

The folder of --out gets
  results.json   all figures
  episodes.csv   one row per episode, written as soon as it is finished
  plots/         success, distance over time, time to success, final poses
  videos/        the worst and the median episode of each policy
  traces/        every episode tick by tick (NumPy), to be replayed with --policy replay:FOLDER

The same command goes on where an earlier one was stopped; with more --episodes or another --policy
it adds to them. --sweep does all that for several scenes, each in a folder of its own below --out,
and puts sweep.json, sweep.csv, sweep.md (a table for a page) and sweep.png beside them.
"""

_OUT, _SWEEP_OUT = Path("out/eval"), Path("out/sweep")

_EPILOG = """\
policies:
{policies}

examples:
  so101 eval --policy ik --policy zero --episodes 100
  so101 eval --policy ik --episodes 500 --jobs 2 --out out/ik
  so101 eval --policy ik --episodes 200 --perception camera --jobs 2 --out out/camera
  so101 eval --policy ik --episodes 20 --through graph --out out/graph
  so101 eval --policy ik --scene hard --episodes 500 --jobs 2 --out out/hard
  so101 eval --policy ik --sweep scenes --episodes 500 --jobs 2 --no-videos
  so101 eval --policy ik --sweep nominal,physics,my_scene.yaml
  so101 groot mock & so101 eval --policy groot --through graph --episodes 50 --out out/groot
  so101 eval --policy my_package.my_policy:make --policy ik --out out/mine
  so101 eval --policy ik --engine ray --address auto --out out/cluster

exit codes: 0 all episodes ran, 1 a policy or the harness failed, 2 bad input, 130 stopped by Ctrl-C
"""


def epilog() -> str:
    """Examples, and the policies that can be asked for."""
    width = max(map(len, POLICIES))
    lines = (f"  {name.ljust(width)}  {text}" for name, text in POLICIES.items())
    return _EPILOG.format(policies="\n".join(lines))


def add_eval_options(parser: argparse.ArgumentParser) -> None:
    """Offer the settings on a command line.

    Args:
        parser: Gets the options.
    """
    _add_what(parser)
    _add_how(parser)
    _add_groot(parser)
    add = parser.add_argument
    add("--out", type=Path, help="folder (default: out/eval, with --sweep out/sweep)")
    add("--fresh", action="store_true", help="remove the evaluation that is in the folder first")
    add("--no-videos", dest="videos", action="store_false", help="make no videos")


def _add_what(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--policy",
        action="append",
        metavar="NAME",
        help="who is tried; repeat it to compare (default: ik)",
    )
    add("--episodes", type=int, default=100, metavar="N", help="for each policy (default: 100)")
    add("--seed", type=int, default=0, metavar="N", help="seed of the first episode (default: 0)")
    where = parser.add_mutually_exclusive_group()
    add_scene_option(where)
    where.add_argument(
        "--sweep",
        metavar="NAMES",
        help="several scenes one after the other: all with 'scenes', or names and files with "
        "commas between",
    )
    add(
        "--perception",
        default="truth",
        metavar="{truth,camera}",
        help="who tells the policies where the sheet is: the simulator, or the tracker behind the "
        "top camera (default: truth)",
    )


def _add_how(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--through",
        default="env",
        metavar="{env,graph}",
        help="the loop without ROS, or the nodes over DDS in lock-step (default: env)",
    )
    add("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    add(
        "--engine",
        default="processes",
        metavar="{processes,ray}",
        help="who spreads the episodes: processes of this machine, or Ray (default: processes)",
    )
    add("--address", default="", help="a running Ray cluster, such as auto (default: start one)")


def _add_groot(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for --policy groot and hybrid")
    group.add_argument(
        "--groot-provider",
        default=DEFAULT_ADDRESS,
        metavar="WHO",
        help=f"tcp://HOST:PORT, local:FOLDER or replay:FILE (default: {DEFAULT_ADDRESS})",
    )
    group.add_argument(
        "--groot-profile",
        default="paper_return",
        metavar="NAME",
        help="what the model was trained with: a profile's name or YAML file "
        "(default: paper_return)",
    )
    group.add_argument(
        "--groot-timing",
        default="aligned",
        choices=("aligned", "stop_and_go"),
        help="with --through graph: while the model thinks, time goes on or the arm waits "
        "(default: aligned)",
    )


def read_eval_options(args: argparse.Namespace) -> "EvaluationSettings":
    """Read the settings back.

    Args:
        args: The parsed command line.

    Returns:
        The settings.

    Raises:
        ConfigError: If one is not allowed.
    """
    from so101_ros.evaluation.settings import EvaluationSettings
    from so101_ros.groot.chunk_plan import Timing
    from so101_ros.groot.settings import GrootSettings

    return EvaluationSettings(
        policies=tuple(args.policy or ["ik"]),
        episodes=args.episodes,
        seed=args.seed,
        scene=args.scene,
        perception=args.perception,
        through=args.through,
        jobs=args.jobs,
        engine=args.engine,
        address=args.address,
        groot=GrootSettings(args.groot_profile, args.groot_provider, Timing(args.groot_timing)),
        out=args.out or (_OUT if args.sweep is None else _SWEEP_OUT),
        videos=args.videos,
    )
