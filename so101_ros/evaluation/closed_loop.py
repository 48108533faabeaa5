"""Policy, blender, guard and physics in one loop without ROS, as the graph runs them."""

from dataclasses import dataclass

from so101_ros.blending import Base, Blender
from so101_ros.control.commander import Commander
from so101_ros.control.guard import Guard
from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.policies.base import Policy
from so101_ros.simulation.simulator import Simulator
from so101_ros.trajectory import JointTrajectory


@dataclass(frozen=True, slots=True, eq=False)
class LoopTick:
    """One policy tick of the loop.

    Attributes:
        observation: What the policy saw.
        command: What the arm was commanded.
        unavailable: Why the policy had no answer; empty if it had one.
    """

    observation: Observation
    command: JointTrajectory
    unavailable: str


class ClosedLoop:
    """Let a policy, as the IK base, move the arm of a simulator in lock-step."""

    def __init__(self, simulator: Simulator, policy: Policy) -> None:
        """Close the loop.

        Args:
            simulator: The arm and the sheet.
            policy: Who answers.
        """
        self._simulator = simulator
        self._policy = policy
        self._commander = Commander(Blender(), Guard(simulator.backend.arm, simulator.rates))

    def step(self) -> LoopTick:
        """Run one policy tick: observe, act, blend, guard, move."""
        backend = self._simulator.backend
        observation = Observation(backend.joint_state, backend.paper)
        self._commander.observe(observation.stamp_ns)
        unavailable = ""
        try:
            self._commander.blender.accept(Base.IK, self._policy.act(observation))
        except PolicyUnavailable as err:
            unavailable = str(err)
        command = self._commander.command(observation.joints).command
        self._simulator.accept(command)
        self._simulator.advance(self._simulator.rates.control_ticks_per_policy)
        return LoopTick(observation, command, unavailable)
