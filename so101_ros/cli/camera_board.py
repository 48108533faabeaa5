"""``so101 camera board``: a page to print."""

import argparse
from pathlib import Path

from so101_ros.cli.camera_options import add_board_options, board_words, read_board
from so101_ros.cli.console import make_console

_DESCRIPTION = """\
Write a page of A4 with a board in true size, and a line of 100 mm to check the print with. Print it
at 100 % (no "fit to page") and glue it on something flat and stiff.
"""

_EPILOG = """\
examples:
  so101 camera board
  so101 camera board --out board.png --board chessboard --columns 9 --rows 6 --square-mm 30
"""


def add_parser(subparsers: "argparse._SubParsersAction") -> None:
    """Describe the command.

    Args:
        subparsers: Gets the parser.
    """
    parser = subparsers.add_parser(
        "board",
        help="write a page with a board to print",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, default=Path("board.pdf"), help="PDF or PNG (default: board.pdf)"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    add_board_options(parser)
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Write the page.

    Args:
        args: The parsed command line.

    Returns:
        0.

    Raises:
        ConfigError: If the board is not possible, or the file exists or cannot be written.
    """
    from so101_ros.cameras.board_page import check_format, write_page
    from so101_ros.output_files import check_target

    check_format(args.out)
    check_target(args.out, overwrite=args.force)
    board = read_board(args)
    write_page(board, args.out)
    console = make_console()
    console.print(f"{args.out}: {board.describe()}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        "print it at 100 %, check that the line is 100 mm long, glue it on something flat, then:\n"
        f"  so101 camera calibrate --device 0 {board_words(board, args)}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return 0
