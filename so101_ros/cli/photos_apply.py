"""``so101 photos apply``: filter a folder of images."""

import argparse
from pathlib import Path

from so101_ros.cli.console import make_console
from so101_ros.cli.photos_options import add_filter_option, say, show_progress

_DESCRIPTION = """\
Filter every picture of a folder, as the simulated cameras do with the same filter, and write the
results as PNG under the same names.
"""

_EPILOG = """\
examples:
  so101 photos apply simulated --filter colour:style.npz --out filtered
  so101 photos apply simulated --filter colour:style.npz,from=simulated.npz --out filtered
  so101 photos apply simulated --filter fourier:style.npz,beta=0.02 --out filtered
  so101 photos apply simulated --filter network:net.onnx --out filtered
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "apply",
        help="filter a folder of images",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with the images")
    add_filter_option(parser, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets the images")
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Filter the images.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If an input is refused.
    """
    from so101_ros.adaptation.make_filter import make_filter
    from so101_ros.adaptation.photo_folder import PhotoFolder, plan_copies
    from so101_ros.picture_files import write_png

    image_filter = make_filter(args.filter)
    folder = PhotoFolder.open(args.folder)
    targets = plan_copies(folder, args.out, overwrite=args.force)
    console = make_console()
    images = show_progress(folder.images(), len(folder), "images", console)
    for target, rgb in zip(targets, images, strict=True):
        write_png(target, image_filter(rgb))
    say(console, f"{args.out}: {len(folder)} images through {args.filter}")
    return 0
