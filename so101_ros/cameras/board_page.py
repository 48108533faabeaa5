"""A page of A4 with a board on it, in true size."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle as Patch

from so101_ros.cameras.board import CalibrationBoard
from so101_ros.errors import ConfigError

A4 = (0.297, 0.210)
"""Long and short side in [m]."""

SUFFIXES = (".pdf", ".png")
"""Formats of a page."""

RULER_LENGTH = 0.1
"""Length of the line that a print is checked with, in [m]."""

_MARGIN = 0.008  # [m], what printers leave white, with some to spare
_FOOT = 0.024  # [m] below the board, for the ruler and the text
_INCH = 0.0254  # [m]
_TYPE_SIZE = 7.5  # [pt]
_PNG_DPI = 300


def write_page(board: CalibrationBoard, path: Path) -> None:
    """Write a page to print.

    Args:
        board: What to print.
        path: The file; its suffix is one of :data:`SUFFIXES`.

    Raises:
        ConfigError: If the format is unknown, the board does not fit on a page, or the file cannot
            be written.
    """
    check_format(path)
    figure = draw_page(board)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(unfinished, format=path.suffix[1:].lower(), dpi=_PNG_DPI)
        unfinished.replace(path)
    except OSError as err:
        with suppress(OSError):
            unfinished.unlink()
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err


def check_format(path: Path) -> None:
    """Refuse a file whose format is unknown.

    Raises:
        ConfigError: If the suffix is not one of :data:`SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(
            f"{path} must end in {' or '.join(SUFFIXES)}, to be a page that can be printed"
        )


def render_page(board: CalibrationBoard, dpi: float) -> np.ndarray:
    """Draw a page into an image.

    Args:
        board: What to draw.
        dpi: Resolution in [px] per inch.

    Returns:
        The page. Shape (height, width), uint8.

    Raises:
        ConfigError: If the board does not fit on a page.
    """
    figure = draw_page(board)
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 0].copy()


def board_origin(board: CalibrationBoard) -> tuple[float, float]:
    """Where the upper left corner of the board is on its page: to the right and down, in [m].

    Raises:
        ConfigError: If the board does not fit on a page.
    """
    width, height = page_size(board)
    return 0.5 * (width - board.width), 0.5 * (height - _FOOT - board.height)


def page_size(board: CalibrationBoard) -> tuple[float, float]:
    """Width and height of the page of a board in [m]; it lies like the board.

    Raises:
        ConfigError: If the board does not fit on a page.
    """
    width, height = A4 if board.width >= board.height else A4[::-1]
    room = (width - 2.0 * _MARGIN, height - _FOOT - _MARGIN)
    if board.width > room[0] or board.height > room[1]:
        raise ConfigError(
            f"{board.describe()}, is {1e3 * board.width:g} x {1e3 * board.height:g} mm; A4 has "
            f"room for {1e3 * room[0]:.0f} x {1e3 * room[1]:.0f} mm. Take fewer or smaller squares"
        )
    return width, height


def draw_page(board: CalibrationBoard) -> Figure:
    """Draw a page in [mm] from its upper left corner.

    Raises:
        ConfigError: If the board does not fit on a page.
    """
    width, height = page_size(board)
    left, top = board_origin(board)
    figure = Figure(figsize=(width / _INCH, height / _INCH))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, 1e3 * width), ylim=(1e3 * height, 0.0))
    axes.axis("off")
    patches = [
        Patch((1e3 * (left + part.x), 1e3 * (top + part.y)), 1e3 * part.width, 1e3 * part.height)
        for part in board.black_rectangles()
    ]
    # Without anti-aliasing and lines every edge is where it belongs, to the pixel.
    axes.add_collection(
        PatchCollection(patches, facecolor="black", linewidth=0.0, antialiased=False)
    )
    _draw_ruler(axes, 1e3 * left, 1e3 * (top + board.height) + 9.0)
    _draw_text(axes, board, 1e3 * left, 1e3 * (top + board.height) + 14.0)
    return figure


def _draw_ruler(axes: Axes, x: float, y: float) -> None:
    length = 1e3 * RULER_LENGTH
    axes.plot([x, x + length], [y, y], color="black", linewidth=0.5, solid_capstyle="butt")
    for tick in np.linspace(0.0, length, 11):
        end = y - (3.0 if tick in (0.0, length) else 1.5)
        axes.plot([x + tick, x + tick], [y, end], color="black", linewidth=0.5)
    note = "100 mm. If a ruler disagrees, print again at 100 % (no fit to page)"
    axes.text(x + length + 4.0, y, note, fontsize=_TYPE_SIZE, va="center")


def _draw_text(axes: Axes, board: CalibrationBoard, x: float, y: float) -> None:
    text = f"{board.describe()}. Glue it on something flat and stiff."
    axes.text(x, y, text, fontsize=_TYPE_SIZE, va="center")
