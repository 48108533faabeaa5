"""Options that the camera commands share."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from so101_ros.errors import ConfigError

if TYPE_CHECKING:
    from so101_ros.cameras.board import CalibrationBoard
    from so101_ros.cameras.pictures import Picture


def add_board_options(parser: argparse.ArgumentParser) -> None:
    """Offer the choice of a board.

    Args:
        parser: Gets the options.
    """
    add = parser.add_argument
    add(
        "--board",
        default="charuco",
        metavar="{charuco,chessboard}",
        help="charuco may be partly hidden, a chessboard may not (default: charuco)",
    )
    add("--columns", type=int, metavar="N", help="squares, not inner corners (default: 7 or 10)")
    add("--rows", type=int, metavar="N", help="squares, not inner corners (default: 5 or 7)")
    add("--square-mm", type=float, metavar="MM", help="side of a square (default: 35 or 25)")
    add("--marker-mm", type=float, metavar="MM", help="side of a marker (default: 0.66 squares)")


def add_source_options(parser: argparse.ArgumentParser) -> "argparse._MutuallyExclusiveGroup":
    """Offer where pictures of the board come from: one of them must be chosen.

    Args:
        parser: Gets the options.

    Returns:
        The group, for a source that not every command has.
    """
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--images", type=Path, metavar="FOLDER", help="pictures of the board")
    source.add_argument("--video", type=Path, metavar="FILE", help="a video of the board")
    return source


def read_board(args: argparse.Namespace) -> "CalibrationBoard":
    """Build the board that was chosen.

    Args:
        args: The parsed command line.

    Raises:
        ConfigError: If it is not possible.
    """
    from so101_ros.cameras.board_choice import BoardChoice

    square, marker = (
        None if size_mm is None else 1e-3 * size_mm for size_mm in (args.square_mm, args.marker_mm)
    )
    return BoardChoice(args.board, args.columns, args.rows, square, marker).make()


def board_words(board: "CalibrationBoard", args: argparse.Namespace) -> str:
    """Write the choice of a board as options, to be typed again."""
    words = f"--board {args.board} --columns {board.columns} --rows {board.rows}"
    words += f" --square-mm {1e3 * board.square:g}"
    marker = getattr(board, "marker", None)
    return words if marker is None else f"{words} --marker-mm {1e3 * marker:g}"


def read_pictures(images: Path | None, video: Path | None) -> "tuple[Iterator[Picture], str]":
    """Open a folder or a video, whichever was given.

    Args:
        images: The folder.
        video: The video.

    Returns:
        The pictures, and where they come from.

    Raises:
        ConfigError: If none was given.
    """
    from so101_ros.cameras.pictures import read_folder, read_video

    if images is not None:
        return read_folder(images), str(images)
    if video is not None:
        return read_video(video), str(video)
    raise ConfigError("give --images FOLDER or --video FILE")


def read_max_rms(args: argparse.Namespace) -> float:
    """Read the largest error that is accepted, in [px].

    Raises:
        ConfigError: If it is not above 0.
    """
    if not args.max_rms_px > 0.0:
        raise ConfigError(f"--max-rms-px must be above 0, got {args.max_rms_px:g}")
    return args.max_rms_px


def add_max_rms_option(parser: argparse.ArgumentParser) -> None:
    """Offer the choice of the largest error.

    Args:
        parser: Gets the option.
    """
    parser.add_argument(
        "--max-rms-px",
        type=float,
        default=1.0,
        metavar="PX",
        help="largest error that is accepted (default: 1)",
    )
