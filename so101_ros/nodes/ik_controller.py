"""Node: the base policy, press-and-drag or Cartesian, through inverse kinematics.

Subscribes to ``joint_states``, ``paper_pose``, ``target_pose`` and ``gripper_target``. Publishes
``policy/ik/action``, ``policy/ik/status`` and ``tool_pose`` at every policy tick,
and ``diagnostics``.

    ros2 run so101_ros ik_controller --ros-args -p mode:=cartesian
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from std_msgs.msg import Float64

from so101_ros.errors import CommandError, ObservationError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import DiagnosticReporter, Report
from so101_ros.nodes.parameters import declare, on_change, parameter
from so101_ros.nodes.policy_loop import PolicyLoop, PolicyParameters
from so101_ros.nodes.runtime import run
from so101_ros.nodes.scene_parameter import read_tier
from so101_ros.observation import JointState
from so101_ros.policies.base import Policy
from so101_ros.policies.cartesian import CartesianPolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy

TASK = "task"
CARTESIAN = "cartesian"


@dataclass(frozen=True)
class Parameters(PolicyParameters):
    """Parameters of the node."""

    mode: str = parameter(
        TASK, "What is followed: the task, or target_pose", choices=(TASK, CARTESIAN), live=True
    )


class IkController(Node):
    """Answer policy ticks with joint targets."""

    def __init__(self) -> None:
        """Read the parameters, prepare the policies and wait for joint states."""
        super().__init__("ik_controller")
        self._settings = declare(self, Parameters)
        settings = self._settings
        config = read_tier(settings.scene, settings.robot_model, settings.rates).nominal
        self._cartesian = CartesianPolicy(config)
        self._policies: dict[str, Policy] = {
            TASK: PressAndDragPolicy(config),
            CARTESIAN: self._cartesian,
        }
        self._tool = self.create_publisher(PoseStamped, "tool_pose", qos.POSE)
        # Messages that wait together are taken in this order: targets before the loop's inputs.
        self.create_subscription(PoseStamped, "target_pose", self._on_target, qos.POSE)
        self.create_subscription(Float64, "gripper_target", self._on_gripper, qos.POSE)
        self._loop = PolicyLoop(self, self._policies[TASK], self._settings, self._show_tool)
        self._choose_policy()
        self._reporter = DiagnosticReporter(self, self._report)
        on_change(self, self._settings, self._apply)

    def _choose_policy(self) -> None:
        mode = self._settings.mode
        self._loop.use(self._policies[mode], needs_paper=mode == TASK)

    def _on_target(self, msg: PoseStamped) -> None:
        try:
            self._cartesian.set_target(convert.pose_from_ros(msg))
        except ObservationError as err:
            self._loop.refusals.add("target_pose", err)

    def _on_gripper(self, msg: Float64) -> None:
        try:
            self._cartesian.set_gripper(msg.data)
        except CommandError as err:
            self._loop.refusals.add("gripper_target", err)

    def _show_tool(self, joints: JointState) -> None:
        if self._tool.get_subscription_count():
            hand = self._cartesian.hand_pose(joints.q)
            self._tool.publish(convert.pose_to_ros(hand, joints.stamp_ns))

    def _apply(self, settings: Parameters) -> None:
        changed_mode = settings.mode != self._settings.mode
        self._settings = self._loop.settings = settings
        if changed_mode:
            self._choose_policy()

    def _report(self) -> Report:
        return self._loop.report(self._settings.mode, {"mode": self._settings.mode})


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(IkController, args)


if __name__ == "__main__":
    sys.exit(main())
