"""Assemble the arm, the table, the sheet, the tape and the cameras into one MuJoCo model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mujoco

from so101_ros.arm import JOINT_NAMES, check_joints
from so101_ros.errors import ModelError
from so101_ros.pose import PlanarPose, yaw_to_quaternion
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.camera_mounts import TOP, WRIST
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.contacts import add_contacts
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.look_tuner import LookTuner
from so101_ros.simulation.physics_config import JointConfig, PaperConfig, ServoConfig
from so101_ros.simulation.scene_looks import (
    OWN_LIGHT,
    PAPER,
    TABLE,
    TABLE_HALF_SIZE,
    TAPES,
    add_spare_looks,
    set_looks,
)
from so101_ros.simulation.sheet import foot_of, half_size
from so101_ros.task.geometry import BASE_POSE, GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH

PAPER_FOOT = "paper_foot"
TOOL = "tool"
FIXED_TIP = "fixed_tip"
MOVING_TIP = "moving_tip"
TIP_RADIUS = 0.008
CAMERA_NAMES = ("top", "wrist")
"""The cameras of every scene, whatever the arm."""
TRACKED_CAMERA = "top"
"""The one whose images tell where the sheet is."""

_FIXED_TIP_POSITION = (-0.0079, -0.0002, -0.1050)  # [m] in the gripper link
_MOVING_TIP_POSITION = (-0.0113, -0.0819, 0.0195)  # [m] in the moving-jaw link
_TOOL_POSITION = (-0.0079, -0.000218121, -0.0981274)  # [m], the maker's gripper frame
_LOOK = LookConfig()  # any other is tuned into the compiled model
_TABLE_COLOUR = (*_LOOK.table_colour, 1.0)
_PAPER_COLOUR = (*_LOOK.paper_colour, 1.0)
_TAPE_COLOUR = (*_LOOK.tape_colour, 1.0)
_TIP_COLOUR = (0.15, 0.15, 0.16, 1.0)


@contextmanager
def _names_are_free() -> Iterator[None]:
    """Turn MuJoCo's complaint about a name into ours: the robot model has taken it."""
    try:
        yield
    except ValueError as err:
        raise ModelError(
            f"the robot model does not fit into the scene: {err}. Leave table, sheet, tape, "
            "fingertips, tool frame and cameras out of it; they are added"
        ) from err


@_names_are_free()
def build_spec(config: SceneConfig) -> mujoco.MjSpec:
    """Describe the scene.

    Args:
        config: What the scene is made of.

    Returns:
        An editable description, ready to compile.

    Raises:
        AssetError: If the robot model does not exist.
        ModelError: If it is not an SO-101.
    """
    spec = _load_arm(config.robot_path, base_mount(config.calibration))
    spec.modelname = "paper_return"
    _set_options(spec, config)
    set_looks(spec)
    add_spare_looks(spec)
    _add_table(spec)
    _add_tape(spec)
    _add_paper(spec, config.paper)
    _set_servos(spec, config.servo, config.joints)
    _set_joints(spec, config.joints)
    _add_tool(spec)
    _add_cameras(spec)
    add_contacts(spec, config.contact)
    return spec


def build_model(config: SceneConfig | None = None) -> mujoco.MjModel:
    """Compile the scene.

    Args:
        config: What the scene is made of; None for the nominal scene.

    Returns:
        The compiled model.

    Raises:
        AssetError: If the robot model does not exist.
        ModelError: If it is not an SO-101, or MuJoCo refuses the scene.
    """
    config = config or SceneConfig()
    try:
        model = build_spec(config).compile()
    except ValueError as err:
        raise ModelError(f"MuJoCo refuses the scene: {' '.join(str(err).split())}") from err
    LookTuner(model, SceneConfig()).apply(config)
    check_joints(model)
    return model


@_names_are_free()
def build_arm_spec(config: SceneConfig | None = None) -> mujoco.MjSpec:
    """Describe the arm alone, where it should stand on the table: six joints, for kinematics.

    Args:
        config: Which robot model; None for the nominal scene.

    Returns:
        An editable description with the sites of the tool and the fingertips, and no sheet.

    Raises:
        AssetError: If the robot model does not exist.
        ModelError: If it is not an SO-101.
    """
    spec = _load_arm((config or SceneConfig()).robot_path, BASE_POSE)
    _add_tool(spec)
    return spec


def base_mount(calibration: CalibrationConfig) -> PlanarPose:
    """Find where the arm really stands.

    Args:
        calibration: How far that is from its place.
    """
    x, y, yaw = calibration.base_offset
    return PlanarPose(BASE_POSE.x + x, BASE_POSE.y + y, BASE_POSE.yaw + yaw)


def _set_options(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    """Contact that neither creeps nor sinks: see the task's notes on physics that behaves."""
    spec.option.timestep = 1.0 / config.rates.physics_hz
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0
    # All contacts hang together through the sheet: looking for islands costs more than it saves.
    spec.option.disableflags |= getattr(mujoco.mjtDisableBit, "mjDSBL_ISLAND", 0)


def _add_table(spec: mujoco.MjSpec) -> None:
    world = spec.worldbody
    world.add_geom(
        name=TABLE,
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[TABLE_HALF_SIZE, TABLE_HALF_SIZE, 0.1],
        rgba=_TABLE_COLOUR,
        contype=0,
        conaffinity=0,
    )
    world.add_light(
        name=OWN_LIGHT,
        pos=[0.2, 0.0, 1.5],
        dir=[0.0, 0.0, -1.0],
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        castshadow=False,
        diffuse=[0.3, 0.3, 0.3],
        specular=[0.0, 0.0, 0.0],
    )


def _add_tape(spec: mujoco.MjSpec) -> None:
    """Four strips around the inner edge, flush with the table: to be seen, not touched."""
    half_x, half_y = 0.5 * GOAL_INNER_SIZE
    half_width, half_thickness = 0.5 * TAPE_WIDTH, 0.0001
    long_x = half_x + TAPE_WIDTH
    strips = (
        ((0.0, half_y + half_width), (long_x, half_width)),
        ((0.0, -half_y - half_width), (long_x, half_width)),
        ((half_x + half_width, 0.0), (half_width, half_y)),
        ((-half_x - half_width, 0.0), (half_width, half_y)),
    )
    for name, (offset, size) in zip(TAPES, strips, strict=True):
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[*(GOAL_CENTRE + offset), half_thickness],
            size=[*size, half_thickness],
            rgba=_TAPE_COLOUR,
            contype=0,
            conaffinity=0,
        )


def _add_paper(spec: mujoco.MjSpec, paper: PaperConfig) -> None:
    body = spec.worldbody.add_body(name=PAPER, pos=[0.30, 0.0, 0.5 * paper.thickness])
    body.add_freejoint(name=PAPER)
    body.add_geom(
        name=PAPER,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=half_size(paper),
        mass=paper.mass,
        rgba=_PAPER_COLOUR,
        contype=0,
        conaffinity=0,
    )
    foot = foot_of(paper)
    body.add_geom(
        name=PAPER_FOOT,
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        pos=foot.position,
        size=[foot.radius, 0.0, 0.0],
        mass=0.0,
        group=4,  # not drawn
        contype=0,
        conaffinity=0,
    )


def _load_arm(path: Path, place: PlanarPose) -> mujoco.MjSpec:
    """Read the arm and put it on the table; its own actuators are left behind."""
    try:
        spec = mujoco.MjSpec.from_file(str(path))
        check_joints(spec.copy().compile())
    except ValueError as err:
        raise ModelError(f"{path} is not a valid MJCF: {' '.join(str(err).split())}") from err
    for actuator in list(spec.actuators):
        spec.delete(actuator)
    mount = spec.worldbody.add_frame(pos=[place.x, place.y, 0.0], quat=yaw_to_quaternion(place.yaw))
    for body in list(spec.worldbody.bodies):
        if body.parent == spec.worldbody:
            body.set_frame(mount)
    return spec


def _set_servos(spec: mujoco.MjSpec, servo: ServoConfig, joints: JointConfig) -> None:
    """Drive every joint with our servo model, also those of a foreign robot model."""
    for name, scale in zip(JOINT_NAMES, joints.stiffness_scale, strict=True):
        actuator = spec.add_actuator(
            name=name,
            target=name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            ctrlrange=spec.joint(name).range,
            ctrllimited=True,
            forcerange=[-servo.max_torque, servo.max_torque],
            forcelimited=True,
        )
        actuator.set_to_position(kp=servo.stiffness * scale, kv=servo.damping)


def _set_joints(spec: mujoco.MjSpec, joints: JointConfig) -> None:
    for index, name in enumerate(JOINT_NAMES):
        joint = spec.joint(name)
        joint.frictionloss = joint.frictionloss * joints.friction_scale[index]
        joint.damping = joint.damping * joints.damping_scale[index]


def _add_tool(spec: mujoco.MjSpec) -> None:
    """Give the two jaws their fingertips, and the tool its frame."""
    gripper = spec.joint("wrist_roll").parent
    moving_jaw = spec.joint("gripper").parent
    gripper.add_site(name=TOOL, pos=_TOOL_POSITION, group=4)
    _add_tip(gripper, FIXED_TIP, _FIXED_TIP_POSITION)
    _add_tip(moving_jaw, MOVING_TIP, _MOVING_TIP_POSITION)


def _add_tip(body: mujoco.MjsBody, name: str, position: tuple[float, float, float]) -> None:
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        pos=position,
        size=[TIP_RADIUS, 0.0, 0.0],
        mass=0.0,
        rgba=_TIP_COLOUR,
        contype=0,
        conaffinity=0,
    )
    body.add_site(name=name, pos=position, group=4)


def _add_cameras(spec: mujoco.MjSpec) -> None:
    gripper = spec.joint("wrist_roll").parent
    for name, body, mount in (("top", spec.worldbody, TOP), ("wrist", gripper, WRIST)):
        body.add_camera(name=name, pos=mount.position, quat=mount.quaternion, fovy=mount.fovy)
