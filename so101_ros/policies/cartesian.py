"""Follow a Cartesian target: teleoperation of the hand."""

import mujoco
import numpy as np

from so101_ros.arm import GRIPPER
from so101_ros.control.ik import HandTarget, IkResult, IkSolver, IkTolerance
from so101_ros.control.kinematics import GRIPPER_FRAME, ArmKinematics
from so101_ros.errors import CommandError, PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.pose import Pose
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, TIP_RADIUS
from so101_ros.trajectory import JointTrajectory

TOLERANCE = IkTolerance(position=0.005, approach=0.10, roll=np.pi)  # roll gives way first
GRIPPER_SPEED = 2.0  # [rad]/[s]
MAX_STEP = 0.010  # [m], how far the hand's reference moves in one policy period: 0.3 m/s

MAX_PRESS = 0.006  # [m], how far below contact a target may lead the tips


class CartesianPolicy:
    """Lead ``gripper_frame_link`` to a target pose, its z axis along the approach direction.

    The arm has five joints for six wishes: position is kept first, then the approach direction, and
    the roll about it as well as can be. A target out of reach is refused before the arm moves.
    """

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Prepare kinematics and solver.

        Args:
            config: Which robot model and rates; None for the nominal scene.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        config = config or SceneConfig()
        self._dt = config.rates.policy_period_s
        self._kinematics = ArmKinematics(config)
        self._ik = IkSolver(self._kinematics, GRIPPER_FRAME, TOLERANCE)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the targets: an old target must not move the arm after an interruption.

        Args:
            seed: Unused; nothing here is random.
        """
        del seed  # Unused.
        self._q_ref: np.ndarray | None = None
        self._target: HandTarget | None = None
        self._gripper: float | None = None
        self._reached: IkResult | None = None

    def set_target(self, pose: Pose) -> None:
        """Choose where the hand should go.

        Args:
            pose: Pose of ``gripper_frame_link`` in ``world``.
        """
        self._target = HandTarget(pose.position.copy(), pose.rotation)
        self._reached = None

    def set_gripper(self, q: float) -> None:
        """Choose the jaw angle.

        Args:
            q: Angle of the gripper joint in [rad].

        Raises:
            CommandError: If the angle is not finite or outside the joint's range.
        """
        arm = self._kinematics.arm
        if not arm.lower[GRIPPER] <= q <= arm.upper[GRIPPER]:  # also refuses NaN
            raise CommandError(
                f"gripper_target must be in [{arm.lower[GRIPPER]:.3f}, {arm.upper[GRIPPER]:.3f}] "
                f"rad, got {q}"
            )
        self._gripper = q

    def hand_pose(self, q: np.ndarray) -> Pose:
        """Where ``gripper_frame_link`` is, in ``world``: a target that moves nothing.

        Args:
            q: Joint positions in [rad]. Shape (6,).

        Returns:
            Its pose.
        """
        position, rotation = self._kinematics.site_pose(q, GRIPPER_FRAME)
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, rotation.ravel())
        return Pose(position, quaternion)

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer one observation.

        Args:
            observation: The arm now; the sheet is ignored.

        Returns:
            Targets for this policy period.

        Raises:
            PolicyUnavailable: If there is no target yet, or it is out of reach or below the table.
        """
        if self._target is None and self._gripper is None:
            raise PolicyUnavailable("no target_pose or gripper_target has been received yet")
        previous = observation.joints.q.copy() if self._q_ref is None else self._q_ref
        self._q_ref = self._next_q(previous)
        rows = np.array([previous, self._q_ref])
        return JointTrajectory(observation.stamp_ns, self._dt * np.arange(2), rows)

    def _next_q(self, q: np.ndarray) -> np.ndarray:
        target = self._target
        following = q if target is None else self._follow(q, target)
        if self._gripper is None:
            return following
        step = GRIPPER_SPEED * self._dt
        following = following.copy()
        following[GRIPPER] += np.clip(self._gripper - q[GRIPPER], -step, step)
        return following

    def _follow(self, q: np.ndarray, target: HandTarget) -> np.ndarray:
        if self._reached is None:
            self._reached = self._ik.solve(q, target, max_iterations=100)
        _refuse_out_of_reach(self._reached)
        self._refuse_below_table(self._reached.q)
        return self._ik.step(q, self._next_waypoint(q, target), self._dt).q

    def _refuse_below_table(self, q: np.ndarray) -> None:
        tips = [self._kinematics.site_pose(q, tip)[0][2] for tip in (FIXED_TIP, MOVING_TIP)]
        depth = TIP_RADIUS - min(tips)
        if depth > MAX_PRESS:
            raise PolicyUnavailable(
                f"target_pose would push a fingertip {1000 * depth:.0f} mm into the table; "
                f"{1000 * MAX_PRESS:.0f} mm are enough to press"
            )

    def _next_waypoint(self, q: np.ndarray, target: HandTarget) -> HandTarget:
        """A target at most one step away, so that the hand moves at a bounded speed."""
        position, _ = self._kinematics.site_pose(q, GRIPPER_FRAME)
        offset = target.position - position
        distance = float(np.linalg.norm(offset))
        if distance <= MAX_STEP:
            return target
        return target._replace(position=position + offset * (MAX_STEP / distance))


def _refuse_out_of_reach(result: IkResult) -> None:
    if not result.success:
        raise PolicyUnavailable(
            f"target_pose is out of reach: the hand would be {1000 * result.position_error:.0f} mm "
            f"and {np.degrees(result.approach_error):.0f} deg off"
        )
