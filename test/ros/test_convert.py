"""Conversions keep every number, and refuse what is incomplete."""

import itertools

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import JOINT_NAMES
from so101_ros.errors import CommandError, ConfigError, ObservationError
from so101_ros.nodes import convert, convert_images, convert_simulation
from so101_ros.observation import JointState
from so101_ros.pose import PlanarPose, Pose, yaw_to_quaternion
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.episode import Episode
from so101_ros.simulation.physics_config import PaperConfig
from so101_ros.simulation.pinhole import Intrinsics
from so101_ros.trajectory import JointOffsets, JointTrajectory

stamps_ns = st.integers(0, 2**31 * 10**9 - 1)
INTRINSICS = Intrinsics(320, 240, 120.0, 121.0, 159.5, 119.5)
joint_values = hnp.arrays(float, 6, elements=st.floats(-10.0, 10.0))


def _joint_state(**changes: object) -> JointStateMsg:
    fields = {"name": list(JOINT_NAMES), "position": [0.1] * 6, "velocity": [0.2] * 6}
    return JointStateMsg(**{**fields, **changes})


def _command(names: list[str] | None = None, rows: list[list[float]] | None = None):
    trajectory = JointTrajectory(0, np.array([0.1, 0.2]), np.zeros((2, 6)))
    msg = convert.trajectory_to_ros(trajectory)
    if names is not None:
        msg.joint_names = names
    for point, row in zip(msg.points, rows or [], strict=False):
        point.positions = row
    return msg


@given(stamp_ns=stamps_ns)
def test_stamps_round_trip(stamp_ns: int) -> None:
    """No nanosecond is lost."""
    assert convert.stamp_to_ns(convert.ns_to_stamp(stamp_ns)) == stamp_ns


@given(stamp_ns=stamps_ns, q=joint_values, dq=joint_values)
def test_joint_states_round_trip(stamp_ns: int, q: np.ndarray, dq: np.ndarray) -> None:
    """Stamp, positions and velocities come back bit for bit."""
    state = convert.joint_state_from_ros(convert.joint_state_to_ros(JointState(stamp_ns, q, dq)))
    assert state.stamp_ns == stamp_ns
    np.testing.assert_array_equal(state.q, q)
    np.testing.assert_array_equal(state.dq, dq)


@given(order=st.permutations(range(7)))
def test_joint_states_are_read_by_name(order: list[int]) -> None:
    """Any order and further joints give the same arm."""
    names = [*JOINT_NAMES, "elevator"]
    msg = JointStateMsg(
        name=[names[i] for i in order],
        position=[float(i) for i in order],
        velocity=[10.0 * i for i in order],
    )
    state = convert.joint_state_from_ros(msg)
    np.testing.assert_array_equal(state.q, np.arange(6.0))
    np.testing.assert_array_equal(state.dq, 10.0 * np.arange(6.0))


@pytest.mark.parametrize(
    ("msg", "reason"),
    [
        (_joint_state(name=["a", *JOINT_NAMES[1:]]), "must name 'shoulder_pan' once, it does 0"),
        (_joint_state(name=[JOINT_NAMES[1], *JOINT_NAMES[1:]]), "must name 'shoulder_pan' once"),
        (
            _joint_state(name=[*JOINT_NAMES, "gripper"], position=[0.0] * 7, velocity=[0.0] * 7),
            "must name 'gripper' once, it does 2 times",
        ),
        (_joint_state(velocity=[]), "0 values in 'velocity'"),
        (_joint_state(position=[0.0] * 5), "5 values in 'position'"),
        (_joint_state(position=[float("nan")] * 6), "must be 6 finite numbers"),
        (_joint_state(velocity=[float("inf")] * 6), "must be 6 finite numbers"),
    ],
)
def test_incomplete_joint_states_are_refused(msg: JointStateMsg, reason: str) -> None:
    """No joint is ever filled in with zero."""
    with pytest.raises(ObservationError, match=reason):
        convert.joint_state_from_ros(msg)


@given(
    stamp_ns=stamps_ns,
    rows=hnp.arrays(float, st.tuples(st.integers(1, 16), st.just(6)), elements=st.floats(-4, 4)),
    steps_ns=st.lists(st.integers(1, 10**9), min_size=16, max_size=16),
)
def test_trajectories_and_offsets_round_trip(
    stamp_ns: int, rows: np.ndarray, steps_ns: list[int]
) -> None:
    """Rows come back bit for bit, times to the nanosecond, and each as its own type."""
    times_s = 1e-9 * np.array(list(itertools.accumulate(steps_ns)))[: len(rows)]
    command = convert.trajectory_from_ros(
        convert.trajectory_to_ros(JointTrajectory(stamp_ns, times_s, rows))
    )
    offsets = convert.offsets_from_ros(
        convert.offsets_to_ros(JointOffsets(stamp_ns, times_s, rows))
    )
    assert (type(command), type(offsets)) == (JointTrajectory, JointOffsets)
    for timed in (command, offsets):
        assert timed.stamp_ns == stamp_ns
        np.testing.assert_allclose(timed.times_s, times_s, rtol=0.0, atol=0.6e-9)
        np.testing.assert_array_equal(timed.rows, rows)


@given(order=st.permutations(range(6)))
def test_commands_are_read_by_name(order: list[int]) -> None:
    """The order of the names in a command does not matter."""
    row = [float(i) for i in order]
    msg = _command(names=[JOINT_NAMES[i] for i in order], rows=[row, row])
    np.testing.assert_array_equal(convert.trajectory_from_ros(msg).rows, [np.arange(6.0)] * 2)


@pytest.mark.parametrize(
    ("msg", "reason"),
    [
        (_command(names=list(JOINT_NAMES[:5])), r"missing \['gripper'\]"),
        (_command(names=[*JOINT_NAMES, "tail"]), r"unknown \['tail'\]"),
        (_command(names=[*JOINT_NAMES, "gripper"]), r"repeated \['gripper'\]"),
        (_command(rows=[[0.0] * 6, [0.0] * 5]), "point 1 of a command needs 6 positions, got 5"),
        (_command(rows=[[0.0] * 7]), "point 0 of a command needs 6 positions, got 7"),
        (_command(rows=[[float("nan"), *[0.0] * 5]]), "must be finite"),
        (JointTrajectoryMsg(joint_names=list(JOINT_NAMES)), "at least one point"),
        (JointTrajectoryMsg(), "must name each of"),
    ],
)
def test_malformed_commands_are_refused(msg: JointTrajectoryMsg, reason: str) -> None:
    """The error names the offence; commands and offsets have the same rules."""
    for read in (convert.trajectory_from_ros, convert.offsets_from_ros):
        with pytest.raises(CommandError, match=reason):
            read(msg)


def test_commands_that_go_back_in_time_are_refused() -> None:
    """Points must be in the order of their times."""
    msg = _command()
    msg.points = list(msg.points)[::-1]
    with pytest.raises(CommandError, match="times must increase"):
        convert.trajectory_from_ros(msg)


@given(
    stamp_ns=stamps_ns,
    position=hnp.arrays(float, 3, elements=st.floats(-10, 10)),
    yaw=st.floats(-3.1, 3.1),
)
def test_poses_round_trip(stamp_ns: int, position: np.ndarray, yaw: float) -> None:
    """A pose comes back, in the world frame."""
    msg = convert.pose_to_ros(Pose(position, yaw_to_quaternion(yaw)), stamp_ns)
    pose = convert.pose_from_ros(msg)
    assert (msg.header.frame_id, convert.stamp_to_ns(msg.header.stamp)) == ("world", stamp_ns)
    np.testing.assert_array_equal(pose.position, position)
    assert pose.yaw == pytest.approx(yaw)


@given(quaternion=hnp.arrays(float, 4, elements=st.floats(-1, 1)).filter(np.any))
def test_a_unit_quaternion_comes_back_to_the_digit(quaternion: np.ndarray) -> None:
    """The sheet turns in the graph exactly as it does without ROS: nothing is rescaled."""
    largest = quaternion / np.abs(quaternion).max()
    unit = largest / np.linalg.norm(largest)
    pose = convert.pose_from_ros(convert.pose_to_ros(Pose(np.zeros(3), unit), 0))
    np.testing.assert_array_equal(pose.quaternion, unit)


def test_strange_poses_are_refused() -> None:
    """Another frame, a quaternion that is none, or a number that is none."""
    good = convert.pose_to_ros(Pose(np.zeros(3), yaw_to_quaternion(0.3)), 0)
    good.pose.orientation.w *= 1.0005  # what rounding of a sender may do is repaired
    assert np.linalg.norm(convert.pose_from_ros(good).quaternion) == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(ObservationError, match="must be in frame 'world', got ''"):
        convert.pose_from_ros(PoseStamped())
    good.pose.position.x = float("nan")
    with pytest.raises(ObservationError, match="must be finite"):
        convert.pose_from_ros(good)
    empty = convert.pose_to_ros(Pose(np.zeros(3), np.zeros(4)), 0)
    with pytest.raises(ObservationError, match="unit quaternion"):
        convert.pose_from_ros(empty)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3))))
def test_images_round_trip(rgb: np.ndarray) -> None:
    """Pixels come back, also from a flipped view of an array."""
    for pixels in (rgb, rgb[::-1]):
        msg = convert_images.image_to_ros(pixels, 7, "top_optical_frame")
        assert (msg.height, msg.width, msg.step) == (*rgb.shape[:2], 3 * rgb.shape[1])
        np.testing.assert_array_equal(convert_images.image_from_ros(msg), pixels)


def test_grey_images_become_three_equal_channels() -> None:
    """Whoever needs colour sees that there is none."""
    msg = Image(height=1, width=2, step=2, encoding="mono8", data=bytes([7, 200]))
    np.testing.assert_array_equal(
        convert_images.image_from_ros(msg), [[[7, 7, 7], [200, 200, 200]]]
    )


def test_bgr_images_with_padded_rows_are_read_as_rgb() -> None:
    """What other camera drivers send is understood too."""
    blue_rows = bytes([255, 0, 0, 255, 0, 0, 99, 99]) * 2
    msg = Image(height=2, width=2, step=8, encoding="bgr8", data=blue_rows)
    np.testing.assert_array_equal(
        convert_images.image_from_ros(msg), np.full((2, 2, 3), [0, 0, 255])
    )


@pytest.mark.parametrize(
    ("msg", "reason"),
    [
        (Image(encoding="32FC1"), "must be encoded as one of .*, got '32FC1'"),
        (Image(encoding="rgb8"), "cannot have 0 bytes"),
        (
            Image(encoding="rgb8", height=2, width=2, step=6, data=bytes(11)),
            "cannot have 11 bytes",
        ),
    ],
)
def test_strange_images_are_refused(msg: Image, reason: str) -> None:
    """The error says what was given."""
    with pytest.raises(ObservationError, match=reason):
        convert_images.image_from_ros(msg)


def test_compressed_images_keep_colours_in_their_channels() -> None:
    """A red picture stays red: the JPEG codec wants BGR."""
    red = np.full((16, 24, 3), [200, 10, 30], dtype=np.uint8)
    msg = convert_images.compressed_to_ros(red, 5, "top_optical_frame", quality=95)
    seen = convert_images.compressed_from_ros(msg)
    assert np.abs(seen.astype(int) - red).max() <= 6
    for data in (b"", b"no jpeg"):
        with pytest.raises(ObservationError, match="does not decode"):
            convert_images.compressed_from_ros(CompressedImage(data=data))


def test_camera_info_holds_the_intrinsics() -> None:
    """K and P project like the pinhole model, without distortion."""
    intrinsics = INTRINSICS
    msg = convert_images.camera_info_to_ros(intrinsics, 9, "top_optical_frame")
    assert (msg.width, msg.height, msg.distortion_model) == (320, 240, "plumb_bob")
    assert not np.any(msg.d)
    np.testing.assert_array_equal(np.reshape(msg.k, (3, 3)), intrinsics.matrix)
    np.testing.assert_array_equal(np.reshape(msg.p, (3, 4))[:, :3], intrinsics.matrix)
    np.testing.assert_array_equal(np.reshape(msg.r, (3, 3)), np.eye(3))


def _camera_info(**changes: object) -> CameraInfo:
    """A camera with a distorted lens, as its driver announces it."""
    msg = convert_images.camera_info_to_ros(INTRINSICS, 9, "top_optical_frame")
    fields = {"d": [-0.2, 0.05, 0.001, -0.001, 0.0], **changes}
    for name, value in fields.items():
        setattr(msg, name, value)
    return msg


def test_camera_info_is_read_whole() -> None:
    """Lens and rectified pinhole come back; no coefficients mean no distortion."""
    calibration = convert_images.camera_info_from_ros(_camera_info())
    assert (calibration.name, calibration.size) == ("top_optical_frame", (320, 240))
    assert calibration.intrinsics == INTRINSICS
    np.testing.assert_array_equal(calibration.distortion, [-0.2, 0.05, 0.001, -0.001, 0.0])
    np.testing.assert_array_equal(calibration.projection[:, :3], INTRINSICS.matrix)
    plain = convert_images.camera_info_from_ros(_camera_info(d=[], distortion_model=""))
    assert not plain.distortion.any()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"k": np.zeros(9)}, "not calibrated: k is all zero. Run so101 camera calibrate"),
        ({"k": np.full(9, np.nan)}, "camera_matrix must be finite"),
        ({"p": np.zeros(12)}, "projection_matrix must have positive focal lengths"),
        ({"distortion_model": "equidistant"}, "'equidistant' is not supported. Allowed: plumb_bob"),
        ({"d": [0.1]}, "distortion_coefficients must have the shape"),
        ({"width": 0}, "image_width must be at least 1 px"),
        ({"binning_x": 2}, "binning and a region of interest are not supported"),
        ({"roi": RegionOfInterest(width=64, height=48)}, "region of interest are not supported"),
    ],
)
def test_a_camera_info_that_nothing_can_be_measured_with_is_refused(
    changes: dict[str, object], reason: str
) -> None:
    """The error names the entry and what helps."""
    with pytest.raises(ObservationError, match=reason):
        convert_images.camera_info_from_ros(_camera_info(**changes))


@given(tick=st.integers(0, 10**7), state=hnp.arrays(float, 30, elements=st.floats(-9, 9)))
def test_states_round_trip(tick: int, state: np.ndarray) -> None:
    """A physics state comes back bit for bit, its stamp to the nanosecond."""
    stamp_ns = SceneConfig().rates.stamp_of_control_tick(tick)
    stamp_back_ns, state_back = convert_simulation.state_from_ros(
        convert_simulation.state_to_ros(stamp_ns, state)
    )
    assert stamp_back_ns == stamp_ns
    np.testing.assert_array_equal(state_back, state)
    with pytest.raises(ObservationError, match="got 0 numbers"):
        convert_simulation.state_from_ros(Float64MultiArray())


def test_scenes_round_trip() -> None:
    """Cameras build the very scene that the simulator runs."""
    config = SceneConfig(paper=PaperConfig(mass=0.004))
    episode = Episode(
        number=3, seed=7, reset_ns=10**9, start_ns=10**9 + 5, paper=PlanarPose(0.3, 0.0, 0.1)
    )
    msg = convert_simulation.scene_to_ros(episode, config)
    assert convert_simulation.scene_from_ros(msg) == config
    for text in ("", "[]", "{}", '{"scene": {"moon": 1}}'):
        with pytest.raises(ConfigError, match=r"not a scene description|a scene has no 'moon'"):
            convert_simulation.scene_from_ros(String(data=text))
