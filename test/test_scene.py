"""The scene: numbers of the task, foreign robot models, and nothing touches but what may."""

from pathlib import Path

import mujoco
import numpy as np
import pytest
from maker import MJCF, needs_maker

from so101_ros.arm import JOINT_NAMES
from so101_ros.assets import find_share_file
from so101_ros.errors import AssetError, ConfigError, ModelError
from so101_ros.pose import PlanarPose
from so101_ros.rates import Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_config import ContactConfig, PaperConfig, ServoConfig
from so101_ros.simulation.scene import build_arm_spec, build_model

NO_JOINTS = "<mujoco><worldbody><body><geom size='0.1'/></body></worldbody></mujoco>"


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    """The nominal scene."""
    return build_model()


def box_edges(model: mujoco.MjModel, name: str) -> np.ndarray:
    """Least and greatest coordinate of a box that is aligned with the world. Shape (2, 3)."""
    geom = model.geom(name)
    return np.array([geom.pos - geom.size, geom.pos + geom.size])


def test_the_tape_frames_the_goal(model: mujoco.MjModel) -> None:
    """Four strips, 20 mm wide, around 0.210 x 0.148 m centred at (0.275, 0.175), flush."""
    strips = [box_edges(model, f"tape_{side}") for side in ("left", "right", "near", "far")]
    left, right, near, far = strips
    np.testing.assert_allclose([near[1, 0], far[0, 0]], [0.170, 0.380], atol=1e-9)
    np.testing.assert_allclose([right[1, 1], left[0, 1]], [0.101, 0.249], atol=1e-9)
    np.testing.assert_allclose(np.min(strips, axis=(0, 1))[:2], [0.150, 0.081], atol=1e-9)
    np.testing.assert_allclose(np.max(strips, axis=(0, 1)), [0.400, 0.269, 0.0002], atol=1e-9)


def test_the_sheet_is_a5(model: mujoco.MjModel) -> None:
    """0.148 x 0.210 m, 5 g, 1 mm thick, free to move."""
    np.testing.assert_allclose(2.0 * model.geom("paper").size, [0.148, 0.210, 0.001])
    assert model.body("paper").mass == pytest.approx(0.005)
    assert model.joint("paper").type == mujoco.mjtJoint.mjJNT_FREE


def test_the_arm_stands_where_the_task_says(model: mujoco.MjModel) -> None:
    """Base at (0.050, -0.029, 0), turned by 45 degrees."""
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    base = data.body("base_link")
    np.testing.assert_allclose(base.xpos, [0.050, -0.029, 0.0], atol=1e-12)
    np.testing.assert_allclose(base.xmat.reshape(3, 3)[:2, 0], [0.5**0.5, 0.5**0.5], atol=1e-12)


def test_the_fingertips_are_those_of_the_task(model: mujoco.MjModel) -> None:
    """Spheres of 8 mm at the ends of both jaws, each with a site in its centre."""
    tips = {
        "fixed_tip": ("gripper_link", [-0.0079, -0.0002, -0.1050]),
        "moving_tip": ("moving_jaw_link", [-0.0113, -0.0819, 0.0195]),
    }
    for name, (link, position) in tips.items():
        geom, site = model.geom(name), model.site(name)
        assert geom.type == mujoco.mjtGeom.mjGEOM_SPHERE and geom.size[0] == 0.008
        assert geom.bodyid == site.bodyid == model.body(link).id
        np.testing.assert_allclose([geom.pos, site.pos], [position, position])


def test_only_named_pairs_can_touch(model: mujoco.MjModel) -> None:
    """No geom collides by itself; each pair is something on the table or on the sheet."""
    assert not model.geom_contype.any() and not model.geom_conaffinity.any()
    surfaces = {model.geom("paper").id, model.geom("table").id}
    pairs = list(zip(model.pair_geom1.tolist(), model.pair_geom2.tolist(), strict=True))
    assert all(surfaces & set(pair) for pair in pairs)
    # Sheet and its foot on the table; two tips and eight shapes of the arm on sheet and table.
    assert len(pairs) == len(set(pairs)) == 2 + 2 * (2 + 8)
    tape = {model.geom(f"tape_{side}").id for side in ("left", "right", "near", "far")}
    assert not tape & {geom for pair in pairs for geom in pair}


def test_pairs_carry_the_chosen_friction() -> None:
    """Every pair has its own friction; fingertips alone resist twisting."""
    contact = ContactConfig(
        paper_table_friction=0.11, tip_friction=1.2, tip_torsion=0.02, arm_friction=0.4
    )
    model = build_model(SceneConfig(contact=contact))
    on_table = model.pair("paper-table")
    assert on_table.friction[:2].tolist() == [0.11, 0.11] and on_table.dim == 3
    tip = model.pair("fixed_tip-paper")
    assert tip.friction[:3].tolist() == [1.2, 1.2, 0.02] and tip.dim == 4
    names = [model.pair(index).name for index in range(model.npair)]
    arm = [name for name in names if "collision" in name]
    assert len(arm) == 16
    assert all(model.pair(name).friction[0] == 0.4 for name in arm)


def test_the_arm_may_overlap_itself(model: mujoco.MjModel) -> None:
    """Shapes of neighbouring links overlap by design; only sheet and table touch."""
    backend = MujocoBackend()
    jaw, gripper = backend.model.body("moving_jaw_link"), backend.model.body("gripper_link")
    shapes = [
        [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] == body.id]
        for body in (jaw, gripper)
    ]
    gaps = [
        mujoco.mj_geomDistance(backend.model, backend.data, first, second, 0.1, None)
        for first in shapes[0]
        for second in shapes[1]
        if {model.geom_group[first], model.geom_group[second]} == {3}
    ]
    assert min(gaps) < 0.0
    touching = {tuple(sorted(pair)) for pair in backend.data.contact.geom.tolist()}
    assert touching == {(model.geom("table").id, model.geom("paper").id)}


def test_the_arm_cannot_pass_through_the_table() -> None:
    """Servos that push the gripper down meet the table with the fingertips."""
    backend = MujocoBackend()
    backend.reset(PlanarPose(0.30, 0.30, 0.0))
    backend.step(np.tile([0.0, 0.6, 0.4, 0.57, 0.0, 0.3], (240, 1)))
    table = backend.model.geom("table").id
    tips = {backend.model.geom(name).id for name in ("fixed_tip", "moving_tip")}
    pressing = {max(pair) for pair in backend.data.contact.geom.tolist() if min(pair) == table}
    assert tips & pressing
    assert all(backend.data.geom_xpos[tip][2] > 0.006 for tip in tips)


def test_the_sheet_rests_on_the_table() -> None:
    """It neither sinks nor creeps nor flies."""
    backend = MujocoBackend()
    backend.reset(PlanarPose(0.30, 0.05, 0.2))
    backend.step(np.tile(backend.joint_state.q, (240, 1)))
    paper = backend.paper
    np.testing.assert_allclose(paper.position, [0.30, 0.05, 0.0005], atol=2e-5)
    assert paper.yaw == pytest.approx(0.2, abs=1e-4)


def test_servos_hold_their_range_and_torque(model: mujoco.MjModel) -> None:
    """Six position servos in arm order, limited to the joint's range and the stall torque."""
    assert tuple(model.actuator(index).name for index in range(model.nu)) == JOINT_NAMES
    for name in JOINT_NAMES:
        servo = model.actuator(name)
        np.testing.assert_allclose(servo.ctrlrange, model.joint(name).range)
        np.testing.assert_allclose(servo.forcerange, [-2.94, 2.94])
        np.testing.assert_allclose(servo.gainprm[0], 50.0)


def test_settings_reach_the_model() -> None:
    """Rates, servo and sheet are what the configuration says."""
    config = SceneConfig(
        servo=ServoConfig(stiffness=20.0),
        paper=PaperConfig(mass=0.003, thickness=0.0005),
        rates=Rates(physics_hz=960),
    )
    model = build_model(config)
    assert model.opt.timestep == pytest.approx(1.0 / 960.0)
    assert model.actuator("gripper").gainprm[0] == 20.0
    assert model.body("paper").mass == pytest.approx(0.003)
    assert model.geom("paper").size[2] == pytest.approx(0.00025)


def test_the_arm_alone_has_six_joints() -> None:
    """For kinematics there is no sheet: joint positions are the whole state."""
    arm = build_arm_spec().compile()
    assert arm.nq == 6
    assert {arm.site(index).name for index in range(arm.nsite)} >= {"tool", "fixed_tip"}


def test_configurations_survive_the_wire() -> None:
    """A description sent as plain data builds the same scene."""
    config = SceneConfig(paper=PaperConfig(mass=0.004), rates=Rates(physics_hz=960))
    assert SceneConfig.from_dict(config.to_dict()) == config


def test_unknown_settings_are_refused() -> None:
    """A typing error is no silent default."""
    with pytest.raises(ConfigError, match=r"^contact has no 'frction'\. Allowed: paper_table_"):
        SceneConfig.from_dict({"contact": {"frction": 1.0}})


def test_a_missing_robot_model_is_refused() -> None:
    """The message repeats the path and says what to give."""
    with pytest.raises(AssetError, match=r"robot_model='/no/arm.xml' is not a file. Give the path"):
        build_model(SceneConfig(robot_model="/no/arm.xml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(NO_JOINTS, "lacks the joints .*'shoulder_pan'", id="no joints"),
        pytest.param("<mujoco><worldbody>", "is not a valid MJCF", id="broken XML"),
        pytest.param("not XML", "is not a valid MJCF", id="no XML"),
    ],
)
def test_a_file_that_is_no_arm_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Whatever the file holds, the error is ours and says what is wrong."""
    path = tmp_path / "arm.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        build_model(SceneConfig(robot_model=str(path)))


@pytest.mark.parametrize("own", ['geom name="table" size="1"', 'site name="tool"'])
def test_an_arm_that_brings_our_things_along_is_refused(tmp_path: Path, own: str) -> None:
    """The message names what is there twice."""
    text = find_share_file("assets/so101.xml").read_text(encoding="utf-8")
    path = tmp_path / "arm.xml"
    path.write_text(text.replace("<worldbody>", f"<worldbody><{own}/>", 1), encoding="utf-8")
    with pytest.raises(ModelError, match=r"does not fit into the scene: .*repeated name '(ta|to)"):
        build_model(SceneConfig(robot_model=str(path)))


@needs_maker
def test_the_makers_arm_does_the_same() -> None:
    """With the maker's MJCF the scene has the same servos, tips and cameras in the same places."""
    ours, theirs = MujocoBackend(), MujocoBackend(SceneConfig(robot_model=str(MJCF)))
    q = np.array([0.2, -0.3, 0.5, 1.2, 0.1, 0.3])
    for backend in (ours, theirs):
        backend.reset(PlanarPose(0.30, 0.0, 0.0), q)
    np.testing.assert_allclose(theirs.tool_position, ours.tool_position, atol=1e-6)
    for name in ("fixed_tip", "moving_tip"):
        tips = [backend.data.site(name).xpos for backend in (ours, theirs)]
        np.testing.assert_allclose(tips[0], tips[1], atol=1e-6)
    for name in ("top", "wrist"):
        places = [backend.data.cam(name).xpos for backend in (ours, theirs)]
        np.testing.assert_allclose(places[0], places[1], atol=1e-6)
    theirs.step(np.tile(q, (60, 1)))
    np.testing.assert_allclose(theirs.joint_state.q, q, atol=0.05)
