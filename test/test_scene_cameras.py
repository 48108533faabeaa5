"""What the cameras of a scene deliver: the same pixels, whoever takes the image."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from so101_ros.arm import NUM_JOINTS
from so101_ros.envs.make import make_paper_return_image
from so101_ros.errors import ConfigError, ObservationError, RenderError
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.simulated_sight import SimulatedSight
from so101_ros.pose import PlanarPose
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.preview import draw_fields, write_preview
from so101_ros.recording.side_by_side import CAPTION_HEIGHT
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.physics_config import PaperConfig
from so101_ros.simulation.pinhole import Intrinsics
from so101_ros.simulation.scene_cameras import SceneCameras

SIZE = 160, 120
VISUAL = load_tier("visual")
FOLDED = np.zeros(NUM_JOINTS)  # [rad], somewhere else than at the start
NOISY = SceneConfig(look=LookConfig(noise=4.0))


@pytest.fixture(scope="module", autouse=True)
def _needs_gl() -> None:
    """Skip where there is no OpenGL."""
    try:
        CameraRig(SceneConfig(), *SIZE).close()
    except RenderError as err:
        pytest.skip(str(err))


@pytest.fixture
def rig() -> Iterator[CameraRig]:
    """The cameras of the graph."""
    with closing(CameraRig(SceneConfig(), *SIZE)) as opened:
        yield opened


def test_the_environment_sees_what_the_graph_sees(rig: CameraRig) -> None:
    """Both cameras, several drawn episodes, several ticks: bit for bit."""
    env = make_paper_return_image(("top", "wrist"), SIZE, scene=VISUAL)
    with closing(env):
        simulator = env.world.simulator
        for seed in (4, 11):
            observed, _ = env.reset(seed=seed)
            rig.begin(VISUAL.sample(seed), seed)
            for _ in range(3):
                rig.show(simulator.backend.state)
                elapsed_ns = simulator.stamp_ns - simulator.episode.reset_ns
                assert isinstance(observed, dict)
                for camera in ("top", "wrist"):
                    np.testing.assert_array_equal(
                        observed[f"image_{camera}"], rig.render(camera, elapsed_ns)
                    )
                observed, *_ = env.step(FOLDED)


def test_an_image_of_an_episode_repeats_whenever_the_episode_begins() -> None:
    """Stamps go on from episode to episode, noise begins anew."""
    with closing(make_paper_return_image(image_size=SIZE, scene=VISUAL)) as env:
        first, _ = env.reset(seed=5)
        env.step(FOLDED)
        env.reset(seed=6)
        again, _ = env.reset(seed=5)
        assert isinstance(first, dict) and isinstance(again, dict)
        np.testing.assert_array_equal(first["image"], again["image"])


def test_a_rig_begins_an_episode_in_place_as_if_it_had_been_built_for_it(rig: CameraRig) -> None:
    """Also its lens is that of the scene."""
    config = VISUAL.sample(8)
    state = MujocoBackend().state
    assert rig.can_show(config)
    rig.begin(VISUAL.sample(7), 7)
    rig.begin(config, 8)
    rig.show(state)
    with closing(CameraRig(config, *SIZE, seed=8)) as built:
        built.show(state)
        for camera in ("top", "wrist"):
            np.testing.assert_array_equal(rig.render(camera, 5), built.render(camera, 5))
            assert rig.intrinsics(camera) == built.intrinsics(camera)
    fovy = np.deg2rad(90.0) * config.look.top_view
    assert rig.intrinsics("top") == Intrinsics.from_fovy(*SIZE, fovy)


def test_a_rig_says_what_it_cannot_show(rig: CameraRig) -> None:
    """Rates and robot are compiled in; the scene that it shows stays."""
    faster = replace(SceneConfig(), rates=replace(SceneConfig().rates, physics_hz=960))
    assert not rig.can_show(faster)
    with pytest.raises(ConfigError, match="rates cannot change in a compiled scene"):
        rig.begin(faster, 0)
    assert rig.config == SceneConfig()


def test_a_rig_refuses_the_state_of_another_scene(rig: CameraRig) -> None:
    """It would show joints as sheets."""
    with pytest.raises(ObservationError, match="must use the same robot model"):
        rig.show(np.zeros(7))


def test_cameras_are_perfect_until_an_episode_begins() -> None:
    """And every episode has its own noise."""
    backend = MujocoBackend()
    with closing(SceneCameras(backend.model, backend.data, *SIZE)) as cameras:
        perfect = cameras.take("top", 0)
        np.testing.assert_array_equal(perfect, cameras.take("top", 9))
        np.testing.assert_array_equal(perfect, cameras.open().render(backend.data, "top"))
        taken = []
        for seed in (1, 2, 1):
            cameras.begin(NOISY.look, seed)
            taken.append(cameras.take("top", 0))
        np.testing.assert_array_equal(taken[0], taken[2])
        assert not np.array_equal(taken[0], taken[1])
        assert np.abs(taken[0].astype(int) - perfect).mean() > 1.0


class FakeTracker:
    """Keeps what a tracker gets."""

    latest: "FakeTracker"

    def __init__(self, intrinsics: Intrinsics, settings: TrackerSettings) -> None:
        """Begin with a lens."""
        self.intrinsics, self.settings = intrinsics, settings
        self.images: list[np.ndarray] = []
        FakeTracker.latest = self

    def update(self, image: np.ndarray, stamp_ns: int) -> None:
        """Take an image."""
        del stamp_ns  # Unused.
        self.images.append(image)


def test_the_sight_of_an_evaluation_is_the_graphs_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracker gets the pixels and the lens of the drawn scene, and knows the nominal one."""
    monkeypatch.setattr("so101_ros.perception.simulated_sight.PaperTracker", FakeTracker)
    backend, seed = MujocoBackend(), 12
    sight = SimulatedSight(backend, SceneConfig(), *SIZE)
    thick = PaperConfig(thickness=0.002)
    config = replace(VISUAL.sample(seed), paper=thick)
    backend.retune(config)
    backend.reset(PlanarPose(0.3, 0.0, 0.1))
    sight.reset(seed)
    sight.look()
    with closing(CameraRig(config, *SIZE, seed=seed)) as rig:
        rig.show(backend.state)
        np.testing.assert_array_equal(FakeTracker.latest.images[0], rig.render("top", 0))
        assert FakeTracker.latest.intrinsics == rig.intrinsics("top")
    assert FakeTracker.latest.settings.paper_thickness == SceneConfig().paper.thickness


def test_a_preview_has_both_cameras_of_every_seed(tmp_path: Path) -> None:
    """Rows of three, each field as the episode's first image, labelled."""
    path = tmp_path / "visual.png"
    write_preview(VISUAL, range(4), path, size=SIZE)
    picture = cv2.imread(str(path))
    assert picture is not None
    field_height, field_width = CAPTION_HEIGHT + SIZE[1], 2 * SIZE[0]
    assert picture.shape == (2 * (field_height + 4), 3 * (field_width + 4), 3)
    fields = draw_fields(VISUAL, [3], SIZE)
    below = picture[field_height + 4 :][:field_height, :field_width, ::-1]
    np.testing.assert_array_equal(below, fields[0])
    assert below[:CAPTION_HEIGHT].max() > 200  # the label
    assert not picture[field_height + 4 :, field_width + 4 :].any()
    with closing(make_paper_return_image(image_size=SIZE, scene=VISUAL)) as env:
        observed, _ = env.reset(seed=3)
        assert isinstance(observed, dict)
        np.testing.assert_array_equal(below[CAPTION_HEIGHT:, : SIZE[0]], observed["image"])
