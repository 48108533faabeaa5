"""The cameras: pinhole, pixels, refusals."""

import os
import subprocess
import sys
from collections.abc import Iterator

import cv2
import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError, RenderError
from so101_ros.pose import PlanarPose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.cameras import CameraModel, CameraRenderer, Intrinsics
from so101_ros.simulation.pinhole import optical_frame
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH, paper_corners

SIZES = [(320, 240), (640, 480)]
ASIDE = np.array([-1.9, -1.7, 1.6, 0.5, 0.0, 0.3])  # [rad], out of the top camera's sight
LOOKING = np.array([0.3, -0.2, 0.4, 1.2, 0.0, 0.3])  # [rad], paper and tape before the wrist camera
PAPER_TOP = 0.001  # [m]


@pytest.fixture
def backend() -> MujocoBackend:
    """A scene to look at."""
    return MujocoBackend()


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def renderer(request: pytest.FixtureRequest, backend: MujocoBackend) -> Iterator[CameraRenderer]:
    """A renderer for `backend`, in both sizes that the task asks for."""
    with open_renderer(backend, *request.param) as opened:
        yield opened


def open_renderer(backend: MujocoBackend, width: int, height: int) -> CameraRenderer:
    """Open a renderer, or skip where there is no OpenGL."""
    try:
        return CameraRenderer(backend.model, width, height)
    except RenderError as err:
        pytest.skip(str(err))


def model_of(backend: MujocoBackend, renderer: CameraRenderer, camera: str) -> CameraModel:
    """The camera that `renderer` renders with."""
    return CameraModel.from_mujoco(
        backend.model, backend.data, camera, renderer.width, renderer.height
    )


def white(image: np.ndarray) -> np.ndarray:
    """Where the sheet is seen. Shape (height, width)."""
    return image.min(axis=2) > 180


def red(image: np.ndarray) -> np.ndarray:
    """Where the tape is seen, if the channels are in the order R, G, B. Shape (height, width)."""
    return (image[..., 0] > 140) & (image[..., 1] < 60) & (image[..., 2] < 60)


def table(image: np.ndarray) -> np.ndarray:
    """Where the bare table is seen: neither bright nor colourful. Shape (height, width)."""
    grey = np.ptp(image.astype(int), axis=2) < 60
    return grey & (image.mean(axis=2) > 100) & (image.mean(axis=2) < 170)


def on_plane(corners: np.ndarray, height: float) -> np.ndarray:
    """Lift planar points. Shape (n, 3)."""
    return np.column_stack([corners, np.full(len(corners), height)])


def inside(shape: tuple[int, int], corners: np.ndarray, grow: float) -> np.ndarray:
    """Pixels whose centre is inside a polygon grown by some pixels. Shape (height, width)."""
    rows, columns = np.indices(shape)
    pixels = np.stack([columns, rows], axis=-1).reshape(-1, 2).astype(float)
    contour = corners.astype(np.float32)
    distances = [cv2.pointPolygonTest(contour, (u, v), True) for u, v in pixels]
    return (np.array(distances) > -grow).reshape(shape)


def tape_corners(border: float) -> np.ndarray:
    """Corners of the goal frame, grown by `border` in [m]. Shape (4, 2)."""
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return GOAL_CENTRE + signs * (0.5 * GOAL_INNER_SIZE + border)


# The pinhole.


def test_the_camera_matrix_of_the_top_camera() -> None:
    """90 degrees over 240 rows: a focal length of 120 px, centre between the middle pixels."""
    intrinsics = Intrinsics.from_fovy(320, 240, np.deg2rad(90.0))
    expected = [[120.0, 0.0, 159.5], [0.0, 120.0, 119.5], [0.0, 0.0, 1.0]]
    np.testing.assert_allclose(intrinsics.matrix, expected)


@given(st.integers(1, 2000), st.integers(1, 2000), st.floats(0.1, 3.0))
def test_the_field_of_view_ends_at_the_edge_of_the_image(
    width: int, height: int, fovy: float
) -> None:
    """Half a pixel beyond the centre of the last row, the ray leaves at half the field of view."""
    intrinsics = Intrinsics.from_fovy(width, height, fovy)
    slope = (height - 0.5 - intrinsics.cy) / intrinsics.fy
    assert 2.0 * np.arctan(slope) == pytest.approx(fovy)
    assert intrinsics.fx == intrinsics.fy


def test_the_top_camera_sees_the_goal_in_its_middle(backend: MujocoBackend) -> None:
    """Image right is world -y, image up is world +x, 0.4 m above the table."""
    camera = CameraModel.from_mujoco(backend.model, backend.data, "top", 320, 240)
    points = [[0.275, 0.175, 0.0], [0.275, 0.075, 0.0], [0.375, 0.175, 0.0]]
    np.testing.assert_allclose(
        camera.project(points), [[159.5, 119.5], [189.5, 119.5], [159.5, 89.5]], atol=1e-6
    )


def test_points_behind_the_camera_have_no_pixel(backend: MujocoBackend) -> None:
    """They are missing, not mirrored."""
    camera = CameraModel.from_mujoco(backend.model, backend.data, "top", 320, 240)
    pixels = camera.project([[0.275, 0.175, 0.5], [0.275, 0.175, 0.0]])
    assert np.isnan(pixels[0]).all() and np.isfinite(pixels[1]).all()


def test_optical_frames_are_named_after_their_camera() -> None:
    """The name that the URDF and every image header use."""
    assert optical_frame("top") == "top_optical_frame"


# The pixels.


def test_the_sheet_is_centred_where_it_projects(
    backend: MujocoBackend, renderer: CameraRenderer
) -> None:
    """Over many places the bias is far below the half pixel that another convention would cause."""
    errors, rng = [], np.random.default_rng(0)
    for x, y, yaw in rng.uniform([0.20, 0.05, -1.5], [0.35, 0.30, 1.5], (40, 3)):
        backend.reset(PlanarPose(x, y, yaw), ASIDE)
        rows, columns = np.nonzero(white(renderer.render(backend.data, "top")))
        seen = np.array([columns.mean(), rows.mean()])
        camera = model_of(backend, renderer, "top")
        errors.append(seen - camera.project([x, y, PAPER_TOP]))
    assert np.abs(np.mean(errors, axis=0)).max() < 0.1
    assert np.linalg.norm(errors, axis=1).max() < 0.5


@pytest.mark.parametrize("yaw", [0.0, 0.4, 1.2])
def test_the_sheet_fills_its_projected_corners(
    backend: MujocoBackend, renderer: CameraRenderer, yaw: float
) -> None:
    """In the top view every pixel is right up to one pixel beside the edge."""
    paper = PlanarPose(0.26, 0.15, yaw)
    backend.reset(paper, ASIDE)
    seen = white(renderer.render(backend.data, "top"))
    corners = on_plane(paper_corners(paper), PAPER_TOP)
    pixels = model_of(backend, renderer, "top").project(corners)
    assert seen[inside(seen.shape, pixels, grow=-1.0)].all()
    assert not seen[~inside(seen.shape, pixels, grow=1.0)].any()
    assert seen.sum() > 1000


def test_the_tape_fills_its_projected_corners(
    backend: MujocoBackend, renderer: CameraRenderer
) -> None:
    """Red between inner and outer edge, up to one pixel; nothing red anywhere else."""
    backend.reset(PlanarPose(0.30, -0.15, 0.0), ASIDE)
    seen = red(renderer.render(backend.data, "top"))
    camera = model_of(backend, renderer, "top")
    inner = camera.project(on_plane(tape_corners(0.0), 0.0))
    outer = camera.project(on_plane(tape_corners(TAPE_WIDTH), 0.0))
    surely = inside(seen.shape, outer, grow=-1.0) & ~inside(seen.shape, inner, grow=1.0)
    possibly = inside(seen.shape, outer, grow=1.0) & ~inside(seen.shape, inner, grow=-1.0)
    assert seen[surely].all() and surely.sum() > 500
    assert not seen[~possibly].any()


def test_the_wrist_camera_sees_what_it_should(
    backend: MujocoBackend, renderer: CameraRenderer
) -> None:
    """Before a moving camera, sheet and tape are where they project, but for what the arm hides."""
    paper = PlanarPose(0.30, 0.0, 0.0)
    backend.reset(paper, LOOKING)
    image = renderer.render(backend.data, "wrist")
    camera = model_of(backend, renderer, "wrist")
    sheet = camera.project(on_plane(paper_corners(paper), PAPER_TOP))
    outer = camera.project(on_plane(tape_corners(TAPE_WIDTH), 0.0))
    inner = camera.project(on_plane(tape_corners(0.0), 0.0))
    shape = image.shape[:2]
    assert white(image).sum() > 0.02 * white(image).size
    assert red(image).sum() > 0.02 * red(image).size
    assert not white(image)[~inside(shape, sheet, grow=2.0)].any()
    assert not table(image)[inside(shape, sheet, grow=-1.0)].any()
    assert not red(image)[~inside(shape, outer, grow=1.0)].any()
    assert not red(image)[inside(shape, inner, grow=-1.0)].any()


def test_pictures_are_current_after_a_step(backend: MujocoBackend) -> None:
    """The wrist camera is where the arm is now, not where it was one physics step ago."""
    backend.reset(PlanarPose(0.30, 0.0, 0.0), LOOKING)
    with open_renderer(backend, 320, 240) as renderer:
        backend.step(np.tile(LOOKING + 0.5, (6, 1)))
        stepped = renderer.render(backend.data, "wrist")
        mujoco.mj_forward(backend.model, backend.data)
        np.testing.assert_array_equal(stepped, renderer.render(backend.data, "wrist"))


def test_pictures_repeat(backend: MujocoBackend, renderer: CameraRenderer) -> None:
    """Same state, same pixels: in the next picture and from the next renderer."""
    first = renderer.render(backend.data, "wrist")
    assert np.ptp(first) > 100
    renderer.render(backend.data, "top")
    np.testing.assert_array_equal(first, renderer.render(backend.data, "wrist"))
    with open_renderer(backend, renderer.width, renderer.height) as other:
        np.testing.assert_array_equal(first, other.render(backend.data, "wrist"))


def test_pictures_are_their_own(backend: MujocoBackend, renderer: CameraRenderer) -> None:
    """The next picture does not overwrite the last; shape and type are what consumers expect."""
    top = renderer.render(backend.data, "top")
    kept = top.copy()
    renderer.render(backend.data, "wrist")
    np.testing.assert_array_equal(top, kept)
    assert top.shape == (renderer.height, renderer.width, 3)
    assert top.dtype == np.uint8 and top.flags.c_contiguous


def test_two_renderers_share_a_thread(backend: MujocoBackend) -> None:
    """Each draws with its own context, in its own size."""
    with open_renderer(backend, 64, 48) as small, open_renderer(backend, 320, 240) as large:
        assert small.render(backend.data, "top").shape == (48, 64, 3)
        assert large.render(backend.data, "top").shape == (240, 320, 3)
        assert np.ptp(small.render(backend.data, "top")) > 100


# Refusals.


@pytest.mark.parametrize("size", [(0, 240), (320, 0), (-320, 240)])
def test_images_without_pixels_are_refused(backend: MujocoBackend, size: tuple[int, int]) -> None:
    """Before any GL context is opened."""
    message = f"at least 1 x 1 pixels, got {size[0]} x {size[1]}"
    with pytest.raises(ConfigError, match=message):
        CameraRenderer(backend.model, *size)


def test_images_beyond_the_buffer_are_refused(backend: MujocoBackend) -> None:
    """The message gives the limit."""
    with pytest.raises(ConfigError, match=r"1281 x 240 exceeds .* buffer of 1280 x 960"):
        CameraRenderer(backend.model, 1281, 240)


def test_unknown_cameras_are_refused(backend: MujocoBackend, renderer: CameraRenderer) -> None:
    """The message lists those that exist."""
    message = r"unknown camera 'side'; the scene has \['top', 'wrist'\]"
    with pytest.raises(ConfigError, match=message):
        renderer.render(backend.data, "side")
    with pytest.raises(ConfigError, match=message):
        CameraModel.from_mujoco(backend.model, backend.data, "side", 320, 240)


@pytest.mark.parametrize("fovy", [0.0, -1.0, np.pi, float("nan")])
def test_impossible_fields_of_view_are_refused(fovy: float) -> None:
    """Degrees given for radians are caught, too."""
    with pytest.raises(ConfigError, match="fovy must lie between 0 and pi rad"):
        Intrinsics.from_fovy(320, 240, fovy)


def test_a_closed_renderer_says_so(backend: MujocoBackend) -> None:
    """Closing twice is harmless; rendering afterwards is not a crash."""
    renderer = open_renderer(backend, 32, 24)
    renderer.close()
    renderer.close()
    with pytest.raises(RenderError, match="this renderer is closed"):
        renderer.render(backend.data, "top")


def test_an_unknown_gl_library_is_refused(
    backend: MujocoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message lists what MUJOCO_GL may be."""
    monkeypatch.setenv("MUJOCO_GL", "disabled")
    with pytest.raises(RenderError, match=r"MUJOCO_GL='disabled' .* one of \['egl', 'osmesa'"):
        CameraRenderer(backend.model)


def test_a_missing_gl_library_says_what_to_install(
    backend: MujocoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which library was tried, and which packages help."""
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    monkeypatch.setitem(sys.modules, "mujoco.osmesa", None)
    with pytest.raises(RenderError, match=r"MUJOCO_GL=osmesa.*libegl1 libgl1-mesa-dri.*libosmesa6"):
        CameraRenderer(backend.model)


def test_a_headless_machine_needs_no_variable(backend: MujocoBackend) -> None:
    """Without MUJOCO_GL and without a display a fresh process renders."""
    open_renderer(backend, 32, 24).close()
    script = (
        "from so101_ros.simulation.backend import MujocoBackend\n"
        "from so101_ros.simulation.cameras import CameraRenderer\n"
        "backend = MujocoBackend()\n"
        "with CameraRenderer(backend.model, 32, 24) as renderer:\n"
        "    assert renderer.render(backend.data, 'top').std() > 1.0\n"
    )
    hidden = ("MUJOCO_GL", "DISPLAY", "PYOPENGL_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
