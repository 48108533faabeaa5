"""What can be chosen about a demo."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from so101_ros.bringup.bring_up import BringUp
from so101_ros.cli.options import add_scene_option
from so101_ros.errors import ConfigError
from so101_ros.rates import Rates

DESCRIPTION = """\
Bring up the whole graph over DDS (simulation, cameras, policy, blender, monitor), let the arm
return the sheet in seeded episodes, and leave in the output folder:

  summary.json  success, time, final error of every episode; real-time factor; rate of every topic
  demo.mp4      both cameras side by side, in simulated time; with --perception camera the top one
                shows what the tracker sees
  demo.png      paths of the sheet, errors over time, delivery of the topics
  bag/          a rosbag2 recording (MCAP) of every topic, images compressed
  graph.log     what the nodes wrote

Files of an earlier demo in that folder are replaced. Ctrl-C stops early and keeps what is finished.
"""

EPILOG = """\
examples:
  so101 demo                                three episodes into out/demo
  so101 demo --episodes 20 --seed 100       seeds 100 to 119
  so101 demo --camera-size 640x480
  so101 demo --scene hard                   friction, calibration and delays drawn by each seed
  so101 demo --perception camera            the sheet's pose from the top camera's images
  so101 demo --real-time-factor 0.5 --no-video

exit codes: 0 the demo ran (see the table for success), 1 the graph failed, 2 bad input,
130 stopped by Ctrl-C
"""

_SIZE = re.compile(r"(\d+)x(\d+)")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The settings of a demo.

    Attributes:
        episodes: How many to run.
        seed: Seed of the first; the following ones count on.
        out: Folder of the files.
        camera_size: Width and height in pixels.
        real_time_factor: Simulated per wall time; 0 for as fast as the policy answers, in
            lock-step: without a pace, a policy that does not hold the simulation back falls behind.
        time_limit_s: Simulated time after which an episode has failed, in [s].
        video: Whether to make the video.
        perception: Where the graph has the sheet's pose from; success is judged by the truth.
        scene: Name or file of the scene.
    """

    episodes: int
    seed: int
    out: Path
    camera_size: tuple[int, int]
    real_time_factor: float
    time_limit_s: float
    video: bool
    perception: str = "truth"
    scene: str = "nominal"

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is.

        Raises:
            ConfigError: If a value is outside its range.
        """
        if self.episodes < 1:
            raise ConfigError(f"--episodes must be at least 1, got {self.episodes}")
        if not 0.0 < self.time_limit_s <= _longest_s():
            raise ConfigError(
                f"--time-limit-s must be above 0 and at most {_longest_s():.1f} (the task's "
                f"limit), got {self.time_limit_s:g}"
            )
        _ = self.bring_up

    @property
    def seeds(self) -> list[int]:
        """Seeds of the episodes."""
        return list(range(self.seed, self.seed + self.episodes))

    @property
    def tracked(self) -> bool:
        """Whether the sheet's pose comes from a camera."""
        return self.perception == "camera"

    @property
    def bring_up(self) -> BringUp:
        """The graph to bring up.

        Raises:
            ConfigError: If one of its settings is not allowed.
        """
        width, height = self.camera_size
        return BringUp(
            seed=self.seed,
            camera_width=width,
            camera_height=height,
            real_time_factor=self.real_time_factor,
            lock_step=self.real_time_factor == 0.0,
            perception=self.perception,
            scene=self.scene,
        )

    def to_dict(self) -> dict[str, object]:
        """Plain data for a JSON file."""
        width, height = self.camera_size
        return {
            "episodes": self.episodes,
            "seed": self.seed,
            "camera_width": width,
            "camera_height": height,
            "real_time_factor": self.real_time_factor,
            "time_limit_s": self.time_limit_s,
            "perception": self.perception,
            "scene": self.scene,
        }


def add_demo_options(parser: argparse.ArgumentParser) -> None:
    """Offer the settings on a command line.

    Args:
        parser: Gets the options.
    """
    add = parser.add_argument
    add("--episodes", type=int, default=3, metavar="N", help="how many (default: 3)")
    add("--seed", type=int, default=0, metavar="N", help="seed of the first episode (default: 0)")
    add_scene_option(parser)
    add("--out", type=Path, default=Path("out/demo"), help="folder (default: out/demo)")
    _add_graph_options(parser)
    add("--no-video", dest="video", action="store_false", help="make no demo.mp4")


def _add_graph_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--camera-size", type=_read_size, default=(320, 240), metavar="WxH", help="(320x240)")
    add(
        "--real-time-factor",
        type=float,
        default=1.0,
        metavar="X",
        help="simulated per wall time, 0 for as fast as possible in lock-step (default: 1)",
    )
    add(
        "--time-limit-s",
        type=float,
        default=_longest_s(),
        metavar="S",
        help=f"simulated time of a failed episode (default: {_longest_s():.1f})",
    )
    add(
        "--perception",
        default="truth",
        metavar="{truth,camera}",
        help="where the graph has the sheet's pose from: the simulator, or the top camera's images "
        "(default: truth)",
    )


def read_demo_options(args: argparse.Namespace) -> DemoOptions:
    """Read the settings back.

    Args:
        args: The parsed command line.

    Returns:
        The settings.

    Raises:
        ConfigError: If a value is outside its range.
    """
    return DemoOptions(
        episodes=args.episodes,
        seed=args.seed,
        out=args.out,
        camera_size=args.camera_size,
        real_time_factor=args.real_time_factor,
        time_limit_s=args.time_limit_s,
        video=args.video,
        perception=args.perception,
        scene=args.scene,
    )


def _longest_s() -> float:
    rates = Rates()
    return rates.episode_ticks / rates.policy_hz


def _read_size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give WIDTHxHEIGHT, like 320x240")
    return int(match[1]), int(match[2])
