"""Arm and sheet under blender and guard, one policy tick at a time, as the graph runs them."""

import numpy as np

from so101_ros.blend_settings import Base, BlendSettings
from so101_ros.blending import Blender
from so101_ros.control.commander import Commanded, Commander
from so101_ros.control.follower import CommandFollower
from so101_ros.control.guard import Guard
from so101_ros.observation import Observation
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.simulation.episode import Episode
from so101_ros.simulation.simulator import Simulator
from so101_ros.task.situation import Situation
from so101_ros.trajectory import JointOffsets, JointTrajectory


class LockStepWorld:
    """Everything between a policy's answer and its next observation, without ROS.

    The Gymnasium environment and the evaluation run on it; the graph in lock-step gives the same
    numbers.

    Attributes:
        simulator: The arm and the sheet, in lock-step.
        commander: Blender and guard.
    """

    def __init__(self, simulator: Simulator, blend: BlendSettings | None = None) -> None:
        """Put blender and guard in front of a simulator.

        Args:
            simulator: The arm and the sheet, in lock-step.
            blend: How base and residual are mixed; None for the defaults.
        """
        self.simulator = simulator
        guard = Guard(simulator.backend.arm, simulator.rates)
        self.commander = Commander(Blender(blend), guard)
        self._answers: DelayLine[JointTrajectory] = DelayLine()
        self._inference_ns = 0

    @classmethod
    def build(
        cls,
        tier: SceneTier | None = None,
        blend: BlendSettings | None = None,
    ) -> "LockStepWorld":
        """Compile a scene.

        Args:
            tier: What episodes are drawn from; None for the nominal scene.
            blend: How base and residual are mixed; None for the defaults.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        tier = tier or SceneTier()
        backend = MujocoBackend(tier.nominal)
        follower = CommandFollower(backend.arm)
        return cls(Simulator(backend, follower, tier, lock_step=True), blend)

    @property
    def observation(self) -> Observation:
        """What a policy sees now."""
        return self.simulator.observation

    @property
    def situation(self) -> Situation:
        """What the judge knows: the truth at the observation's stamp."""
        return self.simulator.situation

    @property
    def q(self) -> np.ndarray:
        """True joint positions at the observation's stamp, in [rad]. Shape (6,)."""
        return self.simulator.true_q

    def reset(self, seed: int) -> Episode:
        """Begin an episode; the same seed begins the same one.

        Args:
            seed: Seed of everything random in it.

        Returns:
            How it begins.
        """
        episode = self.simulator.reset(seed)
        self._answers.clear()
        delay_s = self.simulator.backend.config.delay.inference_s
        self._inference_ns = round(delay_s * NANOSECONDS)
        return episode

    def step(
        self, action: JointTrajectory | None, residual: JointOffsets | None = None
    ) -> Commanded:
        """Run one policy tick: blend, guard, move.

        Args:
            action: The base policy's answer to the current observation; None if it has none. The
                blender then goes on with the last one until that is stale, and then holds. It gets
                the answer at the first tick that is not before the scene's inference delay is over.
            residual: A correction of it; None for none.

        Returns:
            The command, and what it was made of.

        Raises:
            CommandError: If the answer is not to this observation; nothing has moved then.
            SimulationError: If the physics has become unstable.
        """
        joints = self.simulator.joint_state
        self.commander.observe(joints.stamp_ns)
        if action is not None:
            self._answers.send(action, joints.stamp_ns + self._inference_ns)
        for answer in self._answers.arrivals(joints.stamp_ns):
            self.commander.blender.accept(Base.IK, answer)
        if residual is not None:
            self.commander.blender.accept_residual(residual)
        commanded = self.commander.command(joints)
        self.simulator.accept(commanded.command)
        self.simulator.advance(self.simulator.rates.control_ticks_per_policy)
        return commanded
