"""The built-in MJCF: the maker's kinematics, our shapes."""

import mujoco
import numpy as np
import pytest
from maker import LINKS, MJCF, needs_maker

from so101_ros.arm import JOINT_NAMES, ArmSpec, qpos_addresses
from so101_ros.assets import find_share_file
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, TIP_RADIUS, build_model

POSITION_TOLERANCE = 1e-4  # [m]
ANGLE_TOLERANCE = np.deg2rad(0.1)
VISUAL, COLLISION = 2, 3

LEVEL_JAW = 0.30  # [rad], both tips at one height when the gripper points down
POINTING_DOWN = 0.5 * np.pi  # [rad], sum of shoulder lift, elbow and wrist flex


@pytest.fixture(scope="module")
def arm() -> mujoco.MjModel:
    """The arm alone."""
    return mujoco.MjModel.from_xml_path(str(find_share_file("assets/so101.xml")))


@pytest.fixture(scope="module")
def maker() -> mujoco.MjModel:
    """The maker's arm."""
    return mujoco.MjModel.from_xml_path(str(MJCF))


def moved(model: mujoco.MjModel, q: np.ndarray) -> mujoco.MjData:
    """Pose a model."""
    data = mujoco.MjData(model)
    data.qpos[qpos_addresses(model)] = q
    mujoco.mj_kinematics(model, data)
    return data


def angle_between(first: np.ndarray, second: np.ndarray) -> float:
    """Angle between two orientations given as flat matrices, in [rad]."""
    relative = first.reshape(3, 3).T @ second.reshape(3, 3)
    # The sine keeps its precision at small angles, where the cosine is flat.
    sine = 0.5 * np.linalg.norm(relative - relative.T) / np.sqrt(2.0)
    return float(np.arctan2(sine, 0.5 * (np.trace(relative) - 1.0)))


def lowest_point(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> float:
    """Height of the lowest point of a box or capsule, in [m]."""
    down, size = data.geom_xmat[geom].reshape(3, 3)[2], model.geom_size[geom]
    height = data.geom_xpos[geom][2]
    if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_BOX:
        return height - np.abs(down) @ size
    assert model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_CAPSULE
    return height - abs(down[2]) * size[1] - size[0]


@needs_maker
def test_forward_kinematics_agree_with_the_maker(
    arm: mujoco.MjModel, maker: mujoco.MjModel
) -> None:
    """Every link and the gripper frame are within 0.1 mm and 0.1 degrees over random poses."""
    spec, rng = ArmSpec.from_model(arm), np.random.default_rng(0)
    for q in rng.uniform(spec.lower, spec.upper, (300, 6)):
        ours, theirs = moved(arm, q), moved(maker, q)
        frames = [(ours.body(name), theirs.body(other)) for name, other in LINKS.items()]
        frames.append((ours.site("gripper_frame"), theirs.site("gripperframe")))
        for mine, other in frames:
            assert np.linalg.norm(mine.xpos - other.xpos) < POSITION_TOLERANCE
            assert angle_between(mine.xmat, other.xmat) < ANGLE_TOLERANCE


@needs_maker
def test_masses_and_joints_agree_with_the_maker(arm: mujoco.MjModel, maker: mujoco.MjModel) -> None:
    """Inertias, limits and joint properties are the published ones."""
    for name, other in LINKS.items():
        mine, theirs = arm.body(name), maker.body(other)
        for key in ("mass", "inertia", "ipos"):
            np.testing.assert_allclose(
                getattr(mine, key), getattr(theirs, key), rtol=1e-6, atol=1e-9
            )
    for name in JOINT_NAMES:
        mine, theirs = arm.joint(name), maker.joint(name)
        for key in ("range", "damping", "frictionloss", "armature", "axis"):
            np.testing.assert_allclose(getattr(mine, key), getattr(theirs, key), rtol=1e-6)


def test_shapes_are_cheap(arm: mujoco.MjModel) -> None:
    """Few primitives, no meshes: fast to draw and to collide."""
    groups = arm.geom_group.tolist()
    assert arm.nmesh == 0
    assert set(groups) == {VISUAL, COLLISION}
    assert 25 <= groups.count(VISUAL) <= 45
    assert 6 <= groups.count(COLLISION) <= 8


def test_shapes_weigh_nothing(arm: mujoco.MjModel) -> None:
    """Mass comes from the published inertias alone: 632 g."""
    assert arm.body_mass.sum() == pytest.approx(0.632006, abs=1e-6)


def test_fingers_end_in_their_tips() -> None:
    """The last capsule of each jaw reaches into the fingertip and does not stick out of it."""
    model = build_model()
    data = moved(model, np.zeros(6))
    for tip in (FIXED_TIP, MOVING_TIP):
        centre, body = data.geom(tip).xpos, model.geom(tip).bodyid[0]
        capsules = [
            geom
            for geom in range(model.ngeom)
            if model.geom_bodyid[geom] == body
            and model.geom_group[geom] == VISUAL
            and model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_CAPSULE
        ]
        assert len(capsules) == 1
        half_axis = (
            data.geom_xmat[capsules[0]].reshape(3, 3)[:, 2] * model.geom_size[capsules[0]][1]
        )
        ends = data.geom_xpos[capsules[0]] + np.array([half_axis, -half_axis])
        gap = np.linalg.norm(ends - centre, axis=1).min()
        assert gap + model.geom_size[capsules[0]][0] < TIP_RADIUS + 0.001


def test_fingertips_touch_first() -> None:
    """Pointing down with level tips on the table, everything else that collides is 8 mm above it.

    Heights do not depend on the pan angle, nor on the roll when the gripper points straight down.
    """
    model, clearances = build_model(), []
    spec = ArmSpec.from_model(model)
    others = [geom for geom in range(model.ngeom) if model.geom_group[geom] == COLLISION]
    lifts = np.linspace(spec.lower[1], spec.upper[1], 120)
    elbows = np.linspace(spec.lower[2], spec.upper[2], 120)
    for lift, elbow in np.stack(np.meshgrid(lifts, elbows), axis=-1).reshape(-1, 2):
        flex = POINTING_DOWN - lift - elbow
        if not spec.lower[3] < flex < spec.upper[3]:
            continue
        data = moved(model, np.array([0.0, lift, elbow, flex, 0.0, LEVEL_JAW]))
        heights = [data.geom(tip).xpos[2] - TIP_RADIUS for tip in (FIXED_TIP, MOVING_TIP)]
        assert abs(heights[0] - heights[1]) < 1e-4
        if abs(min(heights)) < 0.01:
            clearances.append(min(lowest_point(model, data, g) for g in others) - min(heights))
    assert len(others) == 8 and len(clearances) > 100
    assert min(clearances) > TIP_RADIUS
