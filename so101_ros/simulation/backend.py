"""The arm and the sheet in motion: one physics core for the environment and the ROS graph."""

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from so101_ros.arm import HOME_Q, ArmSpec, dof_addresses, qpos_addresses
from so101_ros.errors import SimulationError
from so101_ros.observation import JointState
from so101_ros.pose import PlanarPose, Pose, yaw_to_quaternion
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_state import read_state, show_state
from so101_ros.simulation.scene import PAPER, TOOL, build_model
from so101_ros.simulation.scene_tuner import SceneTuner
from so101_ros.simulation.sheet import rest_of
from so101_ros.simulation.touch_sensor import TouchSensor
from so101_ros.task.situation import Situation

_UNSTABLE = slice(mujoco.mjtWarning.mjWARN_BADQPOS, mujoco.mjtWarning.mjWARN_BADQACC + 1)
"""MuJoCo's warnings of a state that is not finite or huge: positions, velocities, accelerations."""


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Where the arm and the sheet live in MuJoCo's arrays."""

    q: np.ndarray
    dq: np.ndarray
    paper_q: slice
    paper_dq: slice


class MujocoBackend:
    """Step the scene by control ticks.

    Time is counted in control ticks and never runs backwards, not even across resets.

    Attributes:
        config: What the scene is made of.
        model: The compiled scene.
        data: Its state; read it, but let the methods below change it.
        arm: Joint names and limits, read from the model.
        tick: Control ticks since construction.
    """

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Compile the scene and put everything in its place.

        Args:
            config: What the scene is made of; None for the nominal scene.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        self.config = config or SceneConfig()
        self.model = build_model(self.config)
        self.data = mujoco.MjData(self.model)
        self._tuner = SceneTuner(self.model, self.config)
        self.arm = ArmSpec.from_model(self.model)
        self.tick = 0
        self._at = _find_addresses(self.model)
        self._tool = self.model.site(TOOL).id
        self._paper = self.model.body(PAPER).id
        self._touch = TouchSensor(self.model)
        self.reset(PlanarPose(0.30, 0.0, 0.0))

    @property
    def stamp_ns(self) -> int:
        """Simulated time in [ns]."""
        return self.config.rates.stamp_of_control_tick(self.tick)

    def retune(self, config: SceneConfig) -> None:
        """Turn the scene into another one, in place; :meth:`reset` next.

        Args:
            config: What the scene is made of from now on.

        Raises:
            ConfigError: If it has another robot model or other rates: those are compiled in.
        """
        if config != self.config:
            self._tuner.apply(config)
            self.config = config

    def reset(self, paper: PlanarPose, q: npt.ArrayLike = HOME_Q, gap_ticks: int = 0) -> None:
        """Begin an episode with everything at rest.

        Args:
            paper: Where the sheet lies.
            q: Joint positions in [rad]. Shape (6,).
            gap_ticks: Control ticks that pass unobserved.
        """
        self.tick += gap_ticks
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[self._at.q] = q
        self.data.ctrl[:] = q
        self.place_paper(paper)

    def place_paper(self, paper: PlanarPose) -> None:
        """Put the sheet somewhere on the table, at rest.

        Args:
            paper: Pose of the sheet's centre.
        """
        self.lay_paper(paper.xy, yaw_to_quaternion(paper.yaw))

    def lay_paper(self, xy: np.ndarray, quaternion: np.ndarray) -> None:
        """Put the sheet on the table like :meth:`place_paper`, to the last bit of a quaternion.

        Args:
            xy: Position of its centre in [m]. Shape (2,).
            quaternion: A turn about z: w, x, y, z. Shape (4,).
        """
        rest, turned = rest_of(self.config.paper), np.empty(4)
        mujoco.mju_mulQuat(turned, quaternion, rest.tilt)
        self.data.qpos[self._at.paper_q] = [*xy, rest.height, *turned]
        self.data.qvel[self._at.paper_dq] = 0.0
        self.data.time = self.stamp_ns * 1e-9
        mujoco.mj_forward(self.model, self.data)

    def show(self, q: npt.ArrayLike, paper: npt.ArrayLike) -> None:
        """Put arm and sheet where they were seen elsewhere, to be looked at and not to go on.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            paper: Position of the sheet in [m], then its quaternion w, x, y, z. Shape (7,).
        """
        self.data.qpos[self._at.q] = q
        self.data.qpos[self._at.paper_q] = paper
        mujoco.mj_kinematics(self.model, self.data)

    def show_state(self, state: np.ndarray) -> None:
        """Take over a physics state from another simulation of the same scene, to look at it.

        Args:
            state: What :attr:`state` is there. Shape (mj_stateSize,).

        Raises:
            ObservationError: If the state has another size: it is of another scene.
        """
        show_state(self.model, self.data, state)

    def step(self, q_targets: np.ndarray) -> None:
        """Advance one control tick per row.

        Args:
            q_targets: Servo targets in [rad]. Shape (n, 6).

        Raises:
            SimulationError: If the physics has become unstable; :meth:`reset` begins anew.
        """
        steps = self.config.rates.physics_steps_per_control
        for q_target in q_targets:
            self.data.ctrl[:] = q_target
            mujoco.mj_step(self.model, self.data, steps)
        self.tick += len(q_targets)
        self._refuse_instability()
        # Poses belong to the new joint positions; mj_step leaves those of one step before.
        mujoco.mj_kinematics(self.model, self.data)

    def _refuse_instability(self) -> None:
        """Tell what MuJoCo passes over: it puts arm and sheet back to where its model has them."""
        if np.count_nonzero(self.data.warning.number[_UNSTABLE]):
            raise SimulationError(
                f"the physics has become unstable before {self.stamp_ns * 1e-9:.3f} s (a position, "
                "velocity or acceleration is not finite or huge); the scene is too stiff or too "
                "light for its time step: soften servo or contact, or raise rates.physics_hz"
            )

    # Measurements.

    @property
    def joint_state(self) -> JointState:
        """Measured joint positions and velocities, stamped now."""
        # Indexing by an array copies.
        return JointState(self.stamp_ns, self.data.qpos[self._at.q], self.data.qvel[self._at.dq])

    @property
    def paper(self) -> Pose:
        """Pose of the sheet."""
        return Pose(self.data.xpos[self._paper].copy(), self.data.xquat[self._paper].copy())

    @property
    def tool_position(self) -> np.ndarray:
        """Position of the tool frame in [m]. Shape (3,)."""
        return self.data.site_xpos[self._tool].copy()

    @property
    def situation(self) -> Situation:
        """What a judge must know of arm and sheet."""
        return Situation(self.paper, self.tool_position, self._touch.read(self.data))

    @property
    def state(self) -> np.ndarray:
        """MuJoCo's full physics state. Shape (mj_stateSize,)."""
        return read_state(self.model, self.data)


def _find_addresses(model: mujoco.MjModel) -> _Addresses:
    paper = model.joint(PAPER).id
    qpos, dof = int(model.jnt_qposadr[paper]), int(model.jnt_dofadr[paper])
    return _Addresses(
        q=qpos_addresses(model),
        dq=dof_addresses(model),
        paper_q=slice(qpos, qpos + 7),
        paper_dq=slice(dof, dof + 6),
    )
