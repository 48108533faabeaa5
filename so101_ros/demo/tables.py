"""The figures of a demo as tables for a terminal."""

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.summary import DemoSummary

_EPISODE_COLUMNS = (
    "episode",
    "seed",
    "success",
    "time\n[s]",
    "distance\n[mm]",
    "yaw error\n[deg]",
    "margin\n[mm]",
    "real-time\nfactor",
)
_TRACKING_COLUMNS = (
    "episode",
    "seed",
    "seen",
    "error [mm]\nmedian",
    "\np95",
    "\nworst",
    "yaw [deg]\nmedian",
    "\np95",
    "\nworst",
)
_TRACKING_CAPTION = "seen: share of the true poses for which the tracker had one"
_TOPIC_CAPTION = "rate: per simulated second; wall: per second of the wall clock"
_TOPIC_COLUMNS = ("nominal\n[Hz]", "rate\n[Hz]", "wall\n[Hz]", "lost", "delivered")


def episode_table(summary: DemoSummary) -> Table:
    """One row per episode, and a line of totals.

    Args:
        summary: The figures.

    Returns:
        A table to be printed by a ``rich`` console.
    """
    total = f"{summary.successes} of {len(summary.episodes)} episodes succeeded"
    table = Table(title="Episodes", caption=total, box=SIMPLE_HEAD)
    for name in _EPISODE_COLUMNS:
        table.add_column(Text(name), justify="right")
    for episode in summary.episodes:
        table.add_row(*_episode_cells(episode))
    return table


def tracking_table(summary: DemoSummary) -> Table:
    """One row per episode: what the tracker's poses were worth.

    Args:
        summary: The figures of a demo with a tracker.

    Returns:
        A table to be printed by a ``rich`` console.
    """
    table = Table(title="Tracker against truth", caption=_TRACKING_CAPTION, box=SIMPLE_HEAD)
    for name in _TRACKING_COLUMNS:
        table.add_column(Text(name), justify="right")
    for episode, errors in zip(summary.episodes, summary.tracking, strict=True):
        position = (
            ["-"] * 3 if errors.position is None else _format(1e3 * np.array(errors.position))
        )
        yaw = ["-"] * 3 if errors.yaw is None else _format(np.degrees(errors.yaw))
        seen = f"{100.0 * errors.share:.1f} %"
        table.add_row(f"{episode.number}", f"{episode.seed}", seen, *position, *yaw)
    return table


def topic_table(summary: DemoSummary) -> Table:
    """One row per topic; the periodic ones with stamps first.

    Args:
        summary: The figures.

    Returns:
        A table to be printed by a ``rich`` console.
    """
    table = Table(title="Topics", caption=_TOPIC_CAPTION, box=SIMPLE_HEAD)
    table.add_column("topic", overflow="fold")
    for name in _TOPIC_COLUMNS:
        table.add_column(Text(name), justify="right")
    for topic, (nominal_hz, delivery) in summary.deliveries.items():
        table.add_row(
            topic,
            f"{nominal_hz:g}",
            f"{delivery.rate_hz:.1f}",
            f"{delivery.wall_rate_hz:.1f}",
            f"{delivery.lost}",
            f"{100.0 * delivery.share:.2f} %",
        )
    for topic, wall_rate_hz in summary.other_rates_hz.items():
        table.add_row(topic, "-", "-", f"{wall_rate_hz:.1f}", "-", "-")
    return table


def _episode_cells(episode: EpisodeRecord) -> tuple[str, ...]:
    succeeded_at_s = episode.time_to_success_s
    return (
        f"{episode.number}",
        f"{episode.seed}",
        "yes" if episode.success else "no",
        "-" if succeeded_at_s is None else f"{succeeded_at_s:.2f}",
        f"{1e3 * episode.final.distance_to_goal:.1f}",
        f"{np.degrees(episode.final.yaw_error):.1f}",
        f"{1e3 * episode.final.margin:.1f}",
        f"{episode.real_time_factor:.3f}",
    )


def _format(errors: np.ndarray) -> list[str]:
    return [f"{error:.1f}" for error in errors]
