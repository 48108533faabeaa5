"""The files of a sweep: plain data, rows, a page and a picture."""

import csv
import io
import json
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from so101_ros.drawing.figures import colour_of, save_figure
from so101_ros.errors import RecordingError
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.sweep import SweepResults
from so101_ros.evaluation.sweep_tables import sweep_markdown
from so101_ros.output_files import whole_file

SCHEMA_VERSION = 1
"""Grows when an entry changes its meaning or goes away; new ones may appear without."""

_COLUMNS = (
    "scene",
    "policy",
    "episodes",
    "successes",
    "errors",
    "success_rate",
    "wilson_95_low",
    "wilson_95_high",
    "mean_time_to_success_s",
)


def write_sweep(folder: Path, results: SweepResults, machine: MachineFacts, started: str) -> None:
    """Write ``sweep.json``, ``sweep.csv``, ``sweep.md`` and ``sweep.png``.

    Args:
        folder: Where they go; made if it does not exist.
        results: What the sweep came to.
        machine: Where the last part of it ran.
        started: When that began, as ISO 8601 with its time zone.

    Raises:
        RecordingError: If they cannot be written.
    """
    texts = {
        "sweep.json": _to_json(results, machine, started),
        "sweep.csv": _to_csv(results),
        "sweep.md": sweep_markdown(results),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with whole_file(folder / name) as stream:
                stream.write(text.encode())
        save_figure(draw_sweep(results), folder / "sweep.png")
    except OSError as err:
        raise RecordingError(f"{folder} cannot be written: {err.strerror}") from err


def draw_sweep(results: SweepResults) -> Figure:
    """Draw the success rates with their intervals, scene by scene."""
    figure = Figure(figsize=(8.0, 1.6 + 0.55 * len(results.scenes)), layout="constrained")
    axes = figure.add_subplot()
    shifts = 0.12 * (np.arange(len(results.policies)) - 0.5 * (len(results.policies) - 1))
    for index, policy in enumerate(results.policies):
        found = [(row, results.find(scene, policy)) for row, scene in enumerate(results.scenes)]
        judged = [(row, cell) for row, cell in found if cell is not None]
        reaches = [cell.interval.reach(cell.success_rate) for _, cell in judged]
        axes.errorbar(
            [100.0 * cell.success_rate for _, cell in judged],
            [row + shifts[index] for row, _ in judged],
            xerr=100.0 * np.array(reaches).reshape(-1, 2).T,
            fmt="o",
            capsize=4.0,
            color=colour_of(index),
            label=policy,
        )
    axes.set_yticks(range(len(results.scenes)), results.scenes)
    axes.set(xlim=(-2.0, 102.0), ylim=(len(results.scenes) - 0.4, -0.6))
    axes.set(xlabel="success rate [%], with 95 % interval (Wilson)", title="success by scene")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize="small", loc="lower left")
    return figure


def _to_csv(results: SweepResults) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    for cell in results.cells:
        time_s = cell.time_to_success_s
        writer.writerow(
            (
                *(cell.scene, cell.policy, cell.episodes, cell.successes, cell.errors),
                *(cell.success_rate, *cell.interval, "" if time_s is None else time_s),
            )
        )
    return stream.getvalue()


def _to_json(results: SweepResults, machine: MachineFacts, started: str) -> str:
    data = {
        "schema_version": SCHEMA_VERSION,
        "started": started,
        "command": results.command,
        "machine": machine.to_dict(),
        "scenes": [
            {
                "scene": each.tier.name,
                "description": each.tier.description,
                "results": f"{each.tier.name}/results.json",
                "settings": each.to_dict(),
            }
            for each in results.evaluations
        ],
        "cells": [cell.to_dict() for cell in results.cells],
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"
