"""The look of a compiled scene: changed in place, as compiled, and without a trace."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from so101_ros.errors import RenderError
from so101_ros.pose import PlanarPose
from so101_ros.randomization.load import load_tier
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.cameras import CameraModel, CameraRenderer
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.look_tuner import LookTuner
from so101_ros.simulation.scene import build_model, build_spec
from so101_ros.simulation.scene_looks import OWN_LIGHT
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH

ASIDE = np.array([-1.9, -1.7, 1.6, 0.5, 0.0, 0.3])  # [rad], out of the top camera's sight
LOOKING = np.array([0.3, -0.2, 0.4, 1.2, 0.0, 0.3])  # [rad], paper and tape before the wrist camera
SHEET = PlanarPose(0.30, -0.08, 0.3)
CAMERAS = "top", "wrist"
VISUAL = load_tier("visual")


class Stage:
    """A scene with a renderer."""

    def __init__(self, model: mujoco.MjModel, q: np.ndarray = LOOKING) -> None:
        """Put the arm somewhere over the sheet."""
        self.model, self.data = model, mujoco.MjData(model)
        backend = MujocoBackend()
        backend.reset(SHEET, q)
        self.data.qpos[:] = backend.data.qpos
        self._renderer = CameraRenderer(model)

    def close(self) -> None:
        """Free the GL context."""
        self._renderer.close()

    def render(self, camera: str = "top") -> np.ndarray:
        """What a perfect camera sees."""
        mujoco.mj_kinematics(self.model, self.data)
        return self._renderer.render(self.data, camera)

    def camera(self, name: str) -> CameraModel:
        """Where the camera is."""
        mujoco.mj_kinematics(self.model, self.data)
        return CameraModel.from_mujoco(self.model, self.data, name, 320, 240)


@contextmanager
def staged(model: mujoco.MjModel, q: np.ndarray = LOOKING) -> Iterator[Stage]:
    """Open a stage, or skip where there is no OpenGL."""
    try:
        stage = Stage(model, q)
    except RenderError as err:
        pytest.skip(str(err))
    with closing(stage):
        yield stage


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The nominal scene, which the tests tune."""
    with staged(build_model()) as opened:
        yield opened


@pytest.fixture
def tuner(stage: Stage) -> Iterator[LookTuner]:
    """Changes the stage, and leaves it nominal."""
    tuner = LookTuner(stage.model, SceneConfig())
    yield tuner
    tuner.apply(SceneConfig())


def look(**fields: Any) -> SceneConfig:
    """A scene that looks different."""
    return SceneConfig(look=LookConfig(**fields))


def test_what_the_nominal_scene_has_in_store_is_neither_seen_nor_felt(stage: Stage) -> None:
    """The same pixels and the same physics, bit for bit, as without lamps, objects, textures."""
    spec = build_spec(SceneConfig())
    for light in list(spec.lights):
        if light.name != OWN_LIGHT:
            spec.delete(light)
    for geom in list(spec.geoms):
        if geom.name.startswith("distractor_"):
            spec.delete(geom)
    for each in [*spec.materials, *spec.textures]:
        if each.name.startswith("table_"):
            spec.delete(each)
    plain = spec.compile()
    assert (plain.nlight, plain.ntex, plain.ngeom) == (1, 0, stage.model.ngeom - 3)
    with staged(plain) as bare:
        for camera in CAMERAS:
            np.testing.assert_array_equal(bare.render(camera), stage.render(camera))
    states = []
    for model in (plain, build_model()):
        data = mujoco.MjData(model)
        data.ctrl[:] = LOOKING
        mujoco.mj_step(model, data, 400)
        states.append(data.qpos.copy())
    np.testing.assert_array_equal(*states)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None
)
@given(before=st.integers(0, 999), seed=st.integers(0, 999))
def test_a_tuned_scene_looks_as_if_it_had_been_built(
    stage: Stage, tuner: LookTuner, before: int, seed: int
) -> None:
    """Whatever it looked like before; and it looks nominal again when it is told to."""
    nominal = [stage.render(camera) for camera in CAMERAS]
    config = VISUAL.sample(seed)
    tuner.apply(VISUAL.sample(before))
    tuner.apply(config)
    with staged(build_model(config)) as built:
        for camera in CAMERAS:
            np.testing.assert_array_equal(stage.render(camera), built.render(camera))
    tuner.apply(SceneConfig())
    for camera, image in zip(CAMERAS, nominal, strict=True):
        np.testing.assert_array_equal(stage.render(camera), image)


def test_physics_does_not_see_the_look(stage: Stage, tuner: LookTuner) -> None:
    """Lamps, objects and a camera at the gripper move nothing."""
    ends = []
    for config in (SceneConfig(), VISUAL.sample(3)):
        tuner.apply(config)
        data = mujoco.MjData(stage.model)
        data.ctrl[:] = LOOKING
        mujoco.mj_step(stage.model, data, 400)
        ends.append(data.qpos.copy())
    np.testing.assert_array_equal(*ends)


def pixel(stage: Stage, point: tuple[float, float, float]) -> np.ndarray:
    """What the top camera sees at a point. Shape (3,)."""
    u, v = np.rint(stage.camera("top").project(np.array(point))).astype(int)
    return stage.render()[v, u].astype(int)


TABLE_SPOT = (0.45, 0.45, 0.0)
PAPER_SPOT = (SHEET.x, SHEET.y, 0.001)
TAPE_SPOT = (GOAL_CENTRE[0], GOAL_CENTRE[1] + 0.5 * GOAL_INNER_SIZE[1] + 0.5 * TAPE_WIDTH, 0.0)
SPOTS = {"table_colour": TABLE_SPOT, "paper_colour": PAPER_SPOT, "tape_colour": TAPE_SPOT}


@pytest.fixture
def clear_stage() -> Iterator[Stage]:
    """The nominal scene, with the arm out of the top camera's sight."""
    with staged(build_model(), ASIDE) as opened:
        yield opened


@pytest.mark.parametrize("name", SPOTS)
def test_a_colour_is_seen_where_it_belongs_and_nowhere_else(clear_stage: Stage, name: str) -> None:
    """Under the nominal light, which adds up to 1."""
    before = {each: pixel(clear_stage, spot) for each, spot in SPOTS.items()}
    LookTuner(clear_stage.model, SceneConfig()).apply(look(**{name: (0.2, 0.5, 0.8)}))
    after = {each: pixel(clear_stage, spot) for each, spot in SPOTS.items()}
    np.testing.assert_allclose(after.pop(name), [51, 127, 204], atol=2)
    for each, seen in after.items():
        np.testing.assert_array_equal(seen, before[each])


def test_light_has_its_colour_and_comes_from_its_lamp(clear_stage: Stage) -> None:
    """Ambient alone is even; a lamp at one side brightens that side, in its own colour."""
    tuner = LookTuner(clear_stage.model, SceneConfig())
    dark = {"headlight": (0.0,) * 3, "table_colour": (0.5,) * 3, "lamps": 1}
    off = {"lamp_colours": (0.0,) * 9}
    tuner.apply(look(ambient=(0.8, 0.4, 0.2), **dark, **off))
    np.testing.assert_allclose(pixel(clear_stage, TABLE_SPOT), [102, 51, 25], atol=2)
    left = {"lamp_positions": (0.3, 1.2, 0.6) * 3, "lamp_colours": (0.0, 1.0, 0.0) * 3}
    tuner.apply(look(ambient=(0.1, 0.1, 0.1), **dark, **left))
    near, far = pixel(clear_stage, (0.45, 0.5, 0.0)), pixel(clear_stage, (0.45, -0.2, 0.0))
    assert near[1] > far[1] + 10
    assert near[0] == far[0] == near[2]


def test_more_lamps_are_brighter(clear_stage: Stage) -> None:
    """Each adds its light."""
    tuner = LookTuner(clear_stage.model, SceneConfig())
    levels = []
    for lamps in (1, 2, 3):
        tuner.apply(look(lamps=lamps, lamp_colours=(0.2,) * 9))
        levels.append(pixel(clear_stage, TABLE_SPOT).mean())
    assert levels[0] + 3 < levels[1] < levels[2] - 3


def test_a_texture_repeats_at_its_size_on_the_table_alone(clear_stage: Stage) -> None:
    """A checker of 0.4 m changes every 0.2 m; sheet and tape stay as they are."""
    tuner = LookTuner(clear_stage.model, SceneConfig())
    plain = pixel(clear_stage, PAPER_SPOT), pixel(clear_stage, TAPE_SPOT)
    bright = pixel(clear_stage, TABLE_SPOT).mean()
    tuner.apply(look(table_texture="checker", texture_size=0.4))
    row = [pixel(clear_stage, (0.5, y, 0.0)).mean() < 0.92 * bright for y in (-0.3, -0.1, 0.1, 0.3)]
    assert row in ([True, False, True, False], [False, True, False, True])
    np.testing.assert_array_equal(pixel(clear_stage, PAPER_SPOT), plain[0])
    np.testing.assert_array_equal(pixel(clear_stage, TAPE_SPOT), plain[1])


@pytest.mark.parametrize("shape", ["box", "cylinder", "ball"])
def test_objects_are_seen_where_they_stand(clear_stage: Stage, shape: str) -> None:
    """As many as there are, at their places, in their colours."""
    tuner = LookTuner(clear_stage.model, SceneConfig())
    fields: dict[str, Any] = {
        "distractor_shape": shape,
        "distractor_bearings": (0.3, 0.9, 1.5),
        "distractor_distances": (0.58, 0.6, 0.6),
        "distractor_sizes": (0.06,) * 3,
        "distractor_heights": (0.01,) * 3,
        "distractor_colours": (0.0, 0.9, 0.0) * 3,
    }
    tuner.apply(look(distractors=2, **fields))
    data, model = clear_stage.data, clear_stage.model
    greens = []
    for index in range(3):
        geom = model.geom(f"distractor_{index}").id
        mujoco.mj_kinematics(model, data)
        r, g, b = pixel(clear_stage, tuple(data.geom_xpos[geom]))
        greens.append(g > 2 * r and g > 2 * b)
    assert greens == [True, True, False]


def red_outline(image: np.ndarray) -> np.ndarray:
    """Middle of the tape in the image, in [px]. Shape (2,)."""
    red = (image[..., 0] > 120) & (image[..., 1] < 60) & (image[..., 2] < 60)
    rows, columns = np.nonzero(red)
    assert len(rows) > 200
    return np.array([columns.min() + columns.max(), rows.min() + rows.max()]) / 2.0


TURNS = [
    {},
    {"top_camera_offset": (0.03, -0.02, 0.05)},
    {"top_camera_turn": (0.05, -0.04, 0.08)},
    {"top_camera_offset": (-0.02, 0.03, -0.03), "top_camera_turn": (-0.03, 0.06, -0.1)},
]


@pytest.mark.parametrize("errors", TURNS, ids=["none", "offset", "turn", "both"])
@pytest.mark.parametrize("view", [0.8, 1.0, 1.15])
def test_the_tape_is_where_the_tuned_camera_says(
    clear_stage: Stage, errors: dict[str, Any], view: float
) -> None:
    """Field of view and pose that are read from the model are those that the image shows."""
    config = replace(look(top_view=view), calibration=CalibrationConfig(**errors))
    LookTuner(clear_stage.model, SceneConfig()).apply(config)
    corners = GOAL_CENTRE + np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * (
        0.5 * GOAL_INNER_SIZE + TAPE_WIDTH
    )
    camera = clear_stage.camera("top")
    pixels = camera.project(np.column_stack([corners, np.zeros(4)]))
    wanted = (pixels.min(axis=0) + pixels.max(axis=0)) / 2.0
    np.testing.assert_allclose(red_outline(clear_stage.render()), wanted, atol=1.0)
    fovy = 2.0 * np.arctan(0.5 * 240 / camera.intrinsics.fy)
    assert fovy == pytest.approx(np.deg2rad(90.0) * view)


def test_a_camera_moves_by_its_error_in_the_frame_that_it_is_fixed_to(stage: Stage) -> None:
    """The top camera's offset counts in the world, the wrist camera's in the gripper link."""
    tuner = LookTuner(stage.model, SceneConfig())
    before = {name: stage.camera(name) for name in CAMERAS}
    offset, turn = (0.01, 0.02, -0.015), (0.02, 0.03, -0.04)
    errors = {
        f"{name}_camera_{what}": each
        for name in CAMERAS
        for what, each in (("offset", offset), ("turn", turn))
    }
    tuner.apply(SceneConfig(calibration=CalibrationConfig(**errors)))
    gripper = stage.data.body("gripper_link").xmat.reshape(3, 3)
    for name, frame in (("top", np.eye(3)), ("wrist", gripper)):
        camera = stage.camera(name)
        moved = frame.T @ (camera.position - before[name].position)
        np.testing.assert_allclose(moved, offset, atol=1e-12)
        mujoco_turn = np.diag([1.0, -1.0, -1.0]) @ before[name].rotation.T @ camera.rotation
        relative = mujoco_turn @ np.diag([1.0, -1.0, -1.0])
        angle = np.arccos(0.5 * (np.trace(relative) - 1.0))
        assert angle == pytest.approx(np.linalg.norm(turn), abs=1e-9)
        axis = np.array([relative[2, 1], relative[0, 2], relative[1, 0]])
        axis -= np.array([relative[1, 2], relative[2, 0], relative[0, 1]])
        np.testing.assert_allclose(axis / (2.0 * np.sin(angle)) * angle, turn, atol=1e-9)
    tuner.apply(SceneConfig())
    for name in CAMERAS:
        np.testing.assert_array_equal(stage.camera(name).rotation, before[name].rotation)


def test_the_other_camera_keeps_its_lens(stage: Stage, tuner: LookTuner) -> None:
    """Each field of view belongs to one camera."""
    tuner.apply(look(wrist_view=1.2))
    assert stage.model.camera("top").fovy == 90.0
    assert stage.model.camera("wrist").fovy == pytest.approx(90.0)  # 75 * 1.2
