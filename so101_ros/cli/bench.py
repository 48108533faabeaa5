"""``so101 bench``: measure this machine."""

import argparse
from pathlib import Path

from so101_ros.cli.console import make_console
from so101_ros.cli.up import require_ros
from so101_ros.errors import ConfigError

MEASUREMENTS = (
    "physics",
    "ik",
    "success",
    "environment",
    "rendering",
    "perception",
    "cameras",
    "graph",
    "graph-vga",
    "graph-lockstep",
    "delays",
    "groot",
)
"""In the order in which they run."""

_NEED_ROS = ("cameras", "graph", "graph-vga", "graph-lockstep", "delays")

_DESCRIPTION = """\
Measure this machine, each ratio within one run:

  physics      steps inside the simulator against a bare mj_step loop of the same model
  ik           time of an IK step and of the policy's whole answer
  success      episodes of the IK policy in the simulator, without ROS
  environment  steps of the Gymnasium environment against a bare mj_step loop, and with an image
  rendering    an image of a visual scene, lens and sensor included, against one of the nominal
               scene
  perception   errors of the sheet's pose in rendered views of the top camera, by condition
  cameras      frames per second of the camera node against a bare renderer loop
  graph        the whole graph with both cameras at 320x240: real-time factor, latency from joint
               state to command, jitter of the control period, delivery of the images
  graph-vga    the same at 640x480
  graph-lockstep
               simulated time per wall time of 20 episodes that wait for every answer, no cameras
  delays       how late joint states, images, poses and answers of a late graph are, by its own
               stamps, beside what its scene asks for
  groot        GR00T N1.5 at full size with random weights on this GPU: the stock network, one graph
               of it and compiled code, with their errors, and whole requests through a server; left
               out without a GPU or GR00T

Nothing else should run meanwhile. The figures go to the screen and to bench.json.
"""

_EPILOG = """\
examples:
  so101 bench
  so101 bench --only physics,ik
  so101 bench --only success --episodes 1000
  so101 bench --only graph --seconds 60
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "bench",
        help="measure physics, IK, perception, cameras and the graph on this machine",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ",".join(MEASUREMENTS)
    parser.add_argument("--only", default=names, help=f"what to measure (default: {names})")
    parser.add_argument(
        "--seconds",
        type=float,
        default=15.0,
        metavar="S",
        help="wall time to listen to a graph (default: 15)",
    )
    parser.add_argument(
        "--episodes",
        type=int,
        default=200,
        metavar="N",
        help="seeds to run for the success rate (default: 200)",
    )
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="(default: out/bench)")


def run(args: argparse.Namespace) -> int:
    """Run the measurements.

    Args:
        args: The parsed command line.

    Returns:
        0 if all were made, 1 if one failed, 130 after Ctrl-C.

    Raises:
        ConfigError: If an option is not allowed or ROS is missing.
    """
    names = _read_names(args.only)
    if not args.seconds >= 1.0:
        raise ConfigError(f"--seconds must be at least 1, got {args.seconds:g}")
    if args.episodes < 1:
        raise ConfigError(f"--episodes must be at least 1, got {args.episodes}")
    if set(names) & set(_NEED_ROS):
        require_ros()
    from so101_ros.cli.bench_run import run_bench

    return run_bench(names, args.episodes, args.seconds, args.out, make_console())


def _read_names(text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",")]
    unknown = [name for name in wanted if name not in MEASUREMENTS]
    if unknown:
        raise ConfigError(
            f"--only {text!r} names the unknown {', '.join(map(repr, unknown))}. "
            f"Allowed: {', '.join(MEASUREMENTS)}"
        )
    return [name for name in MEASUREMENTS if name in wanted]
