"""Videos play at simulated time and are never left half-written."""

import shutil
import subprocess
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from rosbags.typesys import Stores, get_typestore

from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.video import FPS, frame_stamps, write_demo_video
from so101_ros.errors import ConfigError, RecordingError
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.bag_reader import BagReader
from so101_ros.recording.bag_writer import BagWriter
from so101_ros.recording.side_by_side import CAPTION_HEIGHT, decode_image, put_side_by_side
from so101_ros.recording.topic_qos import TopicQos
from so101_ros.recording.video_writer import VideoWriter
from so101_ros.task.measures import PaperMeasures

STORE = get_typestore(Stores.ROS2_JAZZY)
RED, BLUE = (220, 20, 20), (20, 20, 220)
RECEIVED_NS = 1_700_000_000 * NANOSECONDS


def _filled(colour: tuple[int, int, int], height: int = 48, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def _compressed(stamp_ns: int, image: np.ndarray) -> bytes:
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    time = STORE.types["builtin_interfaces/msg/Time"]
    stamp = time(sec=stamp_ns // NANOSECONDS, nanosec=stamp_ns % NANOSECONDS)
    header = STORE.types["std_msgs/msg/Header"](stamp=stamp, frame_id="top_optical_frame")
    type_name = "sensor_msgs/msg/CompressedImage"
    message = STORE.types[type_name](header=header, format="jpeg", data=encoded.ravel())
    return bytes(STORE.serialize_cdr(message, type_name))


def _episode(number: int, start_s: float, end_s: float) -> EpisodeRecord:
    """An episode whose wall clock runs with the simulation."""
    start_ns, end_ns = round(start_s * NANOSECONDS), round(end_s * NANOSECONDS)
    return EpisodeRecord(
        number=number,
        seed=0,
        time_to_success_s=None,
        reported_success=False,
        final=PaperMeasures(0.1, 0.2, -0.1),
        start_ns=start_ns,
        end_ns=end_ns,
        wall_s=end_s - start_s,
        received_from_ns=RECEIVED_NS + start_ns,
        received_until_ns=RECEIVED_NS + end_ns,
    )


def _read(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_frames_come_back(tmp_path: Path) -> None:
    """As many frames as were written, with their colours in RGB order."""
    path = tmp_path / "a.mp4"
    with VideoWriter(path, 64, 48, fps=30) as video:
        for colour in (RED, BLUE, RED):
            video.write(_filled(colour))
    frames = _read(path)
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 3
    np.testing.assert_allclose(frames[0].mean(axis=(0, 1)), RED, atol=8)
    np.testing.assert_allclose(frames[1].mean(axis=(0, 1)), BLUE, atol=8)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_ffprobe_agrees(tmp_path: Path) -> None:
    """Codec, pixel format, rate and duration are what players expect."""
    path = tmp_path / "a.mp4"
    with VideoWriter(path, 64, 48, fps=30) as video:
        for _ in range(45):
            video.write(_filled(RED))
    entries = "stream=codec_name,pix_fmt,r_frame_rate,nb_frames:format=duration"
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "default=nw=1", str(path)]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert report.splitlines() == [
        "codec_name=h264",
        "pix_fmt=yuv420p",
        "r_frame_rate=30/1",
        "nb_frames=45",
        "duration=1.500000",
    ]


def test_nothing_is_left_of_a_failed_video(tmp_path: Path) -> None:
    """A frame of another size is refused, and no broken file appears."""
    path = tmp_path / "a.mp4"
    with (
        pytest.raises(RecordingError, match=r"shape \(48, 64, 3\), got uint8 of shape \(24"),
        VideoWriter(path, 64, 48, fps=30) as video,
    ):
        video.write(_filled(RED))
        video.write(_filled(RED, height=24))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_video_is_refused(tmp_path: Path) -> None:
    """A video without frames would not play."""
    with (
        pytest.raises(RecordingError, match="would have no frame"),
        VideoWriter(tmp_path / "a.mp4", 64, 48, fps=30),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("width", "height"), [(0, 48), (64, -2), (63, 48)])
def test_refuses_sizes_that_h264_cannot_hold(tmp_path: Path, width: int, height: int) -> None:
    """The size is checked before anything is written."""
    with pytest.raises(ConfigError, match=f"even width and height.*got {width}x{height}"):
        VideoWriter(tmp_path / "a.mp4", width, height, fps=30)
    assert list(tmp_path.iterdir()) == []


def test_refuses_a_rate_of_zero(tmp_path: Path) -> None:
    """A video has a rate."""
    with pytest.raises(ConfigError, match="at least 1 frame per second, got 0"):
        VideoWriter(tmp_path / "a.mp4", 64, 48, fps=0)


def test_images_stand_side_by_side_below_the_caption() -> None:
    """The pictures are untouched and the text is visible."""
    frame = put_side_by_side([_filled(RED), _filled(BLUE)], "12 mm")
    assert frame.shape == (48 + CAPTION_HEIGHT, 128, 3)
    np.testing.assert_array_equal(frame[CAPTION_HEIGHT:, :64], _filled(RED))
    np.testing.assert_array_equal(frame[CAPTION_HEIGHT:, 64:], _filled(BLUE))
    assert frame[:CAPTION_HEIGHT].max() > 200


def test_decoding_refuses_what_is_no_image() -> None:
    """Broken bytes are an error, not a black picture."""
    with pytest.raises(RecordingError, match="7 bytes are no JPEG"):
        decode_image(np.arange(7, dtype=np.uint8))
    with pytest.raises(RecordingError, match="0 bytes"):
        decode_image(np.empty(0, np.uint8))


def test_frame_stamps_follow_simulated_time() -> None:
    """Thirty moments per simulated second, from the first to the last."""
    stamps = list(frame_stamps(7 * NANOSECONDS, 9 * NANOSECONDS))
    assert (stamps[0], stamps[30], stamps[-1]) == tuple(s * NANOSECONDS for s in (7, 8, 9))
    assert len(stamps) == 2 * FPS + 1


@pytest.fixture
def camera_bag(tmp_path: Path) -> Path:
    """Two cameras over two seconds; the left one turns from red to blue after one second."""
    path = tmp_path / "bag"
    with BagWriter(path) as bag:
        for topic in ("/left", "/right"):
            bag.add_topic(topic, "sensor_msgs/msg/CompressedImage", TopicQos(reliable=False))
        for stamp_ns in frame_stamps(0, 2 * NANOSECONDS):
            colour = RED if stamp_ns < NANOSECONDS else BLUE
            bag.write("/left", RECEIVED_NS + stamp_ns, _compressed(stamp_ns, _filled(colour)))
            bag.write("/right", RECEIVED_NS + stamp_ns, _compressed(stamp_ns, _filled(BLUE)))
    return path


def test_demo_video_shows_every_episode(camera_bag: Path, tmp_path: Path) -> None:
    """Episodes follow each other, each with its own images and caption."""
    episodes = [_episode(1, 0.5, 0.9), _episode(2, 1.5, 1.8)]
    path = tmp_path / "demo.mp4"
    captions = []

    def caption(episode: EpisodeRecord, stamp_ns: int) -> str:
        captions.append((episode.number, stamp_ns))
        return f"episode {episode.number}"

    with BagReader(camera_bag) as bag:
        count = write_demo_video(path, bag, ["/left", "/right"], episodes, caption)
    frames = _read(path)
    assert count == len(frames) == len(captions) == 13 + 10
    assert [number for number, _ in captions] == [1] * 13 + [2] * 10
    left = [frame[CAPTION_HEIGHT + 8 :, 8:56].mean(axis=(0, 1)) for frame in frames]
    np.testing.assert_allclose(left[0], RED, atol=12)
    np.testing.assert_allclose(left[-1], BLUE, atol=12)


def test_demo_video_needs_images(camera_bag: Path, tmp_path: Path) -> None:
    """Silent cameras are an error, not a black video."""
    silent = [_episode(1, 5.0, 6.0)]
    with (
        BagReader(camera_bag) as bag,
        pytest.raises(RecordingError, match=r"no images of \['/left', '/right'\]"),
    ):
        write_demo_video(tmp_path / "x.mp4", bag, ["/left", "/right"], silent, lambda *_: "")
    assert not (tmp_path / "x.mp4").exists()
