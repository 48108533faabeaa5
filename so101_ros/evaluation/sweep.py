"""The same policies in several scenes: which evaluations there are, and what they came to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from so101_ros.errors import ConfigError, RecordingError
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.evaluation.wilson import Interval
from so101_ros.randomization.load import tier_names

ALL_SCENES = "scenes"
"""What a user types for every scene that comes with the package."""

_WHO_RUNS = ("jobs", "engine")
"""Settings that change no episode."""


@dataclass(frozen=True, slots=True)
class SweepCell:
    """One policy in one scene.

    Attributes:
        scene: Name of the scene.
        policy: Who was tried.
        episodes: How often.
        successes: Episodes that succeeded.
        interval: 95 % interval of the success rate (Wilson).
        time_to_success_s: Mean over the successes, in [s]; None without one.
        errors: Episodes that say nothing about the policy, since it or the physics broke.
    """

    scene: str
    policy: str
    episodes: int
    successes: int
    interval: Interval
    time_to_success_s: float | None
    errors: int

    @classmethod
    def read(cls, scene: str, summary: dict[str, Any]) -> "SweepCell":
        """Take a policy's summary out of an evaluation's results.

        Args:
            scene: Name of the scene.
            summary: Plain data of the policy.
        """
        time_s = summary["time_to_success_s"]
        return cls(
            scene=scene,
            policy=summary["policy"],
            episodes=summary["episodes"],
            successes=summary["successes"],
            interval=Interval(*summary["success_rate_wilson_95"]),
            time_to_success_s=None if time_s is None else time_s["mean"],
            errors=summary["policy_errors"] + summary["simulations_unstable"],
        )

    @property
    def success_rate(self) -> float:
        """Observed share of successes, in [0, 1]."""
        return self.successes / self.episodes

    def to_dict(self) -> dict[str, Any]:
        """Plain data with units in the names."""
        return {
            "scene": self.scene,
            "policy": self.policy,
            "episodes": self.episodes,
            "successes": self.successes,
            "errors": self.errors,
            "success_rate": self.success_rate,
            "success_rate_wilson_95": list(self.interval),
            "mean_time_to_success_s": self.time_to_success_s,
        }


@dataclass(frozen=True, slots=True)
class SweepResults:
    """What a sweep came to.

    Attributes:
        command: What a user types to run it again.
        evaluations: The settings of each scene's evaluation, in order.
        cells: Every policy in every scene that has been judged.
    """

    command: str
    evaluations: Sequence[EvaluationSettings]
    cells: Sequence[SweepCell]

    @property
    def scenes(self) -> list[str]:
        """Names of the scenes, in order."""
        return [each.tier.name for each in self.evaluations]

    @property
    def policies(self) -> tuple[str, ...]:
        """Who was tried."""
        return self.evaluations[0].policies

    def find(self, scene: str, policy: str) -> SweepCell | None:
        """What a policy came to in a scene; None if nobody could be judged there."""
        named = [each for each in self.cells if (each.scene, each.policy) == (scene, policy)]
        return named[0] if named else None


def plan_sweep(text: str, settings: EvaluationSettings) -> list[EvaluationSettings]:
    """Find the scenes, and give each a folder of its own.

    Args:
        text: ``scenes`` for all, or names and files with commas between.
        settings: What to run in each.

    Returns:
        The settings of each scene's evaluation.

    Raises:
        ConfigError: If a scene is unknown or broken, two have the same name, or one cannot be run
            with these settings.
        AssetError: If a scene names a robot model that does not exist.
    """
    scenes = tier_names() if text == ALL_SCENES else [each.strip() for each in text.split(",")]
    found = [replace(settings, scene=scene) for scene in scenes]
    names = [each.tier.name for each in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"--sweep names a scene twice: {', '.join(sorted(twice))}")
    return [replace(each, out=settings.out / each.tier.name) for each in found]


def read_finished(settings: EvaluationSettings) -> list[SweepCell] | None:
    """Read an evaluation that is finished.

    Args:
        settings: What was to be run.

    Returns:
        Every policy of it; None if there is no evaluation, or one that was run otherwise.

    Raises:
        RecordingError: If its results are damaged.
    """
    path = settings.out / "results.json"
    if not path.is_file():
        return None
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        if _episodes_of(results["settings"]) != _episodes_of(settings.to_dict()):
            return None
        return [SweepCell.read(settings.tier.name, each) for each in results["policies"]]
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as err:
        raise RecordingError(
            f"{path} holds no results: {err}; remove it, and the same command writes it again"
        ) from err


def check_folder(out: Path) -> None:
    """Refuse a folder that holds one evaluation: its files would stand among those of a sweep.

    Args:
        out: Folder of the sweep.

    Raises:
        ConfigError: If that is so.
    """
    if (out / "run.json").exists():
        raise ConfigError(f"--out {out} holds a single evaluation; give another path for a sweep")


def _episodes_of(settings: dict[str, Any]) -> dict[str, Any]:
    """What decides about the episodes."""
    return {name: value for name, value in settings.items() if name not in _WHO_RUNS}
