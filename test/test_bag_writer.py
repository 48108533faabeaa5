"""Bags are complete, self-describing and refused where they cannot be."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rosbags.typesys import Stores, get_typestore

from so101_ros.errors import RecordingError
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.bag_reader import BagReader
from so101_ros.recording.bag_writer import BagWriter
from so101_ros.recording.cdr import stamp_of
from so101_ros.recording.topic_qos import TopicQos

STORE = get_typestore(Stores.ROS2_JAZZY)
RECEIVED_NS = 1_700_000_000 * NANOSECONDS
JPEG = np.arange(7, dtype=np.uint8)


def _time(stamp_ns: int):
    kind = STORE.types["builtin_interfaces/msg/Time"]
    return kind(sec=stamp_ns // NANOSECONDS, nanosec=stamp_ns % NANOSECONDS)


def _header(stamp_ns: int):
    return STORE.types["std_msgs/msg/Header"](stamp=_time(stamp_ns), frame_id="world")


def _serialize(type_name: str, *fields) -> bytes:
    message = STORE.types[type_name](*fields)
    return bytes(STORE.serialize_cdr(message, type_name))


def _clock(stamp_ns: int) -> bytes:
    return _serialize("rosgraph_msgs/msg/Clock", _time(stamp_ns))


def _pose(stamp_ns: int, x: float) -> bytes:
    point = STORE.types["geometry_msgs/msg/Point"](x=x, y=2.0, z=3.0)
    turn = STORE.types["geometry_msgs/msg/Quaternion"](x=0.0, y=0.0, z=0.6, w=0.8)
    pose = STORE.types["geometry_msgs/msg/Pose"](position=point, orientation=turn)
    return _serialize("geometry_msgs/msg/PoseStamped", _header(stamp_ns), pose)


def _image(stamp_ns: int) -> bytes:
    return _serialize("sensor_msgs/msg/CompressedImage", _header(stamp_ns), "jpeg", JPEG)


def _write_example(path: Path) -> None:
    with BagWriter(path) as bag:
        bag.add_topic("/clock", "rosgraph_msgs/msg/Clock", TopicQos(reliable=False, depth=1))
        bag.add_topic("/pose", "geometry_msgs/msg/PoseStamped", TopicQos())
        bag.add_topic("/scene", "std_msgs/msg/String", TopicQos(transient_local=True, depth=1))
        bag.add_topic("/image", "sensor_msgs/msg/CompressedImage", TopicQos(reliable=False))
        bag.write("/scene", RECEIVED_NS, _serialize("std_msgs/msg/String", "a scene"))
        for tick in range(120):
            bag.write("/clock", RECEIVED_NS + tick, _clock(tick * 8))
            if tick % 4 == 0:
                bag.write("/pose", RECEIVED_NS + tick, _pose(tick * 8, x=float(tick)))
                bag.write("/image", RECEIVED_NS + tick, _image(tick * 8))


@pytest.fixture
def bag_path(tmp_path: Path) -> Path:
    """A closed bag with four topics."""
    path = tmp_path / "bag"
    _write_example(path)
    return path


def test_reads_back_counts_stamps_and_poses(bag_path: Path) -> None:
    """What was written is read back by topic, in order."""
    with BagReader(bag_path) as bag:
        assert bag.counts == {"/clock": 120, "/pose": 30, "/scene": 1, "/image": 30}
        clock = bag.stamps_ns("/clock")
        np.testing.assert_array_equal(clock, 8 * np.arange(120))
        np.testing.assert_array_equal(bag.received_ns("/clock"), RECEIVED_NS + np.arange(120))
        stamps, poses = bag.poses("/pose")
        np.testing.assert_array_equal(stamps, 32 * np.arange(30))
        np.testing.assert_array_equal(poses[3].position, [12.0, 2.0, 3.0])
        np.testing.assert_array_equal(poses[3].quaternion, [0.8, 0.0, 0.0, 0.6])


def test_stamps_are_absent_where_the_type_has_none(bag_path: Path) -> None:
    """A string carries no stamp; that is an error and no zero."""
    with BagReader(bag_path) as bag, pytest.raises(RecordingError, match="carries no stamps"):
        bag.stamps_ns("/scene")


def test_frames_are_cut_by_arrival(bag_path: Path) -> None:
    """Only images that arrived in the span are read."""
    with BagReader(bag_path) as bag:
        frames = list(bag.frames("/image", RECEIVED_NS + 8, RECEIVED_NS + 20))
    assert [frame.stamp_ns for frame in frames] == [64, 96, 128]
    np.testing.assert_array_equal(frames[0].encoded, JPEG)


def test_metadata_tells_types_counts_and_quality_of_service(bag_path: Path) -> None:
    """rosbag2's metadata lets a player offer every topic as it was offered."""
    document = yaml.safe_load((bag_path / "metadata.yaml").read_text())
    information = document["rosbag2_bagfile_information"]
    assert information["storage_identifier"] == "mcap"
    assert information["message_count"] == 181
    topics = {
        entry["topic_metadata"]["name"]: entry["topic_metadata"]
        for entry in information["topics_with_message_count"]
    }
    assert topics["/pose"]["type"] == "geometry_msgs/msg/PoseStamped"
    assert topics["/pose"]["type_description_hash"].startswith("RIHS01_")
    offered = {
        name: yaml.safe_load(entry["offered_qos_profiles"])[0] for name, entry in topics.items()
    }
    assert offered["/scene"]["durability"] == 1
    assert offered["/pose"]["durability"] == 2
    assert (offered["/pose"]["reliability"], offered["/clock"]["reliability"]) == (1, 2)


def test_an_independent_reader_agrees(bag_path: Path) -> None:
    """The reader of the MCAP project counts the same messages and finds their definitions."""
    reader_module = pytest.importorskip("mcap.reader")
    (file,) = bag_path.glob("*.mcap")
    with file.open("rb") as stream:
        summary = reader_module.make_reader(stream).get_summary()
        assert summary is not None and summary.statistics is not None
        counts = {
            channel.topic: summary.statistics.channel_message_counts[number]
            for number, channel in summary.channels.items()
        }
        stream.seek(0)
        poses = list(reader_module.make_reader(stream).iter_messages(topics=["/pose"]))
    assert counts == {"/clock": 120, "/pose": 30, "/scene": 1, "/image": 30}
    assert [stamp_of(message.data) for _, _, message in poses] == [32 * i for i in range(30)]
    assert b"geometry_msgs/Pose pose" in poses[0][0].data


def test_the_bag_is_complete_after_an_exception(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a recording leaves a bag that opens."""
    path = tmp_path / "bag"
    with pytest.raises(KeyboardInterrupt), BagWriter(path) as bag:
        bag.add_topic("/clock", "rosgraph_msgs/msg/Clock", TopicQos())
        bag.write("/clock", RECEIVED_NS, _clock(5))
        raise KeyboardInterrupt
    with BagReader(path) as reader:
        assert reader.counts == {"/clock": 1}


def test_an_empty_bag_opens(tmp_path: Path) -> None:
    """A recording that saw nothing is still a bag."""
    BagWriter(tmp_path / "bag").close()
    with BagReader(tmp_path / "bag") as reader:
        assert reader.counts == {}


def test_refuses_an_existing_folder(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    with pytest.raises(RecordingError, match=r"exists already.*folder that does not exist yet"):
        BagWriter(tmp_path)


def test_refuses_an_unknown_type(tmp_path: Path) -> None:
    """A bag without a definition could not be read; say so at once."""
    with BagWriter(tmp_path / "bag") as bag:
        with pytest.raises(RecordingError, match="unknown message type 'acme_msgs/msg/Rocket'"):
            bag.add_topic("/rocket", "acme_msgs/msg/Rocket", TopicQos())
        assert bag.counts == {}


def test_refuses_topics_twice_or_never_added(tmp_path: Path) -> None:
    """Topics are added once, before their messages."""
    with BagWriter(tmp_path / "bag") as bag:
        with pytest.raises(RecordingError, match="'/clock' was not added"):
            bag.write("/clock", RECEIVED_NS, _clock(0))
        bag.add_topic("/clock", "rosgraph_msgs/msg/Clock", TopicQos())
        with pytest.raises(RecordingError, match="already in the bag"):
            bag.add_topic("/clock", "rosgraph_msgs/msg/Clock", TopicQos())


def test_reading_names_what_is_missing(bag_path: Path, tmp_path: Path) -> None:
    """A missing bag or topic is named, with what there is."""
    with pytest.raises(RecordingError, match=r"metadata\.yaml"):
        BagReader(tmp_path / "nothing")
    with BagReader(bag_path) as bag, pytest.raises(RecordingError, match=r"'/x'.*'/pose'"):
        bag.received_ns("/x")


@given(st.integers(0, 2**31 * NANOSECONDS - 1))
def test_stamps_survive_serialization(stamp_ns: int) -> None:
    """The stamp read from raw bytes is the stamp that was written."""
    assert stamp_of(_clock(stamp_ns)) == stamp_ns


@pytest.mark.parametrize("message", [b"", b"\x00\x01\x00\x00", b"\x00\x07\x00\x00" + bytes(8)])
def test_refuses_bytes_without_a_stamp(message: bytes) -> None:
    """Short messages and foreign encodings are not read as time zero."""
    with pytest.raises(RecordingError, match="not a stamped CDR message"):
        stamp_of(message)
