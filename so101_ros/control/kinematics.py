"""Forward kinematics of the arm alone."""

import mujoco
import numpy as np
import numpy.typing as npt

from so101_ros.arm import GRIPPER, ArmSpec, qpos_addresses
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, TOOL, build_arm_spec

PRESS = "press"
"""Site between the two fingertips: x along the line of the tips, z in the approach direction."""

PRESS_JAW = 0.30
"""Jaw angle in [rad] at which the two tips are level, 41.5 mm apart."""

GRIPPER_FRAME = "gripper_frame"
"""Site at the maker's gripper frame: z in the approach direction, as ``gripper_frame_link``."""

_APPROACH_IN_GRIPPER = np.array([0.0, 1.0, 0.0, 0.0])  # half a turn about x: z points to the tips


class ArmKinematics:
    """Where the frames of the hand are, for given joint positions.

    Attributes:
        model: The arm alone, with the sites :data:`PRESS` and :data:`GRIPPER_FRAME`.
        arm: Joint names and limits.
        pan_axis: Where the axis of the shoulder pan meets the table, in [m]. Shape (2,).
    """

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Compile the arm.

        Args:
            config: Which robot model; None for the nominal scene.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        self.model = _build_hand_model(config or SceneConfig())
        self.arm = ArmSpec.from_model(self.model)
        self._data = mujoco.MjData(self.model)
        self._qpos = qpos_addresses(self.model)
        mujoco.mj_kinematics(self.model, self._data)
        self.pan_axis = self._data.joint("shoulder_pan").xanchor[:2].copy()

    def site_pose(self, q: npt.ArrayLike, site: str) -> tuple[np.ndarray, np.ndarray]:
        """Locate a site.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            site: Name of the site.

        Returns:
            Its position in [m], shape (3,), and rotation matrix to the world, shape (3, 3).
        """
        self._data.qpos[self._qpos] = q
        mujoco.mj_kinematics(self.model, self._data)
        frame = self._data.site(site)
        return frame.xpos.copy(), frame.xmat.reshape(3, 3).copy()

    def site_position(self, q: npt.ArrayLike, site: str) -> np.ndarray:
        """Locate a site, wherever it points.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            site: Name of the site.

        Returns:
            Its position in [m]. Shape (3,).
        """
        self._data.qpos[self._qpos] = q
        mujoco.mj_kinematics(self.model, self._data)
        return self._data.site(site).xpos.copy()

    def vertical_softness(self, q: npt.ArrayLike) -> float:
        """How far the press site gives way vertically, for joints of unit stiffness.

        Args:
            q: Joint positions in [rad]. Shape (6,).

        Returns:
            ``J_z J_z^T`` in [m^2]: divided by the joint stiffness in [N m]/[rad] it is the
            compliance in [m]/[N]. A hand close to the base is stiffer than a far one.
        """
        self._data.qpos[self._qpos] = q
        mujoco.mj_kinematics(self.model, self._data)
        mujoco.mj_comPos(self.model, self._data)  # Jacobians need it
        jacobian = np.empty((3, self.model.nv))
        mujoco.mj_jacSite(self.model, self._data, jacobian, None, self.model.site(PRESS).id)
        return float(jacobian[2] @ jacobian[2])


def _build_hand_model(config: SceneConfig) -> mujoco.MjModel:
    """Add the press site, half-way between the tips at the jaw angle that levels them."""
    spec = build_arm_spec(config)
    gripper = spec.joint("wrist_roll").parent
    position = _tip_midpoint(spec.copy().compile(), gripper.name)
    gripper.add_site(name=PRESS, pos=position, quat=_APPROACH_IN_GRIPPER)
    tool = spec.site(TOOL)
    if spec.site(GRIPPER_FRAME) is not None:
        spec.delete(spec.site(GRIPPER_FRAME))
    gripper.add_site(name=GRIPPER_FRAME, pos=tool.pos, quat=_APPROACH_IN_GRIPPER)
    return spec.compile()


def _tip_midpoint(model: mujoco.MjModel, gripper_body: str) -> np.ndarray:
    """Midpoint of the level fingertips in the gripper link, in [m]. Shape (3,)."""
    data = mujoco.MjData(model)
    data.qpos[qpos_addresses(model)[GRIPPER]] = PRESS_JAW
    mujoco.mj_kinematics(model, data)
    gripper = data.body(gripper_body)
    midpoint = 0.5 * (data.site(FIXED_TIP).xpos + data.site(MOVING_TIP).xpos)
    return gripper.xmat.reshape(3, 3).T @ (midpoint - gripper.xpos)
