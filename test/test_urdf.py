"""The generated URDF says the same as the MJCF."""

import xml.etree.ElementTree as ET
from pathlib import Path

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maker import LINKS, URDF, needs_maker

from so101_ros.arm import JOINT_NAMES, MAX_JOINT_SPEED, ArmSpec, qpos_addresses
from so101_ros.assets import find_share_file
from so101_ros.description import __main__ as command
from so101_ros.description import build_urdf
from so101_ros.description.elements import matrix, number, primitives, roll_pitch_yaw
from so101_ros.errors import ModelError
from so101_ros.simulation.pinhole import OPTICAL_FROM_MUJOCO
from so101_ros.simulation.scene import build_model

FRAMES = (*LINKS, "gripper_frame_link", "top_optical_frame", "wrist_optical_frame")


@pytest.fixture(scope="module")
def robot() -> ET.Element:
    """The URDF as a tree."""
    return ET.fromstring(build_urdf())


@pytest.fixture(scope="module")
def scene() -> mujoco.MjModel:
    """The scene that the URDF is written from."""
    return build_model()


def read_by_mujoco(urdf: str, **compiler: str) -> mujoco.MjModel:
    """Read a URDF with MuJoCo's own reader, every link kept as a body."""
    tree = ET.fromstring(urdf)
    options = {"fusestatic": "false", "discardvisual": "true", **compiler}
    ET.SubElement(ET.SubElement(tree, "mujoco"), "compiler", options)
    return mujoco.MjModel.from_xml_string(ET.tostring(tree, encoding="unicode"))


def moved(model: mujoco.MjModel, q: np.ndarray) -> mujoco.MjData:
    """Pose a model, cameras included."""
    data = mujoco.MjData(model)
    data.qpos[qpos_addresses(model)] = q
    mujoco.mj_kinematics(model, data)
    mujoco.mj_camlight(model, data)
    return data


def frame_in_scene(data: mujoco.MjData, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Position and rotation matrix that the scene gives a link of the URDF."""
    if name.endswith("_optical_frame"):
        camera = data.cam(name.removesuffix("_optical_frame"))
        return camera.xpos, camera.xmat.reshape(3, 3) @ OPTICAL_FROM_MUJOCO
    if name == "gripper_frame_link":
        site = data.site("gripper_frame")
        return site.xpos, site.xmat.reshape(3, 3)
    return data.body(name).xpos, data.body(name).xmat.reshape(3, 3)


def test_the_committed_file_is_current() -> None:
    """Editing the MJCF without refreshing the URDF fails here."""
    committed = find_share_file("assets/so101.urdf").read_text(encoding="utf-8")
    assert committed == build_urdf(), "run `python -m so101_ros.description` and commit the result"


def test_every_frame_is_where_the_scene_has_it(scene: mujoco.MjModel) -> None:
    """An independent reader finds links, tool and cameras within 0.1 mm and 0.1 degrees."""
    urdf, arm = read_by_mujoco(build_urdf()), ArmSpec.from_model(scene)
    rng = np.random.default_rng(1)
    for q in rng.uniform(arm.lower, arm.upper, (200, 6)):
        ours, theirs = moved(scene, q), moved(urdf, q)
        for name in FRAMES:
            position, rotation = frame_in_scene(ours, name)
            assert np.linalg.norm(position - theirs.body(name).xpos) < 1e-4
            # The Frobenius norm of a small rotation's difference is sqrt(2) times its angle.
            difference = np.linalg.norm(rotation - theirs.body(name).xmat.reshape(3, 3))
            assert difference / np.sqrt(2.0) < np.deg2rad(0.1)


def test_inertias_survive(scene: mujoco.MjModel) -> None:
    """An independent reader finds the same masses, centres of mass and principal inertias."""
    urdf = read_by_mujoco(build_urdf())
    for name in LINKS:
        ours, theirs = scene.body(name), urdf.body(name)
        for key in ("mass", "ipos", "inertia"):
            np.testing.assert_allclose(
                getattr(theirs, key), getattr(ours, key), rtol=1e-4, atol=1e-9
            )


@needs_maker
def test_the_gripper_is_where_the_makers_urdf_has_it() -> None:
    """From the base, both URDFs put the gripper frame in the same place."""
    makers = ET.parse(URDF).getroot()
    for link in makers.iter("link"):
        for shape in (*link.findall("visual"), *link.findall("collision")):
            link.remove(shape)
    theirs = read_by_mujoco(ET.tostring(makers, encoding="unicode"))
    ours = read_by_mujoco(build_urdf())
    arm, rng = ArmSpec.from_model(ours), np.random.default_rng(2)
    for q in rng.uniform(arm.lower, arm.upper, (200, 6)):
        offsets = []
        for data in (moved(ours, q), moved(theirs, q)):
            base, tool = data.body("base_link"), data.body("gripper_frame_link")
            offsets.append(base.xmat.reshape(3, 3).T @ (tool.xpos - base.xpos))
        assert np.linalg.norm(offsets[0] - offsets[1]) < 1e-4


def test_links_form_one_tree_below_world(robot: ET.Element) -> None:
    """robot_state_publisher needs one root; every other link hangs on exactly one joint."""
    links = [link.attrib["name"] for link in robot.findall("link")]
    children = [child.attrib["link"] for child in robot.findall("joint/child")]
    assert sorted(links) == sorted(["world", *FRAMES])
    assert sorted(children) == sorted(FRAMES)
    assert {parent.get("link") for parent in robot.findall("joint/parent")} <= set(links)


def test_joints_carry_the_limits_of_the_model(robot: ET.Element, scene: mujoco.MjModel) -> None:
    """Six revolute joints, in arm order, with range, torque and speed."""
    arm = ArmSpec.from_model(scene)
    joints = [joint for joint in robot.findall("joint") if joint.get("type") == "revolute"]
    assert tuple(joint.get("name") for joint in joints) == JOINT_NAMES
    for joint, lower, upper in zip(joints, arm.lower, arm.upper, strict=True):
        limit = joint.find("limit")
        assert limit is not None
        values = [float(limit.get(key, "nan")) for key in ("lower", "upper", "effort", "velocity")]
        assert values == pytest.approx([lower, upper, 2.94, MAX_JOINT_SPEED], rel=1e-6)


def test_visuals_use_the_declared_materials(robot: ET.Element) -> None:
    """Every material is defined once, at the top, with a colour; every visual has one."""
    declared = [material.attrib["name"] for material in robot.findall("material")]
    used = [visual.find("material") for visual in robot.iter("visual")]
    assert sorted(declared) == ["fingertip", "printed", "servo"]
    assert {material.get("name") for material in used if material is not None} == set(declared)
    assert None not in used


def test_fingertips_are_solid(robot: ET.Element) -> None:
    """The tips that the scene adds are seen and touched in the URDF too."""
    for name in ("gripper_link", "moving_jaw_link"):
        link = robot.find(f"link[@name='{name}']")
        assert link is not None
        for role in ("visual", "collision"):
            radii = [ball.get("radius") for ball in link.findall(f"{role}/geometry/sphere")]
            assert radii.count("0.008") == 1


def test_a_capsule_becomes_a_tube_with_round_ends() -> None:
    """URDF has no capsule."""
    parts = primitives(mujoco.mjtGeom.mjGEOM_CAPSULE, np.array([0.01, 0.05, 0.0]))
    assert [part[0] for part in parts] == ["cylinder", "sphere", "sphere"]
    assert parts[0][1] == {"radius": "0.01", "length": "0.1"}
    assert [part[2].tolist() for part in parts[1:]] == [[0, 0, 0.05], [0, 0, -0.05]]


def test_shapes_that_urdf_lacks_are_refused() -> None:
    """A mesh or an ellipsoid would silently vanish from rviz."""
    with pytest.raises(ModelError, match="no shape for MuJoCo's mjGEOM_ELLIPSOID; use boxes"):
        primitives(mujoco.mjtGeom.mjGEOM_ELLIPSOID, np.ones(3))


@given(st.tuples(*[st.floats(-1.0, 1.0) for _ in range(4)]))
def test_angles_rebuild_any_rotation(values: tuple[float, ...]) -> None:
    """Rz(yaw) Ry(pitch) Rx(roll) gives the rotation back."""
    quaternion = np.array(values)
    if np.linalg.norm(quaternion) < 0.1:
        quaternion = np.array([1.0, 0.0, 0.0, 0.0])
    assert_angles_rebuild(quaternion / np.linalg.norm(quaternion))


@given(st.floats(-np.pi, np.pi), st.sampled_from([-0.5 * np.pi, 0.5 * np.pi]))
def test_angles_rebuild_rotations_in_gimbal_lock(roll: float, pitch: float) -> None:
    """At a pitch of 90 degrees roll and yaw are one angle; the shoulder has that orientation."""
    around_x, around_y, quaternion = np.empty(4), np.empty(4), np.empty(4)
    mujoco.mju_axisAngle2Quat(around_x, np.array([1.0, 0.0, 0.0]), roll)
    mujoco.mju_axisAngle2Quat(around_y, np.array([0.0, 1.0, 0.0]), pitch)
    mujoco.mju_mulQuat(quaternion, around_y, around_x)
    assert_angles_rebuild(quaternion)


def assert_angles_rebuild(quaternion: np.ndarray) -> None:
    """Compose the three elementary rotations and compare."""
    roll, pitch, yaw = roll_pitch_yaw(matrix(quaternion))
    rebuilt = np.eye(3)
    for axis, angle in zip(np.eye(3)[::-1], (yaw, pitch, roll), strict=True):
        turn = np.empty(4)
        mujoco.mju_axisAngle2Quat(turn, axis, angle)
        rebuilt = rebuilt @ matrix(turn)
    np.testing.assert_allclose(rebuilt, matrix(quaternion), atol=2e-6)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (-1e-17, "0"), (-4.59787e-07, "-4.59787e-07"), (np.pi, "3.141593")],
)
def test_numbers_carry_no_noise(value: float, text: str) -> None:
    """Seven digits; what is zero but for rounding is written as zero."""
    assert number(value) == text


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    """`python -m so101_ros.description PATH` writes the URDF there."""
    path = tmp_path / "arm.urdf"
    assert command.main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == build_urdf()


def test_the_command_says_when_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that does not exist: one line and exit code 2."""
    assert command.main([str(tmp_path / "missing" / "arm.urdf")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
