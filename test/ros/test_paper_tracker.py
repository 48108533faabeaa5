"""The tracker as a process, fed with rendered images: poses that are true, or none and a reason."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped, PoseWithCovarianceStamped
from harness import NodeProcess, Probe
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from so101_ros.benchmark.rendered_views import LabelledView, Layout, ViewRenderer
from so101_ros.nodes import convert, convert_images, qos
from so101_ros.nodes.diagnostics import OK, STALE, WARN
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.geometry import GOAL_CENTRE

Start = Callable[..., NodeProcess]

FRAME_ID = "top_optical_frame"
PERIOD_NS = NANOSECONDS // 30
PERIOD_S = PERIOD_NS / NANOSECONDS
HERE = PlanarPose(0.32, 0.10, 0.5)
THERE = PlanarPose(0.26, 0.20, -0.9)


@pytest.fixture(scope="module")
def draw() -> Iterator[Callable[..., LabelledView]]:
    """Render the top camera over a table, with noise, so that no two images are the same."""
    with ViewRenderer() as renderer:

        def render(
            *sheets: PlanarPose, tape: bool = True, scene: SceneConfig | None = None
        ) -> LabelledView:
            return renderer.render(scene or SceneConfig(), Layout(sheets, tape=tape))

        yield render


class Camera:
    """A stand-in for the camera, and what the tracker makes of its images."""

    def __init__(self, probe: Probe) -> None:
        """Wait until the tracker takes images."""
        self.probe = probe
        self.reports = probe.collect_diagnostics("paper_tracker")
        self.poses: list[PoseStamped] = probe.collect(PoseStamped, "paper_pose", qos.POSE)
        self.frames: list[PoseStamped] = probe.collect(PoseStamped, "frame_pose", qos.POSE)
        self.uncertain: list[PoseWithCovarianceStamped] = probe.collect(
            PoseWithCovarianceStamped, "paper_tracker/pose_with_covariance", qos.POSE
        )
        self._infos = probe.publisher(CameraInfo, "camera/top/camera_info", qos.SENSOR_IMAGE)
        self._images = probe.publisher(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
        self.stamp_ns = 5 * NANOSECONDS
        self.step_ns = PERIOD_NS
        self.change: Callable[[CameraInfo, Image], None] = lambda info, image: None
        self._due_s = 0.0
        probe.spin_until(lambda: self.reports)  # what the tracker publishes arrives here

    def show(self, images: Sequence[LabelledView], until: Callable[[], object]) -> None:
        """Show images, over and over at about 30 Hz, until something holds."""
        shown = iter(range(1_000_000))

        def turn() -> object:
            if time.monotonic() >= self._due_s:
                self._due_s = time.monotonic() + PERIOD_S
                self._send(images[next(shown) % len(images)])
            return until()

        self.probe.spin_until(turn)

    def _send(self, view: LabelledView) -> None:
        self.stamp_ns += self.step_ns
        info = convert_images.camera_info_to_ros(view.camera.intrinsics, self.stamp_ns, FRAME_ID)
        # One grey level on one pixel: a camera has noise, and what repeats is called frozen.
        pixels = view.image.copy()
        pixels[0, 0] = self.stamp_ns // PERIOD_NS % 200
        image = convert_images.image_to_ros(pixels, self.stamp_ns, FRAME_ID)
        self.change(info, image)
        self._infos.publish(info)
        self._images.publish(image)

    def says(self, level: bytes, text: str) -> bool:
        """Whether the latest report has that level and text."""
        return bool(
            self.reports and self.reports[-1].level == level and text in self.reports[-1].message
        )

    def values(self) -> dict[str, str]:
        """Values of the latest report."""
        return {value.key: value.value for value in self.reports[-1].values}


@pytest.fixture
def camera(start_node: Start, probe: Probe) -> Camera:
    """A camera that the tracker looks through; images may repeat."""
    start_node("paper_tracker", {"frozen_s": 0.0})
    return Camera(probe)


def stamp_of(message: PoseStamped | PoseWithCovarianceStamped) -> int:
    """Stamp in [ns]."""
    return convert.stamp_to_ns(message.header.stamp)


def assert_near(message: PoseStamped, sheet: PlanarPose) -> None:
    """The pose is that of the sheet; how near it comes is the core's affair."""
    pose = convert.pose_from_ros(message)
    assert np.linalg.norm(pose.planar.xy - sheet.xy) < 0.004
    assert abs(wrap_to_half_pi(pose.yaw - sheet.yaw)) < np.radians(1.5)
    assert pose.position[2] == pytest.approx(0.0005)


def test_the_pose_is_that_of_the_sheet(camera: Camera, draw: Callable[..., LabelledView]) -> None:
    """Sheet and frame, stamped like the image, with a covariance; all is said to be well."""
    view = draw(HERE)
    camera.show([view], lambda: len(camera.poses) > 12 and camera.says(OK, "tracking"))
    assert_near(camera.poses[-1], HERE)
    assert (stamp_of(camera.poses[-1]) - 5 * NANOSECONDS) % PERIOD_NS == 0
    camera.show([view], lambda: stamp_of(camera.uncertain[-1]) >= stamp_of(camera.poses[12]))
    uncertain = {stamp_of(each): each.pose for each in camera.uncertain}
    pose = camera.poses[12]
    assert uncertain[stamp_of(pose)].pose == pose.pose
    covariance = np.reshape(uncertain[stamp_of(pose)].covariance, (6, 6))
    np.testing.assert_allclose(covariance, covariance.T)
    assert (np.sqrt(np.diag(covariance)[[0, 1, 5]]) < [0.003, 0.003, 0.02]).all()
    assert (np.diag(covariance)[[0, 1, 5]] > 0.0).all()
    assert not covariance[2:5].any()
    values = camera.values()
    assert values["condition"] == "tracking"
    assert float(values["visible_share"]) > 0.9
    assert {"age_s", "margin_m", "processing_p50_ms", "processing_p99_ms"} <= set(values)
    assert {"dropped_images", "frame_age_ms", "camera_fixed", "frame_rms_px"} <= set(values)


def test_the_frame_is_where_the_camera_sees_it(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """`frame_pose` leads from the camera's optical frame to the middle of the tape frame."""
    view = draw(HERE)
    camera.show([view], lambda: len(camera.frames) > 12)
    message = camera.frames[-1]
    assert message.header.frame_id == FRAME_ID
    middle = np.array([*GOAL_CENTRE, 0.0])
    expected = view.camera.rotation.T @ (middle - view.camera.position)
    point = message.pose.position
    np.testing.assert_allclose([point.x, point.y, point.z], expected, atol=0.003)


def test_a_table_without_a_sheet_has_a_frame_and_no_pose(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """Images are looked at, which the frame's pose proves, and the reason is given."""
    camera.show([draw()], lambda: len(camera.frames) > 12 and camera.says(WARN, "no_sheet"))
    assert camera.poses == camera.uncertain == []


def _fill(level: int) -> Callable[[CameraInfo, Image], None]:
    def change(info: CameraInfo, image: Image) -> None:
        image.data = bytes([level]) * len(image.data)

    return change


def _to_mono(info: CameraInfo, image: Image) -> None:
    grey = convert_images.image_from_ros(image)[..., 1]
    image.encoding, image.step, image.data = "mono8", image.width, grey.tobytes()


def _swap(info: CameraInfo, image: Image) -> None:
    image.encoding = "bgr8"


def _set_encoding(info: CameraInfo, image: Image) -> None:
    image.encoding = "16UC1"


def _forget_calibration(info: CameraInfo, image: Image) -> None:
    info.k = np.zeros(9)


def _halve_size(info: CameraInfo, image: Image) -> None:
    info.width, info.height = info.width // 2, info.height // 2


def _use_fisheye(info: CameraInfo, image: Image) -> None:
    info.distortion_model, info.d = "equidistant", [0.1] * 4


def _stretch(info: CameraInfo, image: Image) -> None:
    for matrix in (info.k, info.p):
        matrix[0] *= 2.0
        matrix[4 if matrix is info.k else 5] *= 2.0


def _truncate(info: CameraInfo, image: Image) -> None:
    image.data = image.data[:-1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_fill(0), "dark: the image is dark"),
        (_fill(255), "saturated: 100 % of the image is saturated"),
        (_to_mono, "mono: the image has no colour"),
        (_swap, "channels_swapped: the tape is blue: red and blue are swapped"),
        (_set_encoding, "must be encoded as one of ['bgr8', 'mono8', 'rgb8'], got '16UC1'"),
        (_truncate, "cannot have 230399 bytes"),
        (_forget_calibration, "this camera is not calibrated: k is all zero"),
        (_halve_size, "wrong_camera_info: the image is 320 x 240, its camera_info is for 160 x"),
        (_use_fisheye, "distortion_model 'equidistant' is not supported"),
        (_stretch, "camera_info"),
    ],
)
def test_a_bad_image_is_named_and_gives_no_pose(
    camera: Camera,
    draw: Callable[..., LabelledView],
    change: Callable[[CameraInfo, Image], None],
    reason: str,
) -> None:
    """Diagnostics say what is wrong; what cannot be trusted is not published."""
    camera.change = change
    camera.show([draw(HERE)], lambda: camera.says(WARN, reason))
    assert camera.poses == camera.uncertain == []


def test_two_sheets_are_one_too_many(camera: Camera, draw: Callable[..., LabelledView]) -> None:
    """Which of them is meant, nobody knows."""
    far = PlanarPose(0.20, 0.28, 0.1), PlanarPose(0.36, 0.07, 0.1)
    camera.show([draw(*far)], lambda: camera.says(WARN, "two_sheets"))
    assert camera.poses == []


def test_without_a_frame_nothing_is_known(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """The frame tells where the camera is; a sheet alone tells nothing."""
    camera.show([draw(HERE, tape=False)], lambda: camera.says(WARN, "no_frame"))
    assert camera.poses == camera.frames == []


def test_images_without_a_lens_are_refused(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """Until a usable camera_info comes; then the first image is measured."""
    view = draw(HERE)

    def spoil(info: CameraInfo, image: Image) -> None:
        info.k = np.zeros(9)

    camera.change = spoil
    camera.show([view], lambda: camera.says(WARN, "there is no usable camera_info"))
    assert camera.poses == []
    camera.change = lambda info, image: None
    camera.show([view], lambda: len(camera.poses) > 12)
    assert_near(camera.poses[-1], HERE)


def test_stamps_that_stand_still_are_named(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """Whoever stamps every image alike gets one pose at most."""
    camera.step_ns = 0
    camera.show([draw(HERE)], lambda: camera.says(WARN, "every image must have a stamp of its own"))
    assert len(camera.poses) <= 1
    assert camera.values()["condition"] == "none"


def test_a_frozen_camera_is_named(
    start_node: Start, probe: Probe, draw: Callable[..., LabelledView]
) -> None:
    """The same picture with new stamps is no news of the sheet."""
    start_node("paper_tracker", {"frozen_s": 0.2})
    camera = Camera(probe)

    def freeze(info: CameraInfo, image: Image) -> None:
        image.data[:3] = image.data[3:6]

    camera.change = freeze
    camera.show([draw(HERE)], lambda: camera.says(WARN, "frozen: the same picture for"))
    first_ns = 5 * NANOSECONDS + PERIOD_NS
    assert all(stamp_of(pose) - first_ns < NANOSECONDS for pose in camera.poses)


def test_a_camera_that_stops_is_told(camera: Camera, draw: Callable[..., LabelledView]) -> None:
    """Silence is a state: first nothing ever came, then nothing comes any more."""
    camera.probe.spin_until(lambda: camera.says(STALE, "no image on camera/top/image_raw"))
    camera.show([draw(HERE)], lambda: camera.says(OK, "tracking"))
    camera.probe.spin_until(lambda: camera.says(STALE, "no images for"))


def test_a_hidden_sheet_is_held_and_then_not_known(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """Held for ``hold_s``, which is live, less and less sure; then there is silence."""
    refused = camera.probe.set_parameter("paper_tracker", "hold_s", -1.0)
    assert not refused.successful and "hold_s" in refused.reason
    assert camera.probe.set_parameter("paper_tracker", "hold_s", 0.8).successful
    seen, hidden = draw(HERE), draw()
    camera.show([seen], lambda: len(camera.poses) > 12)
    last_seen_ns = camera.stamp_ns
    camera.show([hidden], lambda: camera.says(WARN, "no_sheet"))
    held = [each for each in camera.uncertain if stamp_of(each) > last_seen_ns]
    assert held
    assert max(map(stamp_of, held)) - last_seen_ns <= 0.8 * NANOSECONDS
    spread = [each.pose.covariance[0] for each in held]
    assert all(after > before for before, after in itertools.pairwise(spread))
    assert_near(camera.poses[-1], HERE)


def test_after_a_gap_only_the_camera_is_remembered(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """A reset may have moved the sheet: nothing is held over it. The camera stays where it was."""
    seen, hidden = draw(HERE), draw()
    camera.show([seen], lambda: len(camera.poses) > 12)
    camera.stamp_ns += NANOSECONDS // 2
    gap_ns = camera.stamp_ns
    camera.show([hidden], lambda: camera.frames and stamp_of(camera.frames[-1]) > gap_ns)
    camera.show([draw(THERE)], lambda: stamp_of(camera.poses[-1]) > gap_ns)
    after = [pose for pose in camera.poses if stamp_of(pose) > gap_ns]
    assert_near(after[0], THERE)
    before = [frame.pose.position for frame in camera.frames if stamp_of(frame) < gap_ns][-1]
    first = next(frame.pose.position for frame in camera.frames if stamp_of(frame) > gap_ns)
    np.testing.assert_allclose(
        [first.x, first.y, first.z], [before.x, before.y, before.z], atol=0.001
    )


def test_a_camera_that_may_hang_elsewhere_is_located_anew_after_a_gap(
    start_node: Start, probe: Probe, draw: Callable[..., LabelledView]
) -> None:
    """No image is lost to the surprise: the first one after the gap has a pose, and a right one."""
    start_node("paper_tracker", {"frozen_s": 0.0, "forget_camera": True})
    camera = Camera(probe)
    camera.show([draw(HERE)], lambda: len(camera.poses) > 12)
    camera.stamp_ns += NANOSECONDS // 2
    gap_ns = camera.stamp_ns
    moved = CalibrationConfig(top_camera_offset=(0.01, -0.008, 0.01))
    shown = draw(HERE, scene=SceneConfig(calibration=moved))
    camera.show([shown], lambda: stamp_of(camera.poses[-1]) > gap_ns)
    assert stamp_of(next(each for each in camera.poses if stamp_of(each) > gap_ns)) <= (
        gap_ns + 3 * PERIOD_NS
    )
    assert_near(camera.poses[-1], HERE)


def test_pictures_are_drawn_for_those_who_look(
    camera: Camera, draw: Callable[..., LabelledView]
) -> None:
    """Raw and JPEG, of the image's size and stamp, ten per second at most, with lines in them."""
    view = draw(HERE)
    raws = camera.probe.collect(Image, "paper_tracker/image", qos.SENSOR_IMAGE)
    jpegs = camera.probe.collect(
        CompressedImage, "paper_tracker/image/compressed", qos.SENSOR_IMAGE
    )
    camera.show([view], lambda: len(raws) > 8 and len(jpegs) > 8)
    assert raws[-1].header.frame_id == FRAME_ID
    picture = convert_images.image_from_ros(raws[-1])
    assert picture.shape == view.image.shape
    changed = np.abs(picture.astype(int) - view.image).max(axis=2) > 40
    assert 0.005 < changed.mean() < 0.5
    assert convert_images.compressed_from_ros(jpegs[-1]).shape == view.image.shape
    steps_ns = np.diff([convert.stamp_to_ns(raw.header.stamp) for raw in raws])
    assert steps_ns.min() >= 0.09 * NANOSECONDS


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"camera": "top camera"}, "parameter camera='top camera' is not allowed: give the name"),
        ({"camera_position": [0.1, 0.2]}, "camera_position must be x, y, z in m"),
        ({"hold_s": -0.1}, "hold_s=-0.1 is not allowed: it must be a number"),
        ({"least_visible": 0.0}, "least_visible=0.0 is not allowed"),
        ({"image_rate_hz": 0.0}, "image_rate_hz=0.0 is not allowed"),
    ],
)
def test_bad_parameters_end_the_node_with_one_line(
    start_node: Start, parameters: dict[str, object], reason: str
) -> None:
    """Exit code 2 and the reason, without a traceback."""
    process = start_node("paper_tracker", parameters)
    assert process.wait() == 2
    assert reason in process.output
    assert "Traceback" not in process.output
