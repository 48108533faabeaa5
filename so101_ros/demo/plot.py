"""One picture of a demo: paths of the sheet, errors over time, rates of the topics."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from so101_ros.demo.delivery import Delivery
from so101_ros.demo.paper_trace import PaperTrace
from so101_ros.drawing.figures import COLOURS, colour_of
from so101_ros.drawing.table_top import draw_table_top, paper_outline, to_picture
from so101_ros.pose import PlanarPose

_MOST_IN_LEGEND = len(COLOURS)  # colours repeat after that many episodes


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


def _draw_paths(axes: Axes, traces: Sequence[PaperTrace]) -> None:
    draw_table_top(axes)
    for index, trace in enumerate(traces):
        if not trace.poses:
            continue
        colour = colour_of(index)
        _add_outline(axes, trace.poses[0], colour, "--")
        _add_outline(axes, trace.poses[-1], colour, "-")
        axes.plot(*to_picture(trace.path).T, color=colour, label=trace.label)
    axes.set_title("paper from above (dashed: start, solid: end)")
    axes.autoscale_view()
    if len(traces) <= _MOST_IN_LEGEND:
        axes.legend(loc="lower left", fontsize="small")


def _add_outline(axes: Axes, paper: PlanarPose, colour: str, style: str) -> None:
    axes.add_patch(Polygon(paper_outline(paper), fill=False, edgecolor=colour, linestyle=style))


def _draw_errors(distance: Axes, turn: Axes, traces: Sequence[PaperTrace]) -> None:
    for index, trace in enumerate(traces):
        colour, measures = colour_of(index), trace.measures
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
