"""Figures that are written into files, also where there is no display."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#000000",
    "#b8ae1f",
)
"""Lines that are told apart with any colour vision, after M. Okabe and K. Ito, "Color universal
design", 2008; their yellow is darkened for white paper."""

_DPI = 110


def colour_of(index: int) -> str:
    """Colour of the line with an index; they repeat."""
    return COLOURS[index % len(COLOURS)]


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    FigureCanvasAgg(figure).print_figure(path, dpi=_DPI)
