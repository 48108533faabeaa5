"""Build environments from the keyword arguments of ``gymnasium.make``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from so101_ros.adaptation.filter_text import NONE
from so101_ros.envs.images import ImageSettings
from so101_ros.envs.paper_return import VIEW, PaperReturnEnv
from so101_ros.envs.residual import SCALE, ResidualWrapper
from so101_ros.errors import ConfigError
from so101_ros.policies.registry import PolicyContext, check_policy, make_policy
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.task.paper_return import PaperReturnTask
from so101_ros.task.reward import RewardWeights
from so101_ros.task.starts import PaperStarts


def make_paper_return(
    scene: SceneTier | SceneConfig | str | None = None,
    starts: PaperStarts | None = None,
    reward_weights: RewardWeights | None = None,
    render_mode: str | None = None,
    render_camera: str = VIEW.cameras[0],
    render_size: Sequence[int] = VIEW.size,
    images: ImageSettings | None = None,
) -> PaperReturnEnv:
    """Build ``so101_ros/PaperReturn-v0``: the state alone.

    Args:
        scene: What episodes are drawn from: a name or file as ``so101 eval --scene`` takes it, a
            tier, or one scene; None for the nominal one.
        starts: Where sheets lie at the start; None for the tier's.
        reward_weights: How much each term of the reward counts; None for the defaults.
        render_mode: ``"rgb_array"``, or None.
        render_camera: What ``render`` looks through.
        render_size: Width and height of its picture in [px].
        images: Pictures beside the state; None for none.

    Raises:
        ConfigError: If an argument is not allowed.
        AssetError: If the robot model does not exist.
        ModelError: If it is not an SO-101.
    """
    _check_type(reward_weights, RewardWeights)
    tier = _read_tier(scene, starts)
    view = _images((render_camera,), render_size)
    world = LockStepWorld.build(tier)
    task = PaperReturnTask(world.simulator.rates, reward_weights)
    return PaperReturnEnv(world, task, images, render_mode, view)


def make_paper_return_image(
    cameras: Sequence[str] = ("top",),
    image_size: Sequence[int] = (224, 224),
    image_filter: str = NONE,
    **common: Any,
) -> PaperReturnEnv:
    """Build ``so101_ros/PaperReturnImage-v0``: state and images.

    Args:
        cameras: What the observation's images are taken with.
        image_size: Width and height of each in [px].
        image_filter: What makes the images look like photos, as ``so101 photos apply --filter``
            takes it.
        common: What :func:`make_paper_return` takes.

    Raises:
        So101Error: As :func:`make_paper_return` does.
    """
    images = replace(_images(cameras, image_size), image_filter=image_filter)
    return make_paper_return(images=images, **common)


def make_paper_return_residual(
    base_policy: str = "ik", alpha: float = 1.0, scale: float = SCALE, **common: Any
) -> ResidualWrapper:
    """Build ``so101_ros/PaperReturnResidual-v0``: a correction of a base policy.

    Args:
        base_policy: Name of the base, as ``so101 eval --policy`` takes it.
        alpha: Share of the correction that is applied, in [0, 1].
        scale: Correction at an action of 1, in [rad].
        common: What :func:`make_paper_return` takes.

    Raises:
        So101Error: As :func:`make_paper_return` does, or if the policy cannot be made.
    """
    check_policy(base_policy)
    env = make_paper_return(**common)
    simulator = env.world.simulator
    backend = simulator.backend
    context = PolicyContext(simulator.tier.nominal, backend.arm, backend.place_paper, simulator)
    return ResidualWrapper(env, make_policy(base_policy, context), alpha, scale)


def _images(cameras: Sequence[str], size: Sequence[int]) -> ImageSettings:
    """Take lists too: a configuration file knows no tuples."""
    names = (cameras,) if isinstance(cameras, str) else tuple(cameras)
    if not isinstance(size, Sequence | np.ndarray):
        raise ConfigError(f"an image size is (width, height) in whole px, got {size!r}")
    return ImageSettings(names, tuple(size))  # pyright: ignore[reportArgumentType]


def _read_tier(
    scene: SceneTier | SceneConfig | str | None, starts: PaperStarts | None
) -> SceneTier:
    _check_type(starts, PaperStarts)
    if isinstance(scene, str):
        tier = load_tier(scene)
    elif scene is None or isinstance(scene, SceneConfig):
        tier = SceneTier(nominal=scene or SceneConfig())
    elif isinstance(scene, SceneTier):
        tier = scene
    else:
        raise ConfigError(
            f"scene {scene!r} is none; give a name or file as so101 eval --scene takes it, a "
            "SceneTier, a SceneConfig or None"
        )
    return tier if starts is None else replace(tier, starts=starts)


def _check_type(value: object, expected: type) -> None:
    if value is not None and not isinstance(value, expected):
        raise ConfigError(f"{value!r} is no {expected.__name__}; give one, or None")
