"""Change the physics of a compiled scene in place: many scenes, one compilation."""

import mujoco
import numpy as np

from so101_ros.arm import JOINT_NAMES, dof_addresses
from so101_ros.errors import ConfigError
from so101_ros.pose import PlanarPose, yaw_to_quaternion
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.contacts import find_pairs, friction_of
from so101_ros.simulation.physics_config import (
    ContactConfig,
    JointConfig,
    PaperConfig,
    ServoConfig,
)
from so101_ros.simulation.scene import PAPER, PAPER_FOOT, base_mount
from so101_ros.simulation.sheet import foot_of, half_size


class PhysicsTuner:
    """Make a model what :func:`~so101_ros.simulation.scene.build_model` would have compiled.

    What is applied depends on nothing that was applied before, and the nominal scene is restored to
    the last bit. Another scene equals its compilation to the last bit if the factors and the base
    offset of the nominal scene are those of :class:`SceneConfig`, and else to a few last bits.
    ``stat.meansize``, by which MuJoCo scales the arrows that it draws, stays nominal.
    """

    def __init__(self, model: mujoco.MjModel, nominal: SceneConfig) -> None:
        """Remember what the nominal scene is like.

        Args:
            model: The compiled nominal scene; whoever steps it goes on using it.
            nominal: What it was compiled from.
        """
        self._model = model
        self._nominal = nominal
        self._scratch = mujoco.MjData(model)
        self._dofs = dof_addresses(model)
        self._servos = [model.actuator(name).id for name in JOINT_NAMES]
        self._pairs = find_pairs(model)
        self._paper = model.body(PAPER).id
        self._plate, self._foot = (model.geom(name).id for name in (PAPER, PAPER_FOOT))
        self._paper_height = int(model.jnt_qposadr[model.joint(PAPER).id]) + 2
        self._friction = model.dof_frictionloss[self._dofs]
        self._damping = model.dof_damping[self._dofs]
        self._roots = _find_roots(model)

    def can_apply(self, config: SceneConfig) -> bool:
        """Whether a scene needs no other compilation."""
        return not self._list_compiled_in(config)

    def apply(self, config: SceneConfig) -> None:
        """Change the physics; whoever steps the model resets its data next.

        Args:
            config: A scene with the nominal scene's robot model and rates.

        Raises:
            ConfigError: If robot model or rates differ: those need another compilation.
        """
        self._check(config)
        self._set_servos(config.servo, config.joints)
        self._set_joints(config.joints)
        self._set_paper(config.paper)
        self._set_contacts(config.contact)
        self._place_base(config)
        self._derive()

    def _check(self, config: SceneConfig) -> None:
        differing = self._list_compiled_in(config)
        if differing:
            name = differing[0]
            raise ConfigError(
                f"{name} cannot change in a compiled scene: it has "
                f"{getattr(self._nominal, name)!r}, got {getattr(config, name)!r}; build another "
                "scene for it"
            )

    def _list_compiled_in(self, config: SceneConfig) -> list[str]:
        """What differs from the compiled scene and cannot be changed in place."""
        names = ("robot_model", "rates")
        return [each for each in names if getattr(config, each) != getattr(self._nominal, each)]

    def _set_servos(self, servo: ServoConfig, joints: JointConfig) -> None:
        model, stiffness = self._model, servo.stiffness * np.array(joints.stiffness_scale)
        model.actuator_gainprm[self._servos, 0] = stiffness
        model.actuator_biasprm[self._servos, 1] = -stiffness
        model.actuator_biasprm[self._servos, 2] = -servo.damping
        model.actuator_forcerange[self._servos] = [-servo.max_torque, servo.max_torque]

    def _set_joints(self, joints: JointConfig) -> None:
        nominal = self._nominal.joints
        friction = np.divide(joints.friction_scale, nominal.friction_scale)
        damping = np.divide(joints.damping_scale, nominal.damping_scale)
        self._model.dof_frictionloss[self._dofs] = self._friction * friction
        self._model.dof_damping[self._dofs] = self._damping * damping

    def _set_paper(self, paper: PaperConfig) -> None:
        model, half, foot = self._model, half_size(paper), foot_of(paper)
        x2, y2, z2 = half * half
        model.body_mass[self._paper] = paper.mass
        model.body_inertia[self._paper] = paper.mass * np.array([y2 + z2, x2 + z2, x2 + y2]) / 3.0
        model.geom_size[self._plate] = model.geom_aabb[self._plate, 3:] = half
        model.geom_rbound[self._plate] = np.sqrt(x2 + y2 + z2)
        model.geom_pos[self._foot] = foot.position
        model.geom_size[self._foot, 0] = model.geom_rbound[self._foot] = foot.radius
        model.geom_aabb[self._foot, 3:] = foot.radius
        model.body_pos[self._paper, 2] = half[2]
        model.qpos0[self._paper_height] = model.qpos_spring[self._paper_height] = half[2]

    def _set_contacts(self, contact: ContactConfig) -> None:
        for pair, name in self._pairs.items():
            self._model.pair_friction[pair] = friction_of(name, contact)

    def _place_base(self, config: SceneConfig) -> None:
        """Move what stands on the table, as one piece."""
        nominal = base_mount(self._nominal.calibration)
        place = base_mount(config.calibration)
        for body, (position, quaternion) in self._roots.items():
            moved = position, quaternion
            if place != nominal:
                moved = _seen_from(nominal, position, quaternion)
                moved = _seen_in_world(place, *moved)
            self._model.body_pos[body], self._model.body_quat[body] = moved

    def _derive(self) -> None:
        """Compute what the compiler computes from the above."""
        model = self._model
        mujoco.mj_setConst(model, self._scratch)
        # The same sums in the same order as the compiler's.
        model.stat.meaninertia = sum(model.dof_M0.tolist()) / model.nv
        model.stat.meanmass = sum(model.body_mass[1:].tolist()) / (model.nbody - 1)


def _find_roots(model: mujoco.MjModel) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """The bodies that the arm stands on the table with, and where they are."""
    return {
        body: (model.body_pos[body].copy(), model.body_quat[body].copy())
        for body in range(1, model.nbody)
        if model.body_parentid[body] == 0 and model.body(body).name != PAPER
    }


def _seen_from(
    place: PlanarPose, position: np.ndarray, quaternion: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Carry a pose from the world into a frame on the table."""
    back = yaw_to_quaternion(-place.yaw)
    local, turn = np.empty(3), np.empty(4)
    mujoco.mju_rotVecQuat(local, position - np.array([place.x, place.y, 0.0]), back)
    mujoco.mju_mulQuat(turn, back, quaternion)
    mujoco.mju_normalize4(turn)
    return local, turn


def _seen_in_world(
    place: PlanarPose, position: np.ndarray, quaternion: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Carry a pose from a frame on the table into the world."""
    forth = yaw_to_quaternion(place.yaw)
    world, turn = np.empty(3), np.empty(4)
    mujoco.mju_rotVecQuat(world, position, forth)
    mujoco.mju_mulQuat(turn, forth, quaternion)
    return world + np.array([place.x, place.y, 0.0]), turn
