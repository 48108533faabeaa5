"""The figures of a demo are complete, finite and the same on screen and in the file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from so101_ros.demo.delivery import Delivery
from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.summary import DemoSummary
from so101_ros.demo.tables import episode_table, topic_table, tracking_table
from so101_ros.demo.tracking_errors import TrackingErrors
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.rates import NANOSECONDS
from so101_ros.task.measures import PaperMeasures

SUCCESS = EpisodeRecord(
    number=1,
    seed=7,
    time_to_success_s=3.25,
    reported_success=True,
    final=PaperMeasures(distance_to_goal=0.0021, yaw_error=0.0175, margin=0.0154),
    start_ns=10 * NANOSECONDS,
    end_ns=14 * NANOSECONDS,
    wall_s=5.0,
    received_from_ns=0,
    received_until_ns=5 * NANOSECONDS,
)
FAILURE = EpisodeRecord(
    number=2,
    seed=8,
    time_to_success_s=None,
    reported_success=False,
    final=PaperMeasures(distance_to_goal=0.210, yaw_error=1.5, margin=-0.19),
    start_ns=20 * NANOSECONDS,
    end_ns=32 * NANOSECONDS,
    wall_s=15.0,
    received_from_ns=6 * NANOSECONDS,
    received_until_ns=21 * NANOSECONDS,
)


SEEN = TrackingErrors(120, 114, (0.0012, 0.0031, 0.0093), (0.001, 0.005, 0.0174533))
BLIND = TrackingErrors(360, 0, None, None)


def _summary(*episodes: EpisodeRecord) -> DemoSummary:
    return DemoSummary(
        started="2030-01-02T03:04:05+00:00",
        interrupted=False,
        failure=None,
        machine=MachineFacts.collect(),
        settings={"seed": 7, "episodes": 2},
        episodes=episodes,
        deliveries={"joint_states": (120, Delivery(1920, 1900, 16.0, 20.0))},
        other_rates_hz={"task/markers": 10.04},
        recorder_cpu=0.1,
    )


def _shown(table: Table) -> str:
    console = Console(width=80)  # the narrowest terminal that is common
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_real_time_factor_weighs_episodes_by_their_length() -> None:
    """Sixteen simulated seconds in twenty are 0.8, whatever the mean of the episodes is."""
    assert _summary(SUCCESS, FAILURE).real_time_factor == pytest.approx(0.8)
    assert _summary().real_time_factor is None


def test_successes_are_counted_not_assumed() -> None:
    """A failed episode stays a failure in the totals."""
    assert _summary(SUCCESS, FAILURE).successes == 1
    assert _summary(FAILURE).successes == 0


def test_the_file_holds_every_figure(tmp_path: Path) -> None:
    """The JSON file is strict JSON and tells what the records say."""
    path = tmp_path / "summary.json"
    _summary(SUCCESS, FAILURE).save(path)
    data = json.loads(path.read_text(), parse_constant=pytest.fail)
    first, second = data["episodes"]
    assert (first["success"], first["time_to_success_s"]) == (True, 3.25)
    assert (second["success"], second["time_to_success_s"]) == (False, None)
    assert first["real_time_factor"] == pytest.approx(0.8)
    assert second["final_margin_m"] == -0.19
    topic = data["topics"]["joint_states"]
    assert (topic["expected"], topic["received"], topic["lost"]) == (1920, 1900, 20)
    assert topic["wall_rate_hz"] == pytest.approx(95.0)


def test_machine_facts_name_what_was_measured_on() -> None:
    """Processor, cores, interpreter and physics version are known."""
    facts = MachineFacts.collect()
    assert facts.cpu
    assert facts.cores >= 1
    assert "mujoco" in facts.versions
    assert f"{facts.cores} cores" in facts.describe()


def test_the_episode_table_shows_units_and_failures() -> None:
    """Lengths in millimetres, angles in degrees, and a dash where there was no success."""
    text = _shown(episode_table(_summary(SUCCESS, FAILURE)))
    rows = [line.split() for line in text.splitlines() if " yes " in line or " no " in line]
    cells = [[cell for cell in row if cell not in "│┃"] for row in rows]
    assert cells == [
        ["1", "7", "yes", "3.25", "2.1", "1.0", "15.4", "0.800"],
        ["2", "8", "no", "-", "210.0", "85.9", "-190.0", "0.800"],
    ]
    assert "1 of 2 episodes succeeded" in text
    assert [unit in text for unit in ("[s]", "[mm]", "[deg]")] == [True] * 3


def test_the_topic_table_shows_losses() -> None:
    """Every topic has its nominal rate, its real rates and its losses."""
    text = _shown(topic_table(_summary(SUCCESS)))
    rows = [line.split() for line in text.splitlines() if "joint_states" in line or "mark" in line]
    assert [[cell for cell in row if cell not in "│┃"] for row in rows] == [
        ["joint_states", "120", "118.8", "95.0", "20", "98.96", "%"],
        ["task/markers", "-", "-", "10.0", "-", "-"],
    ]


def test_the_tracker_is_judged_beside_each_episode(tmp_path: Path) -> None:
    """Errors where there were poses, null where there were none, nothing without a tracker."""
    path = tmp_path / "summary.json"
    replace(_summary(SUCCESS, FAILURE), tracking=(SEEN, BLIND)).save(path)
    first, second = json.loads(path.read_text())["episodes"]
    assert first["tracker"] == {
        "pose_share": pytest.approx(0.95),
        "poses": 114,
        "median_error_m": 0.0012,
        "p95_error_m": 0.0031,
        "worst_error_m": 0.0093,
        "median_yaw_error_rad": 0.001,
        "p95_yaw_error_rad": 0.005,
        "worst_yaw_error_rad": 0.0174533,
    }
    assert (second["tracker"]["pose_share"], second["tracker"]["p95_error_m"]) == (0.0, None)
    _summary(SUCCESS).save(path)
    assert "tracker" not in json.loads(path.read_text())["episodes"][0]


def test_the_tracking_table_shows_errors_and_blindness() -> None:
    """Millimetres and degrees, and dashes where nothing was seen."""
    text = _shown(tracking_table(replace(_summary(SUCCESS, FAILURE), tracking=(SEEN, BLIND))))
    rows = [line.split() for line in text.splitlines() if " % " in line]
    assert [[cell for cell in row if cell not in "│┃"] for row in rows] == [
        ["1", "7", "95.0", "%", "1.2", "3.1", "9.3", "0.1", "0.3", "1.0"],
        ["2", "8", "0.0", "%", "-", "-", "-", "-", "-", "-"],
    ]
