"""Paper return as a Gymnasium environment."""

import math
from contextlib import suppress
from copy import deepcopy
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from so101_ros.arm import NUM_JOINTS
from so101_ros.control.commander import Commanded
from so101_ros.control.kinematics import ArmKinematics
from so101_ros.envs.images import ImageSettings, Photographer
from so101_ros.envs.info import StepInfo
from so101_ros.errors import CommandError, ConfigError, SimulationError
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.scene import TOOL
from so101_ros.simulation.truths import ImageMoment
from so101_ros.task.measures import PaperMeasures
from so101_ros.task.paper_return import PaperReturnTask
from so101_ros.task.reward import TASK_TERMS
from so101_ros.task.state_vector import STATE_SIZE, state_vector
from so101_ros.trajectory import JointTrajectory

Observed = np.ndarray | dict[str, np.ndarray]
"""The state vector, or a dictionary of it and the images."""

VIEW = ImageSettings(("top",), (320, 240))
"""What ``render`` shows unless told otherwise."""

_SEEDS = 2**31  # seeds that are drawn fit every generator's idea of a seed
_MOST_DRAWS = 10  # of seeds for one episode; then it is not the draw that is wrong


class PaperReturnEnv(gymnasium.Env[Observed, np.ndarray]):
    """Return the sheet into its frame, one policy tick per step.

    An action is the joint targets for the end of the tick, in [rad] and in arm order: the same
    numbers that a policy answers. They go through the blender and the guard, as they do in the ROS
    graph. ``reset(seed=s)`` begins episode ``s`` as evaluation and graph begin it.

    Attributes:
        world: Arm and sheet; ``world.observation`` is what a policy sees.
        task: The judge.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 30}  # noqa: RUF012

    def __init__(
        self,
        world: LockStepWorld,
        task: PaperReturnTask | None = None,
        images: ImageSettings | None = None,
        render_mode: str | None = None,
        view: ImageSettings = VIEW,
    ) -> None:
        """Put the world and its judge behind Gymnasium's interface.

        Args:
            world: Arm and sheet.
            task: The judge; None for the task's own.
            images: Pictures in the observation; None for the state alone.
            render_mode: ``"rgb_array"``, or None for no pictures to watch.
            view: What ``render`` shows; the first camera counts.

        Raises:
            ConfigError: If the scene lacks a camera, a size is not allowed, or the render mode is
                unknown.
        """
        backend = world.simulator.backend
        rates = world.simulator.rates
        if render_mode not in (None, "rgb_array"):
            raise ConfigError(f"render_mode must be None or 'rgb_array', got {render_mode!r}")
        self.world = world
        self.task = task or PaperReturnTask(rates)
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "render_fps": rates.policy_hz}
        self.action_space = spaces.Box(backend.arm.lower, backend.arm.upper, dtype=np.float64)
        self.observation_space = _observation_space(images)
        self._images = images and Photographer(backend.model, images)
        self._view = Photographer(backend.model, view)
        # What a learner believes: the joints as measured, the arm as it should be.
        self._kinematics = ArmKinematics(world.simulator.tier.nominal)
        self._times_s = np.array([0.0, rates.policy_period_s])
        self._rows_per_tick = rates.control_ticks_per_policy
        self._target: np.ndarray | None = None
        self._last: tuple[Observed, dict[str, Any]]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Which one; None draws the next one's seed from ``np_random``.
            options: Unused: there are none.

        Returns:
            Observation and info.

        Raises:
            SimulationError: If the physics becomes unstable before the first observation can be
                made; without a seed, only if that is so for many that were drawn in a row.
        """
        super().reset(seed=seed)
        del options  # Unused.
        self._target = None
        episode = self._begin(seed)
        if self._images is not None:
            self._images.begin(self.world.simulator.backend.config.look, episode)
        situation = self.world.situation
        measures = self.task.reset(situation)
        self._target = self.world.simulator.joint_state.q
        info = self._info(measures, False, dict(_NO_REWARD), self._target, False)
        return self._remember(self._observe(), info)

    def step(self, action: np.ndarray) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        """Run one policy tick.

        If the physics becomes unstable in it, the episode is truncated with the observation before
        and no reward, and ``info["simulation_unstable"]`` is true.

        Args:
            action: Joint targets for its end in [rad]; moved into the joint limits. Shape (6,).

        Returns:
            Observation, reward, whether the sheet is returned, whether time is up, info.

        Raises:
            CommandError: If the action is not six finite numbers; nothing moves then.
            ResetNeeded: If no episode has begun, or the physics has become unstable.
        """
        target = self._read(action)
        try:
            commanded = self._move(target)
        except SimulationError:
            return self._break_off()
        judgement = self.task.judge(self.world.situation)
        sent = commanded.command.rows[: self._rows_per_tick][-1]
        terms = dict(judgement.reward_terms)
        clipped = bool((sent != action).any())
        info = self._info(judgement.measures, judgement.success, terms, sent, clipped)
        truncated = judgement.time_is_up and not judgement.success
        observed, info = self._remember(self._observe(), info)
        return observed, judgement.reward, judgement.success, truncated, info

    def render(self) -> np.ndarray | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take a picture for people.

        Returns:
            RGB pixels, shape (height, width, 3), uint8; None without a render mode.

        Raises:
            RenderError: If this machine cannot render.
        """
        if self.render_mode is None:
            return None
        now = ImageMoment(0, self.world.simulator.backend.state)
        return next(iter(self._view.take(lambda camera: now).values()))

    def close(self) -> None:
        """Free the GL contexts; call it in the thread that rendered."""
        self._view.close()
        if self._images is not None:
            self._images.close()

    def _begin(self, seed: int | None) -> int:
        """Begin the episode of a seed, or of the first one drawn that begins; tell which it is."""
        if seed is not None:
            return self.world.reset(seed).seed
        for _ in range(_MOST_DRAWS - 1):
            with suppress(SimulationError):
                return self.world.reset(int(self.np_random.integers(_SEEDS))).seed
        return self.world.reset(int(self.np_random.integers(_SEEDS))).seed

    def _remember(
        self, observed: Observed, info: dict[str, Any]
    ) -> tuple[Observed, dict[str, Any]]:
        """Keep what is known while the physics is stable."""
        self._last = observed, info
        return observed, info

    def _break_off(self) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        """End an episode whose physics is no motion of anything."""
        self._target = None
        observed, info = deepcopy(self._last)  # they belong to whoever got them
        info |= {"reward_terms": dict(_NO_REWARD), "simulation_unstable": True}
        return observed, 0.0, False, True, info

    def _read(self, action: np.ndarray) -> np.ndarray:
        target = np.asarray(action, dtype=np.float64)
        if target.shape != (NUM_JOINTS,) or not all(map(math.isfinite, target.tolist())):
            raise CommandError(
                f"an action is {NUM_JOINTS} finite joint targets in rad, got {action!r}"
            )
        arm = self.world.simulator.backend.arm
        return target.clip(arm.lower, arm.upper)

    def _move(self, target: np.ndarray) -> Commanded:
        """Go from the last target to this one within the tick."""
        if self._target is None:
            raise gymnasium.error.ResetNeeded("no episode has begun; call reset() first")
        rows = np.array([self._target, target])
        stamp_ns = self.world.simulator.measured_ns
        commanded = self.world.step(JointTrajectory(stamp_ns, self._times_s, rows))
        self._target = target
        return commanded

    def _observe(self) -> Observed:
        simulator = self.world.simulator
        joints, paper = simulator.joint_state, simulator.paper_seen.pose
        assert paper is not None  # the environment's eyes know where the sheet is
        tool_position = self._kinematics.site_position(joints.q, TOOL)
        state = state_vector(joints, paper, tool_position)
        if self._images is None:
            return state
        return {"state": state, **self._images.take(simulator.image_moment)}

    def _info(
        self,
        measures: PaperMeasures,
        success: bool,
        reward_terms: dict[str, float],
        command: np.ndarray,
        clipped: bool,
    ) -> dict[str, Any]:
        info: StepInfo = {
            "is_success": success,
            "distance_to_goal": measures.distance_to_goal,
            "yaw_error": measures.yaw_error,
            "margin": measures.margin,
            "reward_terms": reward_terms,
            "seed": self.world.simulator.episode.seed,
            "ticks": self.task.ticks,
            "command": command.copy(),
            "clipped": clipped,
            "simulation_unstable": False,
        }
        return dict(info)


_NO_REWARD = dict.fromkeys(TASK_TERMS, 0.0)
"""What the reset is worth."""


def _observation_space(images: ImageSettings | None) -> spaces.Space[Any]:
    state = spaces.Box(-np.inf, np.inf, (STATE_SIZE,), np.float32)  # nothing bounds a velocity
    if images is None:
        return state
    pictures = {key: spaces.Box(0, 255, images.shape, np.uint8) for key in images.keys}
    return spaces.Dict({"state": state, **pictures})
