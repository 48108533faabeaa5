"""Seeded episodes without ROS, run to success, to the time limit or until something breaks."""

import time
import traceback

import numpy as np

from so101_ros.arm import HOME_Q
from so101_ros.errors import SimulationError
from so101_ros.evaluation.episode import Ending, EvaluatedEpisode
from so101_ros.evaluation.trace_recorder import TraceRecorder, conclude
from so101_ros.policies.answer import Answer, PolicyFailure, ask, begin
from so101_ros.policies.base import Policy
from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.task.paper_return import Judgement, PaperReturnTask
from so101_ros.trajectory import JointTrajectory

TIME_LIMIT = "time limit"
UNSTABLE = (
    "the physics became unstable (a position, velocity or acceleration was huge or not finite): "
    "the scene is too stiff or too light for its time step"
)
"""The same for all episodes, so that they are one row in a table of what broke."""


class Rollout:
    """Run seeded episodes of one policy.

    Attributes:
        world: Arm and sheet, behind blender and guard.
        policy: Who is tried, as the IK base.
        task: The judge.
    """

    def __init__(
        self,
        policy: Policy,
        world: LockStepWorld | None = None,
        name: str = "policy",
        task: PaperReturnTask | None = None,
    ) -> None:
        """Close the loop.

        Args:
            policy: Who is tried, as the IK base.
            world: Arm and sheet, behind blender and guard; None for the nominal scene.
            name: What the results call the policy.
            task: The judge; None for the task's own.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        self.world = world or LockStepWorld.build()
        self.policy = policy
        self.task = task or PaperReturnTask(self.world.simulator.rates)
        self._name = name
        self._arm = self.world.simulator.backend.arm
        self._tick_ns = round(self.task.rates.policy_period_s * NANOSECONDS)

    def run(self, seed: int) -> EvaluatedEpisode:
        """Run one episode.

        Whatever the policy raises ends the episode and is told in its result: an evaluation must
        neither stop for it nor take it for a weak answer. The same holds for physics that becomes
        unstable.

        Args:
            seed: Seed of the start, and of the policy's own choices.

        Returns:
            What it came to, and everything that happened in it.
        """
        began_s = time.perf_counter()
        recorder = TraceRecorder(self.task.rates.policy_hz)
        details = ""
        try:
            self._begin_world(seed)
            self._record_state(recorder)
            begin(self.policy, seed)
            ending, message = self._play(recorder)
        except PolicyFailure as failure:
            ending, message = Ending.POLICY_ERROR, str(failure)
            details = "".join(traceback.format_exception(failure))
        except SimulationError:
            ending, message = Ending.SIMULATION_UNSTABLE, UNSTABLE
            if recorder.states == 0:
                self._record_start(seed, recorder)
        trace = recorder.trace()
        wall_s = time.perf_counter() - began_s
        result = conclude(trace, self._name, seed, ending, message, self._arm, wall_s)
        return EvaluatedEpisode(result, trace, details)

    def begin(self, seed: int) -> None:
        """Begin an episode, for :meth:`step`.

        Args:
            seed: Seed of the start, and of the policy's own choices.

        Raises:
            PolicyFailure: If the policy cannot begin.
        """
        self._begin_world(seed)
        begin(self.policy, seed)

    def step(self, recorder: TraceRecorder | None = None) -> tuple[Answer, Judgement]:
        """Run one policy tick of an episode that has begun.

        Args:
            recorder: Takes it in; None for nobody.

        Returns:
            What the policy said, and how the tick is judged.

        Raises:
            PolicyFailure: If the policy fails; nothing has moved then.
        """
        answer = ask(self.policy, self.world.observation)
        commanded = self.world.step(answer.action)
        judgement = self.task.judge(self.world.situation)
        if recorder is not None:
            recorder.add_tick(
                None if answer.action is None else self._end_of_tick(answer.action),
                self._end_of_tick(commanded.command),
                judgement.reward_terms,
                answer.inference_s,
            )
            self._record_state(recorder)
        return answer, judgement

    def _begin_world(self, seed: int) -> None:
        self.world.reset(seed)
        self.task.reset(self.world.situation)

    def _record_state(self, recorder: TraceRecorder) -> None:
        world = self.world
        recorder.add_state(world.q, world.simulator.joint_state.q, world.situation.paper)

    def _record_start(self, seed: int, recorder: TraceRecorder) -> None:
        """Note how an episode should have begun whose first moments were no motion of anything."""
        sheet = self.world.simulator.tier.start(seed)
        pose = Pose(np.array([*sheet.xy, 0.0]), yaw_to_quaternion(sheet.yaw))
        recorder.add_state(HOME_Q, HOME_Q, pose)

    def _play(self, recorder: TraceRecorder) -> tuple[Ending, str]:
        while True:
            answer, judgement = self.step(recorder)
            if judgement.success:
                return Ending.SUCCESS, ""
            if judgement.time_is_up:
                return judge_failure(recorder, answer.reason)

    def _end_of_tick(self, trajectory: JointTrajectory) -> np.ndarray:
        """Joint targets at the end of the tick that the trajectory is for. Shape (6,)."""
        return trajectory.sample(trajectory.stamp_ns + self._tick_ns)


def judge_failure(recorder: TraceRecorder, reason: str) -> tuple[Ending, str]:
    """Tell a policy that failed from one that was never there.

    Args:
        recorder: An episode that has reached its limit.
        reason: Why the policy had no answer at the end; empty if it had one.

    Returns:
        How the episode ended, and why.
    """
    if recorder.answers == 0:
        return Ending.POLICY_ERROR, f"no answer in the whole episode: {reason}"
    return Ending.TIME_LIMIT, f"no answer at the end: {reason}" if reason else TIME_LIMIT
