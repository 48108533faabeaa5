"""Seeded episodes without ROS, run to success or to the time limit."""

from dataclasses import dataclass

from so101_ros.control.follower import CommandFollower
from so101_ros.evaluation.closed_loop import ClosedLoop, LoopTick
from so101_ros.policies.base import Policy
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.simulator import Simulator
from so101_ros.task.measures import PaperMeasures, measure
from so101_ros.task.starts import PaperStarts
from so101_ros.task.success import SuccessJudge


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an episode ended.

    Attributes:
        seed: What it was drawn with.
        success: Whether the sheet stayed in the frame for long enough.
        time_s: Simulated time until success or until the limit, in [s].
        measures: The sheet at the end.
        reason: Why there was no success; empty otherwise.
    """

    seed: int
    success: bool
    time_s: float
    measures: PaperMeasures
    reason: str


class Rollout:
    """Run seeded episodes of one policy in the simulator.

    Attributes:
        simulator: The arm and the sheet, in lock-step.
        policy: Who is tried.
    """

    def __init__(
        self,
        policy: Policy,
        config: SceneConfig | None = None,
        starts: PaperStarts | None = None,
    ) -> None:
        """Build the loop.

        Args:
            policy: Who is tried, as the IK base.
            config: The scene; None for the nominal one.
            starts: Where sheets lie at the start; None for the task's.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        backend = MujocoBackend(config)
        follower = CommandFollower(backend.arm)
        self.simulator = Simulator(backend, follower, starts or PaperStarts(), 0, lock_step=True)
        self.policy = policy
        self._loop = ClosedLoop(self.simulator, policy)

    def run(self, seed: int, policy_seed: int = 0) -> Outcome:
        """Run one episode to success or to the time limit.

        Args:
            seed: Seed of the start.
            policy_seed: Seed of the policy's own choices.

        Returns:
            How it ended.
        """
        rates = self.simulator.rates
        judge = SuccessJudge()
        self.policy.reset(policy_seed)
        self.simulator.reset(seed)
        for tick in range(1, rates.episode_ticks + 1):
            unavailable = self.step().unavailable
            measures = measure(self.simulator.backend.paper.planar)
            if judge.judge(measures):
                return Outcome(seed, True, tick / rates.policy_hz, measures, "")
        limit_s = rates.episode_ticks / rates.policy_hz
        return Outcome(seed, False, limit_s, measures, unavailable or "time limit")

    def step(self) -> LoopTick:
        """Run one policy tick, also outside of :meth:`run`."""
        return self._loop.step()
