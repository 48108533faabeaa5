"""``so101 camera check``: try a calibration on new views."""

import argparse
from pathlib import Path

from so101_ros.cli.camera_options import (
    add_board_options,
    add_max_rms_option,
    add_source_options,
    read_board,
    read_max_rms,
    read_pictures,
)
from so101_ros.cli.console import make_console

EXIT_OK = 0
EXIT_DOES_NOT_FIT = 1

_DESCRIPTION = """\
Find the board in pictures that the calibration was not made from, and measure in pixels how far its
corners are from where the calibration puts them.
"""

_EPILOG = """\
examples:
  so101 camera check --calibration camera.yaml --images other_photos
  so101 camera check --calibration camera.yaml --video check.mp4

exit codes: 0 it fits, 1 it does not, 2 an input was refused
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "check",
        help="measure the error of a calibration on new pictures",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calibration", type=Path, required=True, metavar="FILE", help="to check")
    add_source_options(parser)
    add_board_options(parser)
    add_max_rms_option(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Check a calibration.

    Args:
        args: The parsed command line.

    Returns:
        0 if it fits, 1 if not.

    Raises:
        So101Error: If an input is refused.
    """
    max_rms = read_max_rms(args)
    from so101_ros.cameras.calibration import CameraCalibration
    from so101_ros.cameras.check import check_calibration
    from so101_ros.cameras.pictures import find_boards
    from so101_ros.cli.camera_tables import error_table

    calibration = CameraCalibration.load(args.calibration)
    pictures, source = read_pictures(args.images, args.video)
    check = check_calibration(calibration, find_boards(pictures, read_board(args), source))
    fits = check.rms <= max_rms
    console = make_console()
    console.print(error_table(check.errors, {}))
    console.print(
        f"{'fits' if fits else 'does not fit'}: error {check.rms:.2f} px over {len(check.errors)} "
        f"views, at most {max_rms:g} px is accepted",
        highlight=False,
    )
    return EXIT_OK if fits else EXIT_DOES_NOT_FIT
