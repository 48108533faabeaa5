"""One episode to evaluate, and the process that runs it."""

from dataclasses import dataclass, field
from functools import lru_cache

from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.rollout import Rollout
from so101_ros.groot.settings import GrootSettings
from so101_ros.policies.registry import PolicyContext, make_policy
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.sight import Sight

TRUTH = "truth"
CAMERA = "camera"
PERCEPTION = (TRUTH, CAMERA)
"""Who may tell a policy where the sheet is."""


@dataclass(frozen=True, slots=True)
class EpisodeTask:
    """One episode to evaluate; all that a worker needs to know.

    Attributes:
        policy: Who is tried, as the user typed it.
        seed: Seed of the start, and of the policy's own choices.
        scene: What episodes are drawn from.
        perception: Who tells the policy where the sheet is: ``truth``, or ``camera``.
        groot: The GR00T model, for policies that ask one.
    """

    policy: str
    seed: int
    scene: SceneTier
    perception: str = TRUTH
    groot: GrootSettings = field(default_factory=GrootSettings)


def run_task(task: EpisodeTask) -> EvaluatedEpisode:
    """Run one episode in this process.

    Scene and policy are built once and kept for the next episode; an episode depends on its seed
    alone, not on those that ran before it.

    Args:
        task: The episode.

    Returns:
        What it came to, and everything that happened in it.

    Raises:
        So101Error: If scene or policy cannot be built.
    """
    return _build_rollout(task.policy, task.scene, task.perception, task.groot).run(task.seed)


@lru_cache(maxsize=64)  # of a few megabytes each, and what a local GR00T model takes
def _build_rollout(policy: str, tier: SceneTier, perception: str, groot: GrootSettings) -> Rollout:
    world = LockStepWorld.build(tier)
    backend = world.simulator.backend
    if perception == CAMERA:
        world.simulator.sight = _open_eyes(backend, tier.nominal)
    context = PolicyContext(tier.nominal, backend.arm, backend.place_paper, world.simulator, groot)
    return Rollout(make_policy(policy, context), world, policy)


def _open_eyes(backend: MujocoBackend, nominal: SceneConfig) -> Sight:
    # Imports OpenCV and SciPy, for which those who are told the truth should not wait.
    from so101_ros.perception.simulated_sight import SimulatedSight

    return SimulatedSight(backend, nominal)
