"""What can be chosen about an evaluation."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from so101_ros.errors import ConfigError
from so101_ros.evaluation.episode_task import CAMERA, PERCEPTION, TRUTH
from so101_ros.evaluation.software import software_versions
from so101_ros.groot.settings import GrootSettings
from so101_ros.policies.names import GROOT, HYBRID
from so101_ros.policies.registry import check_policy
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier

THROUGH = ("env", "graph")
ENGINES = ("processes", "ray")


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """The settings of an evaluation.

    Attributes:
        policies: Who is tried; see :data:`so101_ros.policies.names.POLICIES`.
        episodes: How many episodes each of them runs.
        seed: Seed of the first; the others count on. All policies get the same.
        scene: Name or file of the scene.
        perception: Who tells the policies where the sheet is: ``truth``, or the tracker behind the
            top ``camera``. The judge always knows the truth.
        through: ``env`` for the loop without ROS, ``graph`` for the nodes over DDS in lock-step.
        jobs: Processes.
        engine: Who runs them: ``processes`` of this machine, or ``ray``.
        address: A running Ray cluster; empty to start one here.
        groot: The GR00T model, for policies that ask one.
        out: Folder of the files.
        videos: Whether to make videos.
        tier: What that scene is drawn from; read once, so that a file that is edited meanwhile does
            not change the scene halfway.
    """

    policies: tuple[str, ...]
    episodes: int = 100
    seed: int = 0
    scene: str = "nominal"
    perception: str = TRUTH
    through: str = "env"
    jobs: int = 1
    engine: str = "processes"
    address: str = ""
    groot: GrootSettings = field(default_factory=GrootSettings)
    out: Path = Path("out/eval")
    videos: bool = True
    tier: SceneTier = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is.

        Raises:
            ConfigError: If a setting is not allowed.
            AssetError: If the scene names a robot model that does not exist.
        """
        for name, lowest in (("episodes", 1), ("seed", 0), ("jobs", 1)):
            if getattr(self, name) < lowest:
                raise ConfigError(f"--{name} must be at least {lowest}, got {getattr(self, name)}")
        _check_choice("through", self.through, THROUGH)
        _check_choice("engine", self.engine, ENGINES)
        _check_choice("perception", self.perception, PERCEPTION)
        self._check_policies()
        if self.through == "graph" and (self.jobs > 1 or self.engine != "processes"):
            raise ConfigError(
                "--through graph runs one graph on this machine: leave --jobs and --engine out"
            )
        if self.address and self.engine != "ray":
            raise ConfigError(f"--address {self.address} is for --engine ray only")
        if self.perception == CAMERA and self.through == "graph":
            raise ConfigError(
                "--perception camera cannot run in lock-step, which would wait for every lost "
                "image; use --through env, or so101 demo --perception camera for the graph"
            )
        object.__setattr__(self, "tier", load_tier(self.scene))

    @property
    def seeds(self) -> range:
        """Seeds of the episodes."""
        return range(self.seed, self.seed + self.episodes)

    @property
    def uses_groot(self) -> bool:
        """Whether a policy asks a GR00T model."""
        return not {GROOT, HYBRID}.isdisjoint(self.policies)

    @property
    def conditions(self) -> dict[str, Any]:
        """What episodes must share to be compared, as plain data."""
        return {
            "scene": self.tier.to_dict(),
            "robot_model_sha256": _digest(self.tier.nominal.robot_path),
            "perception": self.perception,
            "through": self.through,
            "software": software_versions(),
            **self.groot_conditions,
        }

    @property
    def groot_conditions(self) -> dict[str, str]:
        """The model, if a policy asks one: what is told of it, by option."""
        if not self.uses_groot:
            return {}
        groot = self.groot
        return {
            "groot_profile": groot.profile,
            "groot_provider": groot.provider,
            "groot_timing": groot.timing.value,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a JSON file."""
        return {
            "policies": list(self.policies),
            "episodes": self.episodes,
            "seed": self.seed,
            "scene": self.scene,
            "perception": self.perception,
            "through": self.through,
            "jobs": self.jobs,
            "engine": self.engine,
        } | {"conditions": self.conditions}

    def _check_policies(self) -> None:
        if not self.policies:
            raise ConfigError("--policy is missing: name at least one")
        if len(set(self.policies)) < len(self.policies):
            raise ConfigError(f"--policy names one twice: {', '.join(self.policies)}")
        for policy in self.policies:
            check_policy(policy)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"--{name} {value!r} is not allowed. Allowed: {', '.join(allowed)}")
