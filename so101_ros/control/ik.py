"""Differential inverse kinematics on mink: hand poses to joint positions, within joint limits.

Five joints carry the hand, so a full pose is out of reach in general. Position counts most, then
the approach direction, then the roll about it. A result says how far it is off; it is never
silently wrong.
"""

from typing import NamedTuple

import mink
import numpy as np
import numpy.typing as npt

from so101_ros.arm import GRIPPER, JOINT_NAMES, qpos_addresses
from so101_ros.control.kinematics import ArmKinematics

POSITION_COST = 1.0  # [cost] / [m]
APPROACH_COST = 0.1  # [cost] / [rad]
ROLL_COST = 0.05  # [cost] / [rad]

_ITERATION_S = 0.1  # pseudo time of one iteration when solving to convergence
_LM_DAMPING = 1e-3  # keeps the step finite where the arm is stretched out
_DAMPING = 1e-6  # on every joint, for a unique solution; small against the costs above
_SOLVER = "daqp"


class HandTarget(NamedTuple):
    """Where the hand should be.

    Attributes:
        position: In ``world``, in [m]. Shape (3,).
        rotation: Rotation matrix; z is the approach direction. Shape (3, 3).
    """

    position: np.ndarray
    rotation: np.ndarray


class IkResult(NamedTuple):
    """Joint positions and how far the hand is off with them.

    Attributes:
        q: Joint positions in [rad], within limits. Shape (6,).
        position_error: Distance of the hand to its target in [m].
        approach_error: Angle between actual and wanted approach direction in [rad].
        roll_error: Angle about the approach direction in [rad].
        success: Whether all errors are within the tolerances.
    """

    q: np.ndarray
    position_error: float
    approach_error: float
    roll_error: float
    success: bool


class IkTolerance(NamedTuple):
    """Largest errors that count as reached."""

    position: float = 0.001  # [m]
    approach: float = 0.02  # [rad]
    roll: float = 0.02  # [rad]


class IkSolver:
    """Move one site of the hand to a target.

    The gripper joint keeps its position: it does not carry the hand.
    """

    def __init__(
        self, kinematics: ArmKinematics, site: str, tolerance: IkTolerance | None = None
    ) -> None:
        """Prepare the tasks and limits.

        Args:
            kinematics: The arm.
            site: Name of the site to move.
            tolerance: What counts as reached; None for the defaults.
        """
        model = kinematics.model
        self._kinematics = kinematics
        self._site = site
        self._tolerance = tolerance or IkTolerance()
        self._qpos = qpos_addresses(model)
        self._configuration = mink.Configuration(model)
        self._task = mink.FrameTask(
            frame_name=site,
            frame_type="site",
            position_cost=POSITION_COST,
            orientation_cost=[APPROACH_COST, APPROACH_COST, ROLL_COST],
            lm_damping=_LM_DAMPING,
        )
        speeds: dict[str, npt.ArrayLike] = dict(
            zip(JOINT_NAMES, kinematics.arm.max_speed, strict=True)
        )
        self._limits = [mink.ConfigurationLimit(model), mink.VelocityLimit(model, speeds)]
        self._gripper_dof = int(model.jnt_dofadr[model.joint(JOINT_NAMES[GRIPPER]).id])

    def step(self, q: npt.ArrayLike, target: HandTarget, dt: float) -> IkResult:
        """Move towards a target for one control period, within the joint speed limits.

        Args:
            q: Joint positions to start from in [rad]. Shape (6,).
            target: Where the hand should be.
            dt: Length of the period in [s].

        Returns:
            Joint positions at the end of the period.
        """
        self._configuration.update(self._to_qpos(q))
        self._aim(target)
        self._iterate(dt)
        return self._result(target)

    def solve(self, q: npt.ArrayLike, target: HandTarget, max_iterations: int = 40) -> IkResult:
        """Find joint positions that put the hand on a target.

        Args:
            q: Joint positions to start from in [rad]. Shape (6,).
            target: Where the hand should be.
            max_iterations: Upper bound on the work.

        Returns:
            The last iterate; check ``success``.
        """
        self._configuration.update(self._to_qpos(q))
        self._aim(target)
        result = self._result(target)
        for _ in range(max_iterations):
            if result.success:
                break
            self._iterate(_ITERATION_S)
            result = self._result(target)
        return result

    def _aim(self, target: HandTarget) -> None:
        pose = mink.SE3.from_rotation_and_translation(
            mink.SO3.from_matrix(target.rotation), target.position
        )
        self._task.set_target(pose)

    def _iterate(self, dt: float) -> None:
        """Move by one step, or stay when there is none: the result says how far the hand is off."""
        try:
            velocity = mink.solve_ik(
                self._configuration, [self._task], dt, _SOLVER, _DAMPING, limits=self._limits
            )
        except mink.NoSolutionFound:  # so far away that the numbers of the problem overflow
            return
        velocity[self._gripper_dof] = 0.0
        self._configuration.integrate_inplace(velocity, dt)

    def _result(self, target: HandTarget) -> IkResult:
        q = np.clip(
            self._configuration.q[self._qpos],
            self._kinematics.arm.lower,
            self._kinematics.arm.upper,
        )
        pose = self._configuration.get_transform_frame_to_world(self._site, "site")
        return rate(q, pose.translation(), pose.rotation().as_matrix(), target, self._tolerance)

    def _to_qpos(self, q: npt.ArrayLike) -> np.ndarray:
        """Clip to the limits: a measured pose may lie a hair outside, and the QP would be empty."""
        qpos = np.empty(self._kinematics.model.nq)
        qpos[self._qpos] = np.clip(q, self._kinematics.arm.lower, self._kinematics.arm.upper)
        return qpos


def rate(
    q: np.ndarray,
    position: np.ndarray,
    rotation: np.ndarray,
    target: HandTarget,
    tolerance: IkTolerance,
) -> IkResult:
    """Say how far a hand pose is off its target.

    Args:
        q: Joint positions behind the pose in [rad]. Shape (6,).
        position: Position of the hand in [m]. Shape (3,).
        rotation: Rotation matrix of the hand. Shape (3, 3).
        target: Where the hand should be.
        tolerance: What counts as reached.

    Returns:
        The joint positions with their errors.
    """
    position_error = float(np.linalg.norm(position - target.position))
    approach_error = _angle_between(rotation[:, 2], target.rotation[:, 2])
    # Roll: what is left of the x axis's error in the plane across the approach direction.
    x_in_target = target.rotation.T @ rotation[:, 0]
    roll_error = float(abs(np.arctan2(x_in_target[1], x_in_target[0])))
    success = (
        position_error <= tolerance.position
        and approach_error <= tolerance.approach
        and roll_error <= tolerance.roll
    )
    return IkResult(q, position_error, approach_error, roll_error, success)


def _angle_between(first: np.ndarray, second: np.ndarray) -> float:
    sine = np.linalg.norm(np.cross(first, second))
    return float(np.arctan2(sine, first @ second))
