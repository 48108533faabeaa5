"""One episode to evaluate, and the process that runs it."""

from dataclasses import dataclass
from functools import lru_cache

from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.rollout import Rollout
from so101_ros.policies.registry import PolicyContext, make_policy
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld


@dataclass(frozen=True, slots=True)
class EpisodeTask:
    """One episode to evaluate; all that a worker needs to know.

    Attributes:
        policy: Who is tried, as the user typed it.
        seed: Seed of the start, and of the policy's own choices.
        scene: What the scene is made of.
    """

    policy: str
    seed: int
    scene: SceneConfig


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
    return _build_rollout(task.policy, task.scene).run(task.seed)


@lru_cache(maxsize=64)  # of a few megabytes each
def _build_rollout(policy: str, scene: SceneConfig) -> Rollout:
    world = LockStepWorld.build(scene)
    backend = world.simulator.backend
    context = PolicyContext(scene, backend.arm, backend.place_paper)
    return Rollout(make_policy(policy, context), world, policy)
