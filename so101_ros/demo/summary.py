"""The figures of a demo: everything that is reported, in one place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from so101_ros.demo.delivery import Delivery
from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.tracking_errors import TrackingErrors
from so101_ros.evaluation.machine import MachineFacts


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What a demo came to.

    Attributes:
        started: When it began, as ISO 8601 with its time zone.
        interrupted: Whether it was stopped before the last episode.
        failure: Why the graph failed; None if it did not.
        machine: Where it ran.
        settings: What was asked for.
        episodes: The episodes that were finished.
        deliveries: Delivery by topic, over all episodes; with the topic's nominal rate in [Hz].
        other_rates_hz: Messages per wall second of every other topic, by topic.
        recorder_cpu: Processor share of recording and watching, in cores.
        tracking: What a camera's poses were worth, for each episode; empty if the graph knew the
            truth.
    """

    started: str
    interrupted: bool
    failure: str | None
    machine: MachineFacts
    settings: dict[str, Any]
    episodes: tuple[EpisodeRecord, ...]
    deliveries: Mapping[str, tuple[float, Delivery]]
    other_rates_hz: Mapping[str, float]
    recorder_cpu: float
    tracking: tuple[TrackingErrors, ...] = ()

    @property
    def successes(self) -> int:
        """Episodes that succeeded."""
        return sum(episode.success for episode in self.episodes)

    @property
    def real_time_factor(self) -> float | None:
        """Simulated time per wall time over all episodes; None without an episode."""
        if not self.episodes:
            return None
        simulated_s = sum(episode.duration_s for episode in self.episodes)
        return simulated_s / sum(episode.wall_s for episode in self.episodes)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with units in the names."""
        return {
            "started": self.started,
            "interrupted": self.interrupted,
            "failure": self.failure,
            "machine": self.machine.to_dict(),
            "settings": self.settings,
            "episodes_finished": len(self.episodes),
            "successes": self.successes,
            "real_time_factor": self.real_time_factor,
            "recorder_cpu_cores": self.recorder_cpu,
            "episodes": [
                {**_episode_to_dict(episode), **self._tracking_of(index)}
                for index, episode in enumerate(self.episodes)
            ],
            "topics": {
                topic: _delivery_to_dict(nominal_hz, delivery)
                for topic, (nominal_hz, delivery) in self.deliveries.items()
            },
            "other_topics_wall_rate_hz": dict(self.other_rates_hz),
        }

    def _tracking_of(self, index: int) -> dict[str, Any]:
        return {"tracker": self.tracking[index].to_dict()} if self.tracking else {}

    def save(self, path: Path) -> None:
        """Write the figures as JSON."""
        path.write_text(json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n")


def _episode_to_dict(episode: EpisodeRecord) -> dict[str, Any]:
    return {
        "episode": episode.number,
        "seed": episode.seed,
        "success": episode.success,
        "reported_success": episode.reported_success,
        "time_to_success_s": episode.time_to_success_s,
        "final_distance_to_goal_m": episode.final.distance_to_goal,
        "final_yaw_error_rad": episode.final.yaw_error,
        "final_margin_m": episode.final.margin,
        "duration_s": episode.duration_s,
        "wall_s": episode.wall_s,
        "real_time_factor": episode.real_time_factor,
        "start_ns": episode.start_ns,
        "end_ns": episode.end_ns,
    }


def _delivery_to_dict(nominal_hz: float, delivery: Delivery) -> dict[str, float]:
    return {
        "nominal_hz": nominal_hz,
        "rate_hz": delivery.rate_hz,
        "wall_rate_hz": delivery.wall_rate_hz,
        "expected": delivery.expected,
        "received": delivery.received,
        "lost": delivery.lost,
        "delivered": delivery.share,
    }
