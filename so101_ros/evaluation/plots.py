"""Pictures of an evaluation: who succeeds, how far, how fast, and where the sheets end up."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from so101_ros.drawing.figures import colour_of, save_figure
from so101_ros.drawing.table_top import draw_table_top, paper_outline, table_top_handles
from so101_ros.evaluation.policy_summary import PolicySummary
from so101_ros.evaluation.sheet_path import SheetPath
from so101_ros.evaluation.verdict import ACCEPT_FROM, REJECT_BELOW

Paths = Mapping[str, Sequence[SheetPath]]
"""The episodes of each policy; at least one of each."""

_FEW = 10  # episodes of a policy up to which each is drawn as a line of its own
_PANELS_PER_ROW = 4
_NAME_LENGTH = 28  # [characters] of a policy in a picture; a path keeps its end
_SUCCESS, _FAILURE = colour_of(0), colour_of(5)


def write_plots(folder: Path, summaries: Sequence[PolicySummary], paths: Paths) -> list[Path]:
    """Write all pictures as PNG.

    Args:
        folder: Where they go; made if it does not exist.
        summaries: One per policy.
        paths: The same policies' episodes.

    Returns:
        The files.

    Raises:
        OSError: If they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "success.png": draw_success(summaries),
        "distance.png": draw_distance(paths),
        "time_to_success.png": draw_time_to_success(paths),
        "final_poses.png": draw_final_poses(paths),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / name)
    return [folder / name for name in figures]


def draw_success(summaries: Sequence[PolicySummary]) -> Figure:
    """Draw success rates with their intervals, beside the thresholds of the verdict."""
    figure = Figure(figsize=(8.0, 1.8 + 0.5 * len(summaries)), layout="constrained")
    axes = figure.add_subplot()
    for row, summary in enumerate(summaries):
        rate = summary.success_rate
        reach = 100.0 * np.array([summary.verdict.interval.reach(rate)]).T
        axes.errorbar(100.0 * rate, row, xerr=reach, fmt="o", capsize=4.0, color=colour_of(row))
        label = f"{summary.successes} of {summary.episodes}, {summary.verdict.decision.value}"
        axes.annotate(label, (103.5, row), va="center", fontsize="small", annotation_clip=False)
    for threshold in (REJECT_BELOW, ACCEPT_FROM):
        axes.axvline(100.0 * threshold, color="0.4", linestyle="--", linewidth=0.9)
    axes.set_yticks(range(len(summaries)), [_short(each.policy) for each in summaries])
    axes.set(xlim=(-2.0, 102.0), ylim=(len(summaries) - 0.4, -0.6))
    axes.set(xlabel="success rate [%], with 95 % interval (Wilson); dashed: 5 % and 20 %")
    axes.set_title("success")
    return figure


def draw_distance(paths: Paths) -> Figure:
    """Draw the distance to the goal over time: median and spread, or single lines if they are few.

    An episode that has ended keeps its last distance.
    """
    few = max(map(len, paths.values())) <= _FEW
    spread = "thin: single episodes" if few else "band: 10 to 90 %"
    figure, axes = _time_axes(
        f"distance to the goal: median ({spread}); an ended episode keeps its last"
    )
    faintness = max(2, len(paths))  # many bands on top of each other must not hide the medians
    for index, (policy, episodes) in enumerate(paths.items()):
        times_s, millimetres = _common_grid(episodes)
        colour = colour_of(index)
        if few:
            axes.plot(times_s, millimetres.T, color=colour, linewidth=0.6, alpha=0.6)
        else:
            low, high = np.percentile(millimetres, [10, 90], axis=0)
            axes.fill_between(
                times_s, low, high, color=colour, alpha=0.4 / faintness, linewidth=0.0
            )
        median = np.median(millimetres, axis=0)
        axes.plot(times_s, median, color=colour, linewidth=2.0, label=_short(policy))
    axes.set(ylabel="distance [mm]")
    axes.set_ylim(bottom=0.0)
    axes.legend(fontsize="small")
    return figure


def draw_time_to_success(paths: Paths) -> Figure:
    """Draw the share of episodes that had succeeded by each time."""
    figure, axes = _time_axes("time to success")
    end_s = max(path.times_s[-1] for episodes in paths.values() for path in episodes)
    for index, (policy, episodes) in enumerate(paths.items()):
        times = [path.result.time_to_success_s for path in episodes]
        solved_s = sorted(time_s for time_s in times if time_s is not None)
        percent = 100.0 * np.arange(len(solved_s) + 1) / len(episodes)
        axes.step(
            [0.0, *solved_s, end_s],
            [*percent, percent[-1]],
            where="post",
            color=colour_of(index),
            label=f"{_short(policy)}: {len(solved_s)} of {len(episodes)}",
        )
    axes.set(ylabel="episodes that have succeeded [%]", ylim=(-2.0, 102.0))
    axes.legend(fontsize="small")
    return figure


def draw_final_poses(paths: Paths) -> Figure:
    """Draw where the sheets lay at the end, one panel per policy."""
    columns = min(len(paths), _PANELS_PER_ROW)
    rows = -(-len(paths) // columns)
    figure = Figure(figsize=(4.2 * columns, 4.0 * rows + 0.6), layout="constrained")
    figure.suptitle("sheets at the end of their episodes (successes of all)")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[len(paths) :]:
        axes.remove()
    for axes, (policy, episodes) in zip(panels, paths.items(), strict=False):
        _draw_outlines(axes, episodes)
        draw_table_top(axes)
        succeeded = sum(path.result.success for path in episodes)
        axes.set_title(f"{_short(policy)}: {succeeded} of {len(episodes)}", fontsize="medium")
    panels[0].legend(handles=_outcome_handles(), loc="lower left", fontsize="x-small")
    return figure


def _outcome_handles() -> list[Line2D]:
    return [
        Line2D([], [], color=_SUCCESS, label="success"),
        Line2D([], [], color=_FAILURE, linestyle="--", label="no success"),
        *table_top_handles(),
    ]


def _draw_outlines(axes: Axes, episodes: Sequence[SheetPath]) -> None:
    opacity = float(np.clip(20.0 / len(episodes), 0.08, 0.8))
    for success, colour, style in ((True, _SUCCESS, "-"), (False, _FAILURE, "--")):
        outlines = [
            paper_outline(path.final) for path in episodes if path.result.success is success
        ]
        axes.add_collection(
            PolyCollection(
                outlines,
                facecolors="none",
                edgecolors=colour,
                linestyles=style,
                alpha=opacity,
            )
        )
    axes.autoscale_view()


def _time_axes(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8.0, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel="simulated time [s]")
    axes.grid(alpha=0.3)
    return figure, axes


def _common_grid(episodes: Sequence[SheetPath]) -> tuple[np.ndarray, np.ndarray]:
    """Times of the longest episode in [s], and all distances at them in [mm]."""
    times_s = max((path.times_s for path in episodes), key=len)
    ticks = np.arange(len(times_s))
    rows = [path.distances[np.minimum(ticks, len(path.distances) - 1)] for path in episodes]
    return times_s, 1e3 * np.array(rows)


def _short(policy: str) -> str:
    return policy if len(policy) <= _NAME_LENGTH else f"...{policy[3 - _NAME_LENGTH :]}"
