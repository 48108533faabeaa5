"""``so101 camera``: calibrate a real camera."""

import argparse
import os

from so101_ros.cli import camera_board, camera_calibrate, camera_check

_COMMANDS = (camera_board, camera_calibrate, camera_check)

_DESCRIPTION = """\
Calibrate a real camera: print a board, show it to the camera, check the result. The file is the one
that ROS's camera_info_manager reads.
"""

_EPILOG = """\
examples:
  so101 camera board --out board.pdf                    print it at 100 %, glue it on something flat
  so101 camera calibrate --device 0 --out camera.yaml   live, with hints where to hold the board
  so101 camera calibrate --images photos --out camera.yaml
  so101 camera check --calibration camera.yaml --images other_photos

exit codes: 0 done, 1 the calibration does not fit (check), 2 an input was refused (one line says
which and why), 130 stopped by Ctrl-C
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command and those below it.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "camera",
        help="print a calibration board, calibrate a camera, check a calibration",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = parser.add_subparsers(dest="camera_command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add_parser(below)


def run(args: argparse.Namespace) -> int:
    """Run the sub-command of the sub-command.

    Args:
        args: The parsed command line.

    Returns:
        Its exit code.

    Raises:
        So101Error: If an input is refused.
    """
    # Its lines would stand beside ours and say less; it reads this when it is first imported.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    return args.run_camera(args)
