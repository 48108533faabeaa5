"""Edges, weights, fits and the search, on synthetic images whose truth is known."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from so101_ros.perception.camera_anchor import CameraAnchor, Sight
from so101_ros.perception.edge_readings import Edges, read_edges
from so101_ros.perception.edge_weights import weigh_points
from so101_ros.perception.frame_fit import fit_frame
from so101_ros.perception.frame_search import guess_cameras, nominal_camera
from so101_ros.perception.plane_view import lift, move, project, step_between, to_plane
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.sheet_check import Doubt, Whites, find_fault, outline_px
from so101_ros.perception.sheet_fit import fit_sheet
from so101_ros.perception.sheet_locator import LocatedSheet, NoSheet, SheetLocator
from so101_ros.perception.sheet_search import guess_sheets
from so101_ros.perception.tape_frame import OUTER_SIZE, outline
from so101_ros.perception.unmixing import Shares
from so101_ros.perception.yaw_memory import YawMemory
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.simulation.pinhole import CameraModel, Intrinsics
from so101_ros.task.geometry import GOAL_INNER_SIZE

PINHOLE = Intrinsics.from_fovy(320, 240, np.deg2rad(90.0))
NOMINAL = nominal_camera(PINHOLE, TrackerSettings())
FINE = 8  # a synthetic image is drawn that much larger, and then averaged

POSES = st.builds(PlanarPose, st.floats(0.15, 0.42), st.floats(-0.2, 0.35), st.floats(-1.5, 1.5))
STEPS = st.tuples(*[st.floats(-0.02, 0.02)] * 3, *[st.floats(-0.08, 0.08)] * 3).map(np.array)


def fill(corners: np.ndarray) -> np.ndarray:
    """Share of each pixel that a polygon covers. Shape (240, 320), float32."""
    large = np.zeros((240 * FINE, 320 * FINE), dtype=np.uint8)
    # Pixel centres are at whole numbers: the corner of the image is at -0.5.
    fine = ((corners + 0.5) * FINE - 0.5) * 16.0
    cv2.fillConvexPoly(large, np.rint(fine).astype(np.int32), (255,), shift=4)
    return cv2.resize(large, (320, 240), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0


def picture(
    camera: CameraModel, sheet: PlanarPose | None = None, hidden: np.ndarray | None = None
) -> Shares:
    """What a camera without noise sees of frame and sheet, under something that hides them."""
    tape = fill(camera.project(outline(OUTER_SIZE)))
    tape -= fill(camera.project(outline(GOAL_INNER_SIZE)))
    white = np.zeros_like(tape)
    if sheet is not None:
        white = fill(outline_px(camera, sheet, 0.0))
        tape *= 1.0 - white
    strange = np.zeros(tape.shape, dtype=np.uint8)
    if hidden is not None:
        strange = hidden.astype(np.uint8)
    return Shares(tape, white, strange, True, sheet is not None)


def cover(camera: CameraModel, sheet: PlanarPose, low: tuple, high: tuple) -> np.ndarray:
    """Hide a part of a sheet, given in its own frame in [m]. Shape (240, 320), bool."""
    (x0, y0), (x1, y1) = low, high
    box = sheet.to_world(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    return fill(camera.project(lift(box, 0.0))) > 0.0


@given(STEPS, st.floats(0.1, 0.4), st.floats(-0.2, 0.3))
def test_pixels_go_to_the_table_and_back(step: np.ndarray, x: float, y: float) -> None:
    """Projection and its inverse agree, wherever the camera is."""
    camera = move(NOMINAL, step)
    point = np.array([[x, y]])
    pixels = project(camera, lift(point, 0.001)).pixels
    np.testing.assert_allclose(pixels, camera.project(lift(point, 0.001)), atol=1e-9)
    np.testing.assert_allclose(to_plane(camera, pixels, 0.001), point, atol=1e-9)


@given(STEPS, STEPS)
def test_slopes_are_those_of_finite_differences(step: np.ndarray, direction: np.ndarray) -> None:
    """For a step of the camera as for one of the point."""
    camera, point, tiny = move(NOMINAL, step), np.array([[0.3, 0.1, 0.02]]), 1e-4
    seen = project(camera, point)
    ahead = project(move(camera, tiny * direction), point).pixels
    behind = project(move(camera, -tiny * direction), point).pixels
    np.testing.assert_allclose(
        seen.by_camera[0] @ direction, (ahead - behind)[0] / (2 * tiny), atol=1e-3
    )
    shift = direction[:3]
    ahead, behind = (project(camera, point + s * tiny * shift).pixels for s in (1.0, -1.0))
    by_point = seen.by_point[0] @ shift
    np.testing.assert_allclose(by_point, (ahead - behind)[0] / (2 * tiny), atol=1e-3)


@given(STEPS, STEPS)
@example(np.zeros(6), np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1e-7]))
def test_the_step_between_two_cameras_leads_from_one_to_the_other(
    first: np.ndarray, second: np.ndarray
) -> None:
    """``step_between`` inverts ``move``."""
    start, end = move(NOMINAL, first), move(NOMINAL, second)
    arrived = move(start, step_between(start, end))
    np.testing.assert_allclose(arrived.position, end.position, atol=1e-12)
    np.testing.assert_allclose(arrived.rotation, end.rotation, atol=1e-9)


@given(st.floats(-1.5, 1.5), st.floats(0.0, 1.5))
def test_an_edge_is_read_between_pixels_however_blurred(offset: float, blur: float) -> None:
    """A slanted edge, half a pixel wide or five."""
    top, bottom = 130.0 + offset, 170.0 + offset
    slanted = np.array([[-50.0, -300.0], [top, -300.0], [bottom, 500.0], [-50.0, 500.0]])
    image = fill(slanted)
    if blur > 0.1:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    v = np.linspace(80.0, 160.0, 30)
    u = 150.0 + (v - 100.0) / 800.0 * 40.0
    normal = np.array([800.0, -40.0]) / np.hypot(800.0, 40.0)
    edges = Edges(np.column_stack([u, v]), np.tile(normal, (30, 1)))
    readings = read_edges(image, np.zeros(image.shape, dtype=np.uint8), edges, 4.5)
    assert readings.found.all()
    assert readings.offsets.mean() == pytest.approx(offset * normal[0], abs=0.1)


def test_a_place_without_an_edge_is_denied_and_a_hidden_one_is_not() -> None:
    """All surface, all background, covered, and beyond the image."""
    image = np.zeros((240, 320), dtype=np.float32)
    image[:, :100] = 1.0
    blocked = np.zeros(image.shape, dtype=np.uint8)
    blocked[150:] = 1
    places = np.array([[100.0, 50.0], [50.0, 50.0], [200.0, 50.0], [50.0, 200.0], [318.5, 50.0]])
    edges = Edges(places, np.tile([1.0, 0.0], (5, 1)))
    readings = read_edges(image, blocked, edges, 3.0)
    assert readings.found.tolist() == [True, False, False, False, False]
    assert readings.denied.tolist() == [False, True, True, False, False]


def test_more_points_on_one_row_of_pixels_do_not_help_for_ever() -> None:
    """An edge along a row has one error; a slanted one averages it out."""

    def worth(count: int, slope: float) -> float:
        u = np.linspace(0.0, 60.0, count)
        pixels = np.column_stack([u, slope * u])
        return float(weigh_points(pixels, np.zeros(count), np.zeros(count, int), 1.0, 1.0).sum())

    assert worth(400, 0.0) < 1.1 * worth(100, 0.0)
    assert worth(100, 0.3) > 5.0 * worth(100, 0.0)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_the_camera_is_located_by_the_frame_alone(step: np.ndarray) -> None:
    """From nothing but red: within a pixel's share of the truth where a sheet may lie."""
    truth = move(NOMINAL, step)
    shares = picture(truth)
    guess = next(guess_cameras(shares, PINHOLE, TrackerSettings()))
    fit = fit_frame(shares, guess)
    assert fit is not None
    points = np.array([[0.3, 0.0], [0.2, 0.3], [0.4, 0.1]])
    pixels = truth.project(lift(points, 0.0))
    off = np.linalg.norm(to_plane(fit.camera, pixels, 0.0) - points, axis=1)
    assert off.max() < 0.005
    assert fit.rms < 0.3


@settings(max_examples=30, deadline=None)
@given(STEPS, POSES, st.tuples(*[st.floats(-0.008, 0.008)] * 2, st.floats(-0.08, 0.08)))
def test_a_sheet_is_fitted_from_a_start_nearby(
    step: np.ndarray, sheet: PlanarPose, off: tuple[float, float, float]
) -> None:
    """To a fraction of a millimetre when the camera is known."""
    camera = move(NOMINAL, step)
    start = PlanarPose(sheet.x + off[0], sheet.y + off[1], sheet.yaw + off[2])
    fit = fit_sheet(picture(camera, sheet), camera, start, 0.0)
    assert fit is not None
    assert np.linalg.norm(fit.pose.xy - sheet.xy) < 0.0008
    assert abs(fit.pose.yaw - sheet.yaw) < np.deg2rad(0.3)


@settings(max_examples=25, deadline=None)
@given(POSES)
def test_a_sheet_is_found_from_nothing(sheet: PlanarPose) -> None:
    """One of the guesses is near, and the locator is certain of it."""
    shares = picture(NOMINAL, sheet)
    found = locate(shares)
    assert isinstance(found, LocatedSheet)
    assert np.linalg.norm(found.fit.pose.xy - sheet.xy) < 0.001
    assert abs(wrap_to_half_pi(found.fit.pose.yaw - sheet.yaw)) < np.deg2rad(0.4)
    assert found.visible == pytest.approx(1.0, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(POSES, st.tuples(*[st.floats(-0.1, 0.1)] * 2), st.tuples(*[st.floats(0.02, 0.2)] * 2))
def test_a_partly_hidden_sheet_is_right_or_not_there(
    sheet: PlanarPose, low: tuple[float, float], size: tuple[float, float]
) -> None:
    """Whatever a rectangle hides of it: never a wrong pose."""
    hidden = cover(NOMINAL, sheet, low, (low[0] + size[0], low[1] + size[1]))
    found = locate(picture(NOMINAL, sheet, hidden))
    if isinstance(found, LocatedSheet):
        assert np.linalg.norm(found.fit.pose.xy - sheet.xy) < 0.005
        assert abs(wrap_to_half_pi(found.fit.pose.yaw - sheet.yaw)) < np.deg2rad(1.5)


SHEET = PlanarPose(0.29, -0.03, 0.3)


def locate(shares: Shares) -> LocatedSheet | NoSheet:
    """Look for a sheet with the nominal camera."""
    fit = fit_frame(picture(NOMINAL), NOMINAL)
    assert fit is not None
    exactly = type(fit)(NOMINAL, fit.information, fit.pull, fit.rms, fit.found)
    return SheetLocator(0.0, 0.25).locate(shares, exactly, True, None)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ((-0.2, -0.2), (0.2, 0.02)),  # a short side and half of the long ones
        ((-0.2, -0.2), (0.0, 0.2)),  # a long side and half of the short ones
    ],
)
def test_half_a_sheet_is_enough_if_one_whole_side_is_seen(
    low: tuple[float, float], high: tuple[float, float]
) -> None:
    """The length of a side tells long from short; the ends of its neighbours do the rest."""
    found = locate(picture(NOMINAL, SHEET, cover(NOMINAL, SHEET, low, high)))
    assert isinstance(found, LocatedSheet)
    assert np.linalg.norm(found.fit.pose.xy - SHEET.xy) < 0.002
    assert 0.35 < found.visible < 0.55


def test_one_corner_alone_is_ambiguous() -> None:
    """Ten centimetres of both edges could be a long side or a short one."""
    hidden = ~cover(NOMINAL, SHEET, (-0.09, -0.12), (0.03, 0.0))
    found = locate(picture(NOMINAL, SHEET, hidden))
    assert isinstance(found, NoSheet)


def test_two_parallel_edges_alone_leave_it_sliding() -> None:
    """Both ends hidden: no pose, however long the edges."""
    both_ends = cover(NOMINAL, SHEET, (-0.2, -0.2), (0.2, -0.09))
    both_ends |= cover(NOMINAL, SHEET, (-0.2, 0.09), (0.2, 0.2))
    shares = picture(NOMINAL, SHEET, both_ends)
    fit = fit_sheet(shares, NOMINAL, SHEET, 0.0)
    assert fit is not None
    fault = find_fault(Whites(shares), fit, 0.0)
    assert fault is not None
    assert fault.doubt is Doubt.TOO_LITTLE
    assert isinstance(locate(shares), NoSheet)


def test_guesses_begin_with_the_right_one_when_all_is_seen() -> None:
    """Five guesses at most."""
    shares = picture(NOMINAL, SHEET)
    whites = Whites(shares)
    contours, _ = cv2.findContours(whites.white, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    guesses = list(guess_sheets(contours[0][:, 0], whites, NOMINAL, 0.0))
    assert 1 <= len(guesses) <= 5
    assert np.linalg.norm(guesses[0].xy - SHEET.xy) < 0.01
    assert abs(wrap_to_half_pi(guesses[0].yaw - SHEET.yaw)) < np.deg2rad(4.0)


def test_an_anchor_averages_and_then_watches() -> None:
    """Ten images fix it; a hidden frame is no bump, a shifted one is, from the first image on."""
    anchor = CameraAnchor(PINHOLE, TrackerSettings())
    truth = move(NOMINAL, np.array([0.01, 0.0, -0.01, 0.02, 0.03, -0.04]))
    for _ in range(10):
        assert not anchor.fixed
        assert anchor.look(picture(truth)) is Sight.SEEN
    assert anchor.fixed
    everything = np.ones((240, 320), dtype=bool)
    assert anchor.look(picture(truth, hidden=everything)) is Sight.HIDDEN
    shifted = move(truth, np.array([0.006, 0.0, 0.0, 0.0, 0.0, 0.0]))
    sights = [anchor.look(picture(shifted)) for _ in range(13)]
    assert sights[:3] == [Sight.MOVED] * 3
    assert sights[3:] == [Sight.SEEN] * 10
    assert anchor.fit is not None
    assert np.linalg.norm(anchor.fit.camera.position - shifted.position) < 0.004


def test_one_odd_image_does_not_unseat_an_anchor() -> None:
    """A bump must show in three images in a row."""
    anchor = CameraAnchor(PINHOLE, TrackerSettings())
    for _ in range(10):
        anchor.look(picture(NOMINAL))
    shifted = picture(move(NOMINAL, np.array([0.006, 0.0, 0.0, 0.0, 0.0, 0.0])))
    for _ in range(5):
        assert anchor.look(shifted) is Sight.MOVED
        assert anchor.look(shifted) is Sight.MOVED
        assert anchor.look(picture(NOMINAL)) is Sight.SEEN
    assert anchor.fixed and not anchor.relocating


@given(st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=50))
def test_yaw_follows_any_turn_in_steps_below_a_quarter(steps: list[float]) -> None:
    """However often the measurement jumps by half a turn."""
    memory, truth = YawMemory(), 0.2
    memory.follow(truth)
    for step in steps:
        truth += step
        followed = memory.follow(wrap_to_half_pi(truth))
        assert np.cos(followed - truth) == pytest.approx(1.0)
        assert -np.pi <= followed < np.pi
