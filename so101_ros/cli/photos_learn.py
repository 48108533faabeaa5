"""``so101 photos learn``: measure what a folder of photos looks like."""

import argparse
from pathlib import Path

from so101_ros.cli.console import make_console
from so101_ros.cli.photos_options import add_size_option, read_size, say, show_progress

_DESCRIPTION = """\
Measure the colours and the coarse light of a folder of photos, and write them into one small file
for the filters colour and fourier. A folder of simulated images gives the file for their from=.
"""

_EPILOG = """\
examples:
  so101 photos learn photos --out style.npz
  so101 photos learn simulated --out simulated.npz --size 224x224
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "learn",
        help="measure what a folder of photos looks like",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with the photos")
    parser.add_argument(
        "--out", type=Path, default=Path("style.npz"), help="the file (default: style.npz)"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    add_size_option(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure the photos.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        So101Error: If an input is refused.
    """
    size = read_size(args)
    from so101_ros.adaptation.photo_folder import PhotoFolder
    from so101_ros.adaptation.photo_style import PhotoStyle, check_learning_size
    from so101_ros.output_files import check_target

    check_learning_size(size)
    check_target(args.out, overwrite=args.force)
    console = make_console()
    folder = PhotoFolder.open(args.folder)
    style = PhotoStyle.learn(show_progress(folder.images(size), len(folder), "photos", console))
    style.save(args.out)
    lightness, red, yellow = style.colours.mean
    say(console, f"{args.out}: {style.photos} photos at {size[0]}x{size[1]} px")
    say(console, f"mean colour L {lightness:.1f}, a {red:.1f}, b {yellow:.1f}")
    return 0
