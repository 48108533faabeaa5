"""Arm and sheet under blender and guard, one policy tick at a time, as the graph runs them."""

from so101_ros.blending import Base, Blender, BlendSettings
from so101_ros.control.commander import Commanded, Commander
from so101_ros.control.follower import CommandFollower
from so101_ros.control.guard import Guard
from so101_ros.observation import Observation
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.simulator import Episode, Simulator
from so101_ros.task.situation import Situation
from so101_ros.task.starts import PaperStarts
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

    @classmethod
    def build(
        cls,
        config: SceneConfig | None = None,
        starts: PaperStarts | None = None,
        blend: BlendSettings | None = None,
    ) -> "LockStepWorld":
        """Compile a scene.

        Args:
            config: The scene; None for the nominal one.
            starts: Where sheets lie at the start; None for the task's.
            blend: How base and residual are mixed; None for the defaults.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        backend = MujocoBackend(config)
        follower = CommandFollower(backend.arm)
        simulator = Simulator(backend, follower, starts or PaperStarts(), 0, lock_step=True)
        return cls(simulator, blend)

    @property
    def observation(self) -> Observation:
        """What a policy sees now."""
        backend = self.simulator.backend
        return Observation(backend.joint_state, backend.paper)

    @property
    def situation(self) -> Situation:
        """What the judge knows now."""
        return self.simulator.backend.situation

    def reset(self, seed: int) -> Episode:
        """Begin an episode; the same seed begins the same one.

        Args:
            seed: Seed of everything random in it.

        Returns:
            How it begins.
        """
        return self.simulator.reset(seed)

    def step(
        self, action: JointTrajectory | None, residual: JointOffsets | None = None
    ) -> Commanded:
        """Run one policy tick: blend, guard, move.

        Args:
            action: The base policy's answer to the current observation; None if it has none. The
                blender then goes on with the last one until that is stale, and then holds.
            residual: A correction of it; None for none.

        Returns:
            The command, and what it was made of.

        Raises:
            CommandError: If the answer is not to this observation; nothing has moved then.
            SimulationError: If the physics has become unstable.
        """
        joints = self.simulator.backend.joint_state
        self.commander.observe(joints.stamp_ns)
        if action is not None:
            self.commander.blender.accept(Base.IK, action)
        if residual is not None:
            self.commander.blender.accept_residual(residual)
        commanded = self.commander.command(joints)
        self.simulator.accept(commanded.command)
        self.simulator.advance(self.simulator.rates.control_ticks_per_policy)
        return commanded
