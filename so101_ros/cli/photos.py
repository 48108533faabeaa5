"""``so101 photos``: make simulated images look like real photos."""

import argparse
import os

from so101_ros.cli import photos_apply, photos_gap, photos_learn

_COMMANDS = (photos_learn, photos_apply, photos_gap)

_DESCRIPTION = """\
Make simulated images look like real photos: learn what a folder of photos looks like, filter
images, and measure how far apart simulation and photos are, before and after.
"""

_EPILOG = """\
examples:
  so101 photos learn photos --out style.npz
  so101 photos apply simulated --filter colour:style.npz --out filtered
  so101 photos gap simulated photos --filter colour:style.npz+fourier:style.npz,beta=0.02

exit codes: 0 done, 2 an input was refused (one line says which and why), 130 stopped by Ctrl-C
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the sub-command and those below it.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "photos",
        help="make simulated images look like real photos, measure the gap between them",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = parser.add_subparsers(dest="photos_command", required=True, metavar="COMMAND")
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
    return args.run_photos(args)
