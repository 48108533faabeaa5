"""One picture of a demo: paths of the sheet, errors over time, rates of the topics."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # Draws into files, also where there is no display.

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from so101_ros.demo.delivery import Delivery
from so101_ros.demo.paper_trace import PaperTrace
from so101_ros.pose import PlanarPose
from so101_ros.task.geometry import (
    BASE_POSE,
    GOAL_CENTRE,
    GOAL_INNER_SIZE,
    TAPE_WIDTH,
    paper_corners,
)

_TAPE_COLOUR = "#cc141a"
_DPI = 110
_MOST_IN_LEGEND = 10  # colours repeat after that many episodes


def draw_demo(
    traces: Sequence[PaperTrace], deliveries: Mapping[str, tuple[float, Delivery]], title: str
) -> Figure:
    """Draw the picture.

    Args:
        traces: The sheet, one trace per episode.
        deliveries: Nominal rate in [Hz] and delivery, by topic.
        title: Headline.

    Returns:
        The figure.
    """
    figure = Figure(figsize=(13.0, 8.0), layout="constrained")
    figure.suptitle(title)
    grid = figure.add_gridspec(3, 2, width_ratios=(1.2, 1.0))
    _draw_paths(figure.add_subplot(grid[:, 0]), traces)
    distance = figure.add_subplot(grid[0, 1])
    _draw_errors(distance, figure.add_subplot(grid[1, 1], sharex=distance), traces)
    _draw_rates(figure.add_subplot(grid[2, 1]), deliveries)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    figure.savefig(path, dpi=_DPI)


def _draw_paths(axes: Axes, traces: Sequence[PaperTrace]) -> None:
    """Draw the table as the top camera sees it: world x up, world y to the left."""
    _add_tape(axes)
    axes.plot(-BASE_POSE.y, BASE_POSE.x, "ks", label="arm base")
    for index, trace in enumerate(traces):
        if not trace.poses:
            continue
        colour = f"C{index}"
        _add_outline(axes, trace.poses[0], colour, "--")
        _add_outline(axes, trace.poses[-1], colour, "-")
        axes.plot(-trace.path[:, 1], trace.path[:, 0], color=colour, label=trace.label)
    axes.set(aspect="equal", xlabel="-y [m]", ylabel="x [m]")
    axes.set_title("paper from above (dashed: start, solid: end)")
    axes.autoscale_view()
    if len(traces) <= _MOST_IN_LEGEND:
        axes.legend(loc="lower left", fontsize="small")


def _add_tape(axes: Axes) -> None:
    for margin in (0.0, TAPE_WIDTH):
        size = GOAL_INNER_SIZE + 2.0 * margin
        x, y = GOAL_CENTRE - 0.5 * size
        corner = (-y - size[1], x)
        axes.add_patch(Rectangle(corner, size[1], size[0], fill=False, edgecolor=_TAPE_COLOUR))


def _add_outline(axes: Axes, paper: PlanarPose, colour: str, style: str) -> None:
    x, y = paper_corners(paper).T
    outline = np.column_stack([-y, x])
    axes.add_patch(Polygon(outline, fill=False, edgecolor=colour, linestyle=style))


def _draw_errors(distance: Axes, turn: Axes, traces: Sequence[PaperTrace]) -> None:
    for index, trace in enumerate(traces):
        colour, measures = f"C{index}", trace.measures
        millimetres = [1e3 * each.distance_to_goal for each in measures]
        degrees = [np.degrees(each.yaw_error) for each in measures]
        distance.plot(trace.times_s, millimetres, color=colour)
        turn.plot(trace.times_s, degrees, color=colour)
    distance.set(title="error of the sheet", ylabel="distance [mm]")
    turn.set(xlabel="simulated time [s]", ylabel="yaw error [deg]")
    for axes in (distance, turn):
        axes.set_ylim(bottom=0.0)
        axes.grid(alpha=0.3)


def _draw_rates(axes: Axes, deliveries: Mapping[str, tuple[float, Delivery]]) -> None:
    percent = [100.0 * delivery.share for _, delivery in deliveries.values()]
    bars = axes.barh(list(deliveries), percent, color="#a9c4de")
    axes.bar_label(bars, [f"{share:.1f} %" for share in percent], padding=3, fontsize="small")
    names = [f"{topic}  {nominal_hz:g} Hz" for topic, (nominal_hz, _) in deliveries.items()]
    for row, name in enumerate(names):
        axes.text(1.0, row, name, va="center", fontsize="small")
    axes.axvline(100.0, color="k", linewidth=0.8)
    axes.set(xlim=(0.0, 118.0), xlabel="delivered, of the nominal rate [%]", title="topics")
    axes.set_yticks([])
    axes.invert_yaxis()
