"""Run measurements one after the other and report them."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from so101_ros.benchmark.camera_node import measure_cameras
from so101_ros.benchmark.delays import measure_delays
from so101_ros.benchmark.environment import measure_environment
from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.graph import measure_graph
from so101_ros.benchmark.groot_speed import measure_groot
from so101_ros.benchmark.ik import measure_ik
from so101_ros.benchmark.lock_step_graph import measure_lock_step_graph
from so101_ros.benchmark.perception_figures import measure_perception
from so101_ros.benchmark.physics import measure_physics
from so101_ros.benchmark.renderer import measure_rendering
from so101_ros.benchmark.success import measure_success
from so101_ros.bringup.node_logs import NodeLogs
from so101_ros.errors import ConfigError, So101Error
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.nodes.middleware import prepare_environment

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_CAMERA_TICKS = 105
_LOCK_STEP_EPISODES = 20


def run_bench(
    names: Sequence[str], episodes: int, duration_s: float, out: Path, console: Console
) -> int:
    """Measure, show and save; what was measured before a failure is kept.

    Args:
        names: What to measure.
        episodes: Seeds to run for the success rate.
        duration_s: Wall time to listen to a graph, in [s].
        out: Folder of ``bench.json`` and of what the nodes wrote.
        console: Where to show it.

    Returns:
        0 if all were made, 1 if one failed, 130 after Ctrl-C.

    Raises:
        ConfigError: If the folder cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise ConfigError(f"--out {out} cannot be made: {err.strerror}") from err
    prepare_environment()
    machine = MachineFacts.collect()
    console.print(machine.describe(), highlight=False, markup=False)
    figures: list[Figure] = []
    with NodeLogs(out / "nodes.log") as logs:
        measurements = _select(names, episodes, duration_s, logs, console)
        code = _measure_all(measurements, figures, console)
    _save(machine, figures, out / "bench.json")
    console.print(_table(figures))
    return code


def _select(
    names: Sequence[str], episodes: int, duration_s: float, logs: NodeLogs, console: Console
) -> dict[str, Callable[[], list[Figure]]]:
    measurements: dict[str, Callable[[], list[Figure]]] = {
        "physics": measure_physics,
        "ik": measure_ik,
        "success": lambda: measure_success(episodes, partial(_track, console)),
        "environment": measure_environment,
        "rendering": measure_rendering,
        "perception": lambda: measure_perception(track=partial(_track_names, console)),
        "cameras": lambda: measure_cameras(320, 240, _CAMERA_TICKS, logs.write),
        "graph": lambda: measure_graph(320, 240, duration_s, logs.write),
        "graph-vga": lambda: measure_graph(640, 480, duration_s, logs.write),
        "graph-lockstep": lambda: measure_lock_step_graph(_LOCK_STEP_EPISODES, logs),
        "delays": lambda: measure_delays(duration_s, logs.write),
        "groot": lambda: measure_groot(partial(_say, console)),
    }
    return {name: measurements[name] for name in names}


def _measure_all(
    measurements: dict[str, Callable[[], list[Figure]]], figures: list[Figure], console: Console
) -> int:
    try:
        for name, measure in measurements.items():
            console.print(f"measuring {name}", highlight=False)
            figures.extend(measure())
    except So101Error as err:
        sys.stderr.write(f"so101 bench: error: {err}\n")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return EXIT_OK


def _say(console: Console, text: str) -> None:
    console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)


def _track(console: Console, seeds: range) -> Iterable[int]:
    return track(seeds, "episodes", console=console, transient=True)


def _track_names(console: Console, names: Sequence[str]) -> Iterable[str]:
    return track(names, "conditions", console=console, transient=True)


def _save(machine: MachineFacts, figures: Sequence[Figure], path: Path) -> None:
    report = {
        "measured": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.to_dict(),
        "figures": [figure.to_dict() for figure in figures],
    }
    path.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n")


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("measured")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("note")
    for figure in figures:
        table.add_row(figure.name, _digits(figure.value), figure.unit, figure.note)
    return table


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.4g}"
