"""The tracker on rendered views: right, or silent with a reason."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from perception_views import ASIDE, TICK_NS, errors, open_views, tracker_for, view_of

from so101_ros.benchmark.perception import measure_views, sample_everything
from so101_ros.benchmark.perception_figures import measure_perception
from so101_ros.benchmark.rendered_views import Layout, ViewRenderer
from so101_ros.benchmark.view_sampler import ArmPoses
from so101_ros.errors import ConfigError, ObservationError
from so101_ros.perception.overlay import caption, draw_overlay
from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Condition
from so101_ros.pose import PlanarPose
from so101_ros.randomization.load import load_tier
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import LookConfig
from so101_ros.task.measures import measure

TURNED = SceneConfig(
    calibration=CalibrationConfig(
        top_camera_offset=(0.01, -0.008, 0.006), top_camera_turn=(0.03, -0.02, 0.05)
    )
)


@pytest.fixture(scope="module")
def views() -> Iterator[ViewRenderer]:
    """One renderer for all tests."""
    yield from open_views()


@pytest.mark.parametrize(
    "sheet",
    [
        ASIDE,
        PlanarPose(0.33, 0.10, 1.2),
        PlanarPose(0.275, 0.175, 1.53),
        PlanarPose(0.2, 0.3, -0.7),
    ],
    ids=["beside", "over the tape", "in the frame", "behind"],
)
def test_a_sheet_in_sight_is_found_by_a_camera_that_is_not_quite_where_it_should_be(
    views: ViewRenderer, sheet: PlanarPose
) -> None:
    """Pose, visible share, margin, camera, and what the covariance says of them."""
    view = view_of(views, sheet, scene=TURNED)
    tracker = tracker_for(view)
    for tick in range(12):
        tracking = tracker.update(view.image, tick * TICK_NS)
    assert tracking.condition is Condition.TRACKING
    paper, frame = tracking.paper, tracking.frame
    assert paper is not None and frame is not None
    off, turned = errors(paper.pose, sheet)
    assert off < 0.002
    assert turned < np.deg2rad(0.7)
    assert paper.visible == pytest.approx(1.0, abs=0.03)
    assert paper.margin == pytest.approx(measure(sheet).margin, abs=0.003)
    assert off < 4.0 * np.sqrt(paper.covariance[0, 0] + paper.covariance[1, 1])
    assert frame.fixed
    np.testing.assert_allclose(frame.camera.position, view.camera.position, atol=0.005)
    back = frame.camera.position + frame.camera.rotation @ frame.frame_in_camera.position
    np.testing.assert_allclose(back, [0.275, 0.175, 0.0], atol=1e-9)


def test_twice_the_pixels_halve_the_error() -> None:
    """640 x 480 needs no other settings."""
    for views in open_views(640, 480):
        view = view_of(views, ASIDE, scene=TURNED)
        tracking = tracker_for(view).update(view.image, 0)
        assert tracking.paper is not None
        off, turned = errors(tracking.paper.pose, ASIDE)
        assert off < 0.001
        assert turned < np.deg2rad(0.3)


def test_no_view_of_a_small_random_set_has_a_wrong_pose(views: ViewRenderer) -> None:
    """Light, colours, camera, noise and arm at random: nearly always a pose, never a wrong one."""
    results = measure_views(cameras=2, seed=11, names=["all", "two sheets", "no frame"])
    clear = [each for each in results if each.condition == "all" and each.visible > 0.6]
    located = [each.position_error for each in clear if each.position_error is not None]
    assert len(clear) > 15
    assert len(located) > 0.8 * len(clear)
    assert np.median(located) < 0.002
    assert max(located) < 0.008
    counted = [each for each in results if not each.first]
    assert not any(each.wrong for each in counted)


def test_the_sheet_is_found_in_most_visual_scenes(views: ViewRenderer) -> None:
    """Textures, lamps, objects and tired cameras: a right pose, or in a few scenes none."""
    results = measure_views(cameras=6, seed=1, names=["visual scene"])
    clear = [each for each in results if not each.first and each.visible > 0.6]
    located = [each.position_error for each in clear if each.position_error is not None]
    assert len(clear) > 40
    assert len(located) > 0.7 * len(clear)
    assert np.median(located) < 0.003
    assert not any(each.wrong for each in clear)


def test_an_episode_of_the_ik_policy_is_tracked_at_every_tick(views: ViewRenderer) -> None:
    """Under an arm that presses on the sheet: within the bound, or no pose."""
    arms = ArmPoses(views, seeds=[3])
    scene = replace(TURNED, look=LookConfig(blur=0.5, noise=3.0, jpeg_quality=90))
    tracker: PaperTracker | None = None
    seen = 0
    for tick, (q, sheet) in enumerate(arms.recorded):
        view = views.render(scene, Layout([sheet], q), 3, tick)
        tracker = tracker or tracker_for(view)
        paper = tracker.update(view.image, tick * TICK_NS).paper
        if paper is not None and paper.age_s == 0.0:
            off, turned = errors(paper.pose, sheet)
            assert off < 0.005, tick
            assert turned < np.deg2rad(1.5), tick
            seen += 1
    assert len(arms.recorded) > 50
    assert seen > 0.95 * len(arms.recorded)


def test_yaw_never_flips_while_the_sheet_turns_round(views: ViewRenderer) -> None:
    """Two whole turns and a half: every step is as small as the sheet's own."""
    view = view_of(views, ASIDE)
    tracker, step = tracker_for(view), np.deg2rad(9.0)
    yaws: list[float] = []
    for tick in range(100):
        sheet = replace(ASIDE, yaw=ASIDE.yaw + tick * step)
        paper = tracker.update(view_of(views, sheet).image, tick * TICK_NS).paper
        assert paper is not None, tick
        yaws.append(paper.pose.yaw)
    np.testing.assert_allclose(np.diff(np.unwrap(yaws)), step, atol=np.deg2rad(2.0))


def test_a_hidden_sheet_is_held_with_growing_doubt_and_then_not_at_all(
    views: ViewRenderer,
) -> None:
    """Age and covariance grow; after half a second there is silence."""
    view, gone = view_of(views, ASIDE), view_of(views)
    tracker = tracker_for(view)
    first = tracker.update(view.image, 0).paper
    assert first is not None
    last_age, last_variance = 0.0, float(first.covariance[0, 0])
    for tick in range(1, 16):
        tracking = tracker.update(gone.image, tick * TICK_NS)
        assert tracking.condition is Condition.HELD
        assert tracking.paper is not None
        assert tracking.paper.pose == first.pose
        assert tracking.paper.age_s > last_age
        assert tracking.paper.covariance[0, 0] > last_variance
        last_age, last_variance = tracking.paper.age_s, tracking.paper.covariance[0, 0]
        assert tracking.reason.startswith("held for")
    silent = tracker.update(gone.image, 16 * TICK_NS)
    assert silent.paper is None
    assert silent.condition is Condition.NO_SHEET
    assert silent.reason == "nothing white of the size of a sheet is in sight"


def test_a_bumped_camera_is_noticed_at_once_and_located_again(views: ViewRenderer) -> None:
    """No pose from the wrong place, and the right one again within a second."""
    view = view_of(views, ASIDE)
    tracker = tracker_for(view)
    for tick in range(15):
        tracker.update(view.image, tick * TICK_NS)
    moved = view_of(views, ASIDE, scene=TURNED)
    conditions = []
    for tick in range(15, 45):
        tracking = tracker.update(moved.image, tick * TICK_NS)
        conditions.append(tracking.condition)
        if tracking.paper is not None:
            off, _ = errors(tracking.paper.pose, ASIDE)
            assert off < 0.004
    assert conditions[0] is Condition.CAMERA_MOVED
    assert conditions[-1] is Condition.TRACKING
    assert set(conditions) == {Condition.CAMERA_MOVED, Condition.TRACKING}


def test_a_camera_that_was_moved_is_known_as_well_as_a_new_one(views: ViewRenderer) -> None:
    """The sheet helps to locate it again: by the frame alone it would be half a pixel off."""
    tier = load_tier("calibration")
    tracker = tracker_for(view_of(views, ASIDE))
    for place in (1, 4, 5, 6, 10):
        image = view_of(views, ASIDE, scene=tier.sample(place)).image
        for tick in range(30 * place, 30 * place + 30):
            tracking = tracker.update(image, tick * TICK_NS)
        assert tracking.paper is not None, (place, tracking.reason)
        off, _ = errors(tracking.paper.pose, ASIDE)
        assert off < 0.004, place


def test_a_forgotten_camera_is_as_good_as_a_new_one(views: ViewRenderer) -> None:
    """From the first image on, the tracker says what one says that knows nothing."""
    tracker = tracker_for(view_of(views, ASIDE))
    for tick in range(15):
        tracker.update(view_of(views, ASIDE).image, tick * TICK_NS)
    tracker.forget_camera()
    moved = view_of(views, ASIDE, scene=TURNED)
    fresh = tracker_for(moved)
    for tick in range(15, 30):
        paper = tracker.update(moved.image, tick * TICK_NS).paper
        expected = fresh.update(moved.image, tick * TICK_NS).paper
        assert paper is not None and expected is not None
        assert paper.pose == expected.pose


def test_a_bump_of_a_few_millimetres_is_a_bump(views: ViewRenderer) -> None:
    """One and a half pixels of the frame: a sheet elsewhere would be off by five millimetres."""
    view = view_of(views, ASIDE)
    tracker = tracker_for(view)
    for tick in range(15):
        tracker.update(view.image, tick * TICK_NS)
    moved = view_of(
        views,
        ASIDE,
        scene=SceneConfig(calibration=CalibrationConfig(top_camera_offset=(0.004, 0.003, 0.0))),
    )
    assert tracker.update(moved.image, 15 * TICK_NS).condition is Condition.CAMERA_MOVED


def test_an_arm_over_the_frame_is_no_bump(views: ViewRenderer) -> None:
    """A hidden frame says nothing about the camera; the sheet is still tracked."""
    arms = ArmPoses(views, seeds=[0])
    view = view_of(views, ASIDE)
    tracker, rng = tracker_for(view), np.random.default_rng(0)
    for tick in range(12):
        tracker.update(view.image, tick * TICK_NS)
    for tick in range(12, 60):
        layout = arms.sample_pressing(rng)
        tracking = tracker.update(views.render(SceneConfig(), layout).image, tick * TICK_NS)
        assert tracking.condition is not Condition.CAMERA_MOVED


def _swap(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[..., ::-1])


def _grey(image: np.ndarray) -> np.ndarray:
    return np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)


@pytest.mark.parametrize(
    ("spoil", "condition", "advice"),
    [
        (np.zeros_like, Condition.DARK, "take the cap off"),
        (lambda image: np.full_like(image, 255), Condition.SATURATED, "Expose shorter"),
        (_grey, Condition.MONO, "deliver colour"),
        (lambda image: image[..., 0], Condition.MONO, "has one channel"),
        (_swap, Condition.CHANNELS_SWAPPED, "red and blue are swapped"),
        (lambda image: image[::2, ::2], Condition.WRONG_CAMERA_INFO, "the image is 160 x 120"),
    ],
    ids=["black", "saturated", "grey", "one channel", "swapped", "other size"],
)
def test_a_bad_image_is_named_and_gives_no_pose(
    views: ViewRenderer, spoil: object, condition: Condition, advice: str
) -> None:
    """At the start and in the midst of tracking."""
    assert callable(spoil)
    view = view_of(views, ASIDE)
    bad = np.ascontiguousarray(spoil(view.image))
    fresh = tracker_for(view).update(bad, 0)
    assert (fresh.condition, fresh.paper) == (condition, None)
    assert advice in fresh.reason
    tracker = tracker_for(view)
    for tick in range(12):
        tracker.update(view.image, tick * TICK_NS)
    later = tracker.update(bad, 12 * TICK_NS)
    assert (later.condition, later.paper) == (condition, None)
    assert tracker.update(view.image, 13 * TICK_NS).condition is Condition.TRACKING


def test_a_frozen_camera_is_named_after_a_second(views: ViewRenderer) -> None:
    """The same picture with new stamps; one other pixel, and it lives again."""
    view = view_of(views, ASIDE)
    tracker = tracker_for(view, frozen_s=1.0)
    conditions = [tracker.update(view.image, tick * TICK_NS).condition for tick in range(33)]
    assert conditions[:30] == [Condition.TRACKING] * 30
    assert conditions[31:] == [Condition.FROZEN] * 2
    alive = view.image.copy()
    alive[0, 0] += 1
    assert tracker.update(alive, 33 * TICK_NS).condition is Condition.TRACKING


def test_two_sheets_give_no_pose(views: ViewRenderer) -> None:
    """Neither apart nor when one was tracked before the other came."""
    other = PlanarPose(0.25, 0.36, 1.0)
    view = view_of(views, ASIDE)
    tracker = tracker_for(view)
    assert tracker.update(view.image, 0).condition is Condition.TRACKING
    tracking = tracker.update(view_of(views, ASIDE, other).image, TICK_NS)
    assert (tracking.condition, tracking.paper) == (Condition.TWO_SHEETS, None)
    assert "Leave one sheet on the table" in tracking.reason


@pytest.mark.parametrize("size", [(0.12, 0.18), (0.148, 0.18), (0.2, 0.2), (0.21, 0.297)])
def test_a_white_rectangle_of_another_size_is_no_sheet(
    views: ViewRenderer, size: tuple[float, float]
) -> None:
    """From a postcard to A4."""
    layout = Layout([], rectangles=[(PlanarPose(0.25, -0.05, 0.4), np.array(size))])
    view = views.render(SceneConfig(), layout)
    tracking = tracker_for(view).update(view.image, 0)
    assert (tracking.condition, tracking.paper) == (Condition.LOST, None)


def test_without_a_frame_there_is_no_pose(views: ViewRenderer) -> None:
    """A sheet alone tells nothing about the world."""
    view = view_of(views, ASIDE, tape=False)
    tracking = tracker_for(view).update(view.image, 0)
    assert (tracking.condition, tracking.paper, tracking.frame) == (Condition.NO_FRAME, None, None)
    assert "no red tape is in sight" in tracking.reason


def test_the_camera_info_of_another_camera_is_noticed(views: ViewRenderer) -> None:
    """Twice the focal length puts the camera twice as high."""
    view = view_of(views, ASIDE)
    right = view.camera.intrinsics
    wrong = replace(right, fx=1.8 * right.fx, fy=1.8 * right.fy)
    tracking = PaperTracker(wrong).update(view.image, 0)
    assert (tracking.condition, tracking.paper) == (Condition.WRONG_CAMERA_INFO, None)
    assert "m from where it should be" in tracking.reason


def test_a_camera_that_is_mounted_upside_down_needs_its_heading(views: ViewRenderer) -> None:
    """The frame looks the same after half a turn: the settings tell which way round it is."""
    upside_down = SceneConfig(calibration=CalibrationConfig(top_camera_turn=(0.0, 0.0, np.pi)))
    view = view_of(views, ASIDE, scene=upside_down)
    tracking = tracker_for(view, camera_heading=np.pi).update(view.image, 0)
    assert tracking.paper is not None
    assert errors(tracking.paper.pose, ASIDE)[0] < 0.004


def test_a_new_time_forgets_the_sheet_and_not_the_camera(views: ViewRenderer) -> None:
    """A hidden sheet is not held into the next episode."""
    view = view_of(views, ASIDE)
    tracker = tracker_for(view)
    for tick in range(100, 112):
        tracker.update(view.image, tick * TICK_NS)
    tracking = tracker.update(view_of(views).image, 0)
    assert (tracking.condition, tracking.paper) == (Condition.NO_SHEET, None)
    assert tracking.frame is not None and tracking.frame.fixed


def test_what_is_no_image_is_refused(views: ViewRenderer) -> None:
    """A programming error is not a condition of the camera."""
    view = view_of(views, ASIDE)
    tracker = tracker_for(view)
    with pytest.raises(ObservationError, match=r"got \(240, 320, 3\) and float64"):
        tracker.update(view.image.astype(float), 0)
    with pytest.raises(ObservationError, match="3 channels, got 4"):
        tracker.update(np.zeros((240, 320, 4), dtype=np.uint8), 0)
    with pytest.raises(ConfigError, match="not calibrated"):
        PaperTracker(replace(view.camera.intrinsics, fx=0.0))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"hold_s": -1.0}, "hold_s must be at least 0"),
        ({"anchor_frames": 0}, "anchor_frames must be at least 1, got 0"),
        ({"least_visible": 1.5}, "least_visible must be in"),
        ({"camera_position": (0.0, 0.0, -1.0)}, "z above 0"),
        ({"bump_px": float("nan")}, "bump_px must be above 0"),
    ],
)
def test_settings_that_cannot_work_are_refused(setting: dict, message: str) -> None:
    """Each with the value and the range."""
    with pytest.raises(ConfigError, match=message):
        TrackerSettings(**setting)


def test_the_overlay_shows_what_was_measured(views: ViewRenderer) -> None:
    """Green on edges that are seen; nothing but words when there is no pose."""
    view = view_of(views, ASIDE)
    tracking = tracker_for(view).update(view.image, 0)
    drawn = draw_overlay(view.image, tracking)
    assert drawn.shape == view.image.shape
    assert not np.array_equal(drawn, view.image)
    assert tracking.outlines.edges is not None and tracking.outlines.measured is not None
    u, v = np.rint(tracking.outlines.edges[tracking.outlines.measured][10]).astype(int)
    assert drawn[v, u, 1] > drawn[v, u, 0] + 60
    assert caption(tracking).startswith("margin -")
    dark = tracker_for(view).update(np.zeros_like(view.image), 0)
    assert caption(dark) == "dark"
    below = draw_overlay(view.image, dark)[60:]
    np.testing.assert_array_equal(below, view.image[60:])


def test_the_benchmark_counts_what_it_says(views: ViewRenderer) -> None:
    """Its figures name condition, sample and share."""
    listed = measure_perception(cameras=1, track=lambda names: ["clean", "no frame"])
    figures = {each.name: each for each in listed}
    assert figures["sheet, clean, position p50"].value < 2.0
    assert figures["sheet, clean, wrong"].value == 0.0
    assert "pose in" in figures["sheet, clean, position p95"].note
    assert figures["no frame, a pose all the same"].note.startswith("0 of 10 ")
    assert 0.0 < figures["tracker, along an episode, p50"].value
    assert not any(name.startswith("sheet, noise") for name in figures)


def test_the_same_seed_draws_the_same_views(views: ViewRenderer) -> None:
    """A labelled set needs no files."""
    drawn = []
    for _ in range(2):
        rng = np.random.default_rng(5)
        drawn.append(views.render(sample_everything(rng), Layout([ASIDE]), 5))
    np.testing.assert_array_equal(drawn[0].image, drawn[1].image)
    np.testing.assert_array_equal(drawn[0].camera.position, drawn[1].camera.position)
    assert drawn[0].visible == pytest.approx(1.0, abs=0.03)
