"""``so101 camera calibrate``: find a camera's lens."""

import argparse
import re
from pathlib import Path

from so101_ros.cli.camera_options import (
    add_board_options,
    add_max_rms_option,
    add_source_options,
    read_board,
    read_max_rms,
)
from so101_ros.cli.console import make_console
from so101_ros.errors import ConfigError

_DESCRIPTION = """\
Find a camera's focal lengths, centre and distortion from views of a board, and write them as ROS's
camera_info_manager reads them. About 20 views: in every part of the image, near and far, tilted 20
to 40 degrees to every side, sharp, at the size at which the camera will be used.

With --device pictures are taken live: lines of text say where to hold the board, and each view is
kept as a picture beside the file of --out. It ends when enough was shown; Ctrl-C ends it earlier,
with what there is.
"""

_EPILOG = """\
examples:
  so101 camera calibrate --device 0 --out top.yaml --name top
  so101 camera calibrate --images photos --out top.yaml
  so101 camera calibrate --video board.mp4 --board chessboard --columns 10 --rows 7 --square-mm 25

exit codes: 0 the file was written, 2 an input was refused, 130 stopped by Ctrl-C with too few views
"""

_NAME = re.compile(r"[A-Za-z0-9_]+")
_SIZE = re.compile(r"(\d+)x(\d+)")


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "calibrate",
        help="find a camera's lens from pictures, a video or live",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = add_source_options(parser)
    source.add_argument("--device", type=int, metavar="N", help="live, from /dev/videoN")
    parser.add_argument("--size", metavar="WxH", help="image size to ask the device for")
    parser.add_argument(
        "--out", type=Path, default=Path("camera.yaml"), help="(default: camera.yaml)"
    )
    parser.add_argument("--name", default="top", help="the camera's name (default: top)")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    add_board_options(parser)
    add_max_rms_option(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Calibrate a camera.

    Args:
        args: The parsed command line.

    Returns:
        0 if the file was written, 130 after a Ctrl-C with too few views.

    Raises:
        So101Error: If an input is refused.
    """
    if _NAME.fullmatch(args.name) is None:
        raise ConfigError(f"--name {args.name!r} may have letters, digits and _ only, as in ROS")
    size = _read_size(args)
    max_rms = read_max_rms(args)
    from so101_ros.cli.camera_calibrate_run import CalibrateRun
    from so101_ros.output_files import check_target

    check_target(args.out, overwrite=args.force)
    return CalibrateRun(args, read_board(args), size, max_rms, make_console()).run()


def _read_size(args: argparse.Namespace) -> tuple[int, int] | None:
    if args.size is None:
        return None
    if args.device is None:
        raise ConfigError("--size is for --device; pictures and videos have their own")
    match = _SIZE.fullmatch(args.size)
    if match is None or "0" in match.groups():
        raise ConfigError(f"--size {args.size!r} must look like 640x480")
    return int(match[1]), int(match[2])
