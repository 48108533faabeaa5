"""The simulated cameras as a process: what they publish is true, and belongs together."""

import re
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Float64MultiArray, String

from so101_ros.assets import find_share_file
from so101_ros.nodes import convert, convert_images, convert_simulation, qos
from so101_ros.nodes.diagnostics import OK
from so101_ros.pose import PlanarPose
from so101_ros.randomization.load import load_tier
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.episode import Episode
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH

StartNode = Callable[..., NodeProcess]


def _stamp(message) -> int:
    return convert.stamp_to_ns(message.header.stamp)


def _by_stamp(messages: list) -> dict[int, object]:
    return {_stamp(message): message for message in messages}


def _shared_stamps(*lists: list) -> list[int]:
    """Stamps that every list of messages has, in order."""
    return sorted(set.intersection(*(set(map(_stamp, messages)) for messages in lists)))


@pytest.fixture
def start_cameras(start_node: StartNode) -> StartNode:
    """Start the simulator and, with the given parameters, its cameras."""

    def start(**parameters: object) -> NodeProcess:
        start_node("mujoco_sim")
        return start_node("sim_cameras", parameters)

    return start


@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 480)])
def test_images_and_intrinsics_belong_together(
    start_cameras: StartNode, probe: Probe, width: int, height: int
) -> None:
    """Both cameras publish the size that was asked for, each image with its own camera info."""
    images = {
        name: probe.collect(Image, f"camera/{name}/image_raw", qos.SENSOR_IMAGE)
        for name in ("top", "wrist")
    }
    infos = {
        name: probe.collect(CameraInfo, f"camera/{name}/camera_info", qos.SENSOR_IMAGE)
        for name in images
    }
    start_cameras(width=width, height=height)
    probe.spin_until(
        lambda: all(len(_shared_stamps(images[name], infos[name])) > 5 for name in images)
    )
    backend = MujocoBackend()
    for name in images:
        model = CameraModel.from_mujoco(backend.model, backend.data, name, width, height)
        stamp_ns = _shared_stamps(images[name], infos[name])[-1]
        image, info = (_by_stamp(messages[name])[stamp_ns] for messages in (images, infos))
        assert isinstance(image, Image) and isinstance(info, CameraInfo)
        assert image.header == info.header
        assert image.header.frame_id == f"{name}_optical_frame"
        assert (image.encoding, image.width, image.height) == ("rgb8", width, height)
        assert (info.width, info.height) == (width, height)
        np.testing.assert_allclose(np.reshape(info.k, (3, 3)), model.intrinsics.matrix)
        assert np.ptp(convert_images.image_from_ros(image)) > 100
    assert _shared_stamps(*images.values())


def test_tape_and_sheet_are_where_the_intrinsics_say(
    start_cameras: StartNode, probe: Probe
) -> None:
    """The published K and the camera's known pose lead to red tape and to white paper."""
    images = probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
    infos = probe.collect(CameraInfo, "camera/top/camera_info", qos.SENSOR_IMAGE)
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", QoSProfile(depth=100))
    start_cameras()
    probe.spin_until(lambda: bool(_shared_stamps(images, infos, poses)))
    stamp_ns = _shared_stamps(images, infos, poses)[-1]
    rgb = convert_images.image_from_ros(_by_stamp(images)[stamp_ns])  # type: ignore[arg-type]
    intrinsics = np.reshape(infos[-1].k, (3, 3))
    sheet = convert.pose_from_ros(_by_stamp(poses)[stamp_ns])  # type: ignore[arg-type]

    def colour_at(point: np.ndarray) -> np.ndarray:
        """Colour of a point on the table; image right is world -y, image up is world +x."""
        right, up = GOAL_CENTRE[1] - point[1], point[0] - GOAL_CENTRE[0]
        pixel = intrinsics @ [right / 0.40, -up / 0.40, 1.0]
        return rgb[round(pixel[1]), round(pixel[0])].astype(int)

    half = 0.5 * GOAL_INNER_SIZE + 0.5 * TAPE_WIDTH
    for offset in ([half[0], 0.0], [0.0, half[1]], [0.5 * half[0], half[1]]):
        red, green, blue = colour_at(GOAL_CENTRE + offset)
        assert red > 100 > 60 > max(green, blue)
    assert colour_at(sheet.position[:2]).min() > 150


def test_compressed_image_shows_the_same_picture(start_cameras: StartNode, probe: Probe) -> None:
    """JPEG and raw image of one moment differ by little noise, and not in their colours."""
    topic = "camera/top/image_raw"
    raws = probe.collect(Image, topic, qos.SENSOR_IMAGE)
    jpegs = probe.collect(CompressedImage, f"{topic}/compressed", qos.SENSOR_IMAGE)
    start_cameras(jpeg_quality=95)
    probe.spin_until(lambda: bool(_shared_stamps(raws, jpegs)))
    stamp_ns = _shared_stamps(raws, jpegs)[-1]
    raw = convert_images.image_from_ros(_by_stamp(raws)[stamp_ns])  # type: ignore[arg-type]
    jpeg = convert_images.compressed_from_ros(_by_stamp(jpegs)[stamp_ns])  # type: ignore[arg-type]
    mean_square = np.mean((raw.astype(float) - jpeg) ** 2)
    assert 10.0 * np.log10(255.0**2 / mean_square) > 32.0  # [dB]
    assert len(_by_stamp(jpegs)[stamp_ns].data) < 0.25 * raw.size  # type: ignore[attr-defined]


def test_slower_cameras_take_every_other_state(start_cameras: StartNode, probe: Probe) -> None:
    """At 15 Hz the stamps are 1/15 s apart, and nothing counts as dropped."""
    images = probe.collect(Image, "camera/wrist/image_raw", qos.SENSOR_IMAGE)
    reports = probe.collect_diagnostics("sim_cameras")
    start_cameras(cameras=["wrist"], rate_hz=15)
    probe.spin_until(lambda: len(images) > 20 and bool(reports))
    steps_s = np.diff([_stamp(image) for image in images]) * 1e-9
    assert np.median(steps_s) == pytest.approx(1.0 / 15.0, abs=1e-6)
    np.testing.assert_allclose(steps_s * 15.0, np.round(steps_s * 15.0), atol=1e-6)
    topics = dict(probe.node.get_topic_names_and_types())
    assert "/camera/top/image_raw" not in topics


def test_only_what_is_asked_for_is_published(start_cameras: StartNode, probe: Probe) -> None:
    """With raw images off, only the compressed ones exist."""
    jpegs = probe.collect(CompressedImage, "camera/top/image_raw/compressed", qos.SENSOR_IMAGE)
    start_cameras(raw=False)
    probe.spin_until(lambda: len(jpegs) > 0)
    assert probe.node.count_publishers("camera/top/image_raw") == 0


def test_cameras_rest_while_nobody_looks(start_cameras: StartNode, probe: Probe) -> None:
    """States come in, no picture is drawn; a viewer changes that at once."""
    reports = probe.collect_diagnostics("sim_cameras")
    start_cameras()

    def values() -> dict[str, str]:
        return {value.key: value.value for value in reports[-1].values} if reports else {}

    probe.spin_until(lambda: float(values().get("state_rate_hz", "0")) > 10.0)
    assert reports[-1].level == OK
    assert (values()["frames_top"], values()["frames_wrist"]) == ("0", "0")
    images = probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
    probe.spin_until(lambda: len(images) > 0)
    probe.spin_until(lambda: values()["frames_top"] != "0")
    assert values()["frames_wrist"] == "0"


def test_cameras_see_the_robot_model_of_the_simulator(
    start_node: StartNode, probe: Probe, tmp_path: Path
) -> None:
    """The scene travels with the simulation: an arm painted green there looks green here."""
    model = tmp_path / "painted.xml"
    nominal = find_share_file("assets/so101.xml").read_text()
    model.write_text(re.sub(r'rgba="[^"]*"', 'rgba="0 1 0 1"', nominal))
    images = probe.collect(Image, "camera/wrist/image_raw", qos.SENSOR_IMAGE)
    start_node("sim_cameras")
    start_node("mujoco_sim", {"robot_model": str(model)})

    def is_green() -> bool:
        if not images:
            return False
        red, green, blue = np.moveaxis(convert_images.image_from_ros(images[-1]).astype(int), 2, 0)
        return bool((green - np.maximum(red, blue) > 60).sum() > 50)

    probe.spin_until(is_green)


def test_drawn_scenes_look_as_they_would_without_ros(start_node: StartNode, probe: Probe) -> None:
    """Light, colours, lens, sensor and camera error of two episodes, to the last bit of a pixel."""
    scenes = probe.collect(String, "sim/scene", qos.LATCHED)
    states = probe.collect(Float64MultiArray, "sim/state", qos.STATE)
    images = probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
    infos = probe.collect(CameraInfo, "camera/top/camera_info", qos.SENSOR_IMAGE)
    start_node("mujoco_sim", {"scene": "full", "seed": 3})
    start_node("sim_cameras")
    tier = load_tier("full")
    with closing(CameraRig(tier.nominal, 320, 240)) as rig:
        for seed in (3, 8):
            if seed != 3:
                probe.set_parameter("mujoco_sim", "seed", seed)
                assert probe.trigger("sim/reset").success
            probe.spin_until(lambda: scenes and _episode(scenes).seed == seed)  # noqa: B023
            images.clear()
            probe.spin_until(lambda: len(_shared_stamps(images, infos)) > 5)
            rig.begin(tier.sample(seed), seed)
            known = dict(map(convert_simulation.state_from_ros, states))
            stamp_ns = [each for each in _shared_stamps(images, infos) if each in known][-1]
            rig.show(known[stamp_ns])
            image, info = (_by_stamp(messages)[stamp_ns] for messages in (images, infos))
            assert isinstance(image, Image) and isinstance(info, CameraInfo)
            np.testing.assert_array_equal(
                convert_images.image_from_ros(image),
                rig.render("top", stamp_ns - _episode(scenes).reset_ns),
            )
            np.testing.assert_allclose(np.reshape(info.k, (3, 3)), rig.intrinsics("top").matrix)


def test_a_state_of_the_episode_before_is_not_shown(start_node: StartNode, probe: Probe) -> None:
    """It may come behind the news of a new one; with late images its fate was never drawn."""
    config = SceneConfig(delay=DelayConfig(camera_s=0.05))
    backend, reset_ns = MujocoBackend(config), 10 * NANOSECONDS
    episode = Episode(2, 7, reset_ns, reset_ns, PlanarPose(0.3, 0.0, 0.0))
    images = probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
    start_node("sim_cameras")
    scenes = probe.publisher(String, "sim/scene", qos.LATCHED)
    scenes.publish(convert_simulation.scene_to_ros(episode, config))
    clocks = probe.publisher(Clock, "/clock", qos.CLOCK)  # heard where images are late
    states = probe.publisher(Float64MultiArray, "sim/state", qos.STATE)
    stamps_ns = count(reset_ns, NANOSECONDS // 30)
    states.publish(convert_simulation.state_to_ros(reset_ns - NANOSECONDS, backend.state))

    def shown() -> bool:
        stamp_ns = next(stamps_ns)  # the first ones may come before the node knows who looks
        states.publish(convert_simulation.state_to_ros(stamp_ns, backend.state))
        clocks.publish(Clock(clock=convert.ns_to_stamp(stamp_ns)))
        return bool(images)

    probe.spin_until(shown)
    assert all(_stamp(image) >= reset_ns for image in images)


def _episode(scenes: list) -> convert_simulation.AnnouncedEpisode:
    return convert_simulation.episode_from_ros(scenes[-1])


@pytest.mark.parametrize(
    ("parameters", "environment", "reason"),
    [
        ({"width": 0}, {}, "at least 1 x 1 pixels, got 0 x 240"),
        ({"height": -2}, {}, "at least 1 x 1 pixels, got 320 x -2"),
        ({"width": 5000}, {}, "5000 x 240 exceeds the model's offscreen buffer"),
        ({"cameras": ["side"]}, {}, "unknown camera 'side'; the scene has ['top', 'wrist']"),
        ({"rate_hz": 7}, {}, "rate_hz=7 must divide the 30 states per second"),
        ({"rate_hz": 0}, {}, "rate_hz=0 is not allowed: it must be an integer, at least 1"),
        ({"jpeg_quality": 101}, {}, "jpeg_quality=101 is not allowed"),
        ({}, {"MUJOCO_GL": "paint"}, "MUJOCO_GL='paint' cannot render; set it to one of"),
        (
            {},
            {"MUJOCO_GL": "glfw", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            "apt install libegl1 libgl1-mesa-dri",
        ),
    ],
)
def test_bad_input_ends_with_one_clear_line(
    start_node: StartNode, parameters: dict[str, object], environment: dict[str, str], reason: str
) -> None:
    """Exit code 2 and one error that names the value and what is allowed."""
    process = start_node("sim_cameras", parameters, environment=environment)
    assert process.wait() == 2
    errors = [line for line in process.output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and reason in errors[0]
    assert "Traceback" not in process.output
