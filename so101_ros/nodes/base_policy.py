"""Node: any base policy, by the name under which ``so101 eval`` knows it.

Subscribes to ``joint_states`` and ``paper_pose``. Publishes ``policy/ik/action`` (the slot of the
absolute base, whoever fills it), ``policy/ik/status`` and ``diagnostics``; the oracle also
``sim/place_paper``.

    ros2 run so101_ros base_policy --ros-args -p policy:=random
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.publisher import Publisher

from so101_ros.arm import ArmSpec
from so101_ros.errors import PolicyUnavailable
from so101_ros.nodes import convert, qos
from so101_ros.nodes.diagnostics import DiagnosticReporter
from so101_ros.nodes.parameters import declare, on_change, parameter
from so101_ros.nodes.policy_loop import PolicyLoop, PolicyParameters
from so101_ros.nodes.runtime import run
from so101_ros.nodes.scene_parameter import read_tier
from so101_ros.observation import JointState
from so101_ros.policies.names import ORACLE, POLICIES
from so101_ros.policies.registry import PolicyContext, make_policy
from so101_ros.pose import PlanarPose, Pose, yaw_to_quaternion
from so101_ros.simulation.scene import build_arm_spec


@dataclass(frozen=True)
class Parameters(PolicyParameters):
    """Parameters of the node."""

    policy: str = parameter("zero", f"Who answers: {', '.join(POLICIES)}")


class BasePolicy(Node):
    """Answer policy ticks with the joint targets of a policy that is chosen by name."""

    def __init__(self) -> None:
        """Read the parameters, make the policy and wait for joint states."""
        super().__init__("base_policy")
        settings = declare(self, Parameters)
        self._config = read_tier(settings.scene, settings.robot_model, settings.rates).nominal
        self._stamp_ns = 0
        self._places: Publisher | None = None
        if settings.policy == ORACLE:
            self._places = self.create_publisher(PoseStamped, "sim/place_paper", qos.POSE)
        arm = ArmSpec.from_model(build_arm_spec(self._config).compile())
        context = PolicyContext(self._config, arm, self._place_paper)
        policy = make_policy(settings.policy, context)
        self._loop = PolicyLoop(self, policy, settings, self._note_stamp)
        values = {"policy": settings.policy}
        self._reporter = DiagnosticReporter(
            self, lambda: self._loop.report(settings.policy, values)
        )
        on_change(self, settings, self._apply)

    def _apply(self, settings: Parameters) -> None:
        self._loop.settings = settings

    def _note_stamp(self, joints: JointState) -> None:
        self._stamp_ns = joints.stamp_ns

    def _place_paper(self, paper: PlanarPose) -> None:
        """Ask the simulator to move the sheet, before the answer to the same observation."""
        if self._places is None or not self._places.get_subscription_count():
            raise PolicyUnavailable(
                "nobody takes sim/place_paper: start mujoco_sim with allow_place_paper:=true"
            )
        position = np.array([paper.x, paper.y, 0.5 * self._config.paper.thickness])
        pose = Pose(position, yaw_to_quaternion(paper.yaw))
        self._places.publish(convert.pose_to_ros(pose, self._stamp_ns))


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run(BasePolicy, args)


if __name__ == "__main__":
    sys.exit(main())
