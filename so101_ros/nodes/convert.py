"""Between ROS messages and the core's types: free functions, no state.

Whatever leaves this module is complete and finite. A message that is not is refused whole, with an
error that names the offence.
"""

import array
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg
from trajectory_msgs.msg import JointTrajectoryPoint

from so101_ros.arm import JOINT_NAMES
from so101_ros.errors import CommandError, ObservationError
from so101_ros.observation import JointState
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.trajectory import JointOffsets, JointTrajectory

WORLD = "world"
"""The frame of every pose in this package."""

_QUATERNION_TOLERANCE = 1e-3
_ROUNDING = 1e-12
"""A length this near to 1 is kept: rescaling would change the last digit of a pose that travels."""

_Rows = TypeVar("_Rows", JointTrajectory, JointOffsets)

# Time.


def stamp_to_ns(stamp: Time) -> int:
    """Convert a message stamp to [ns]."""
    return stamp.sec * NANOSECONDS + stamp.nanosec


def ns_to_stamp(stamp_ns: int) -> Time:
    """Convert [ns] to a message stamp."""
    sec, nanosec = divmod(stamp_ns, NANOSECONDS)
    return Time(sec=sec, nanosec=nanosec)


def header(stamp_ns: int, frame_id: str = "") -> Header:
    """Build a header.

    Args:
        stamp_ns: Time in [ns].
        frame_id: Frame of the data; empty for joint-space data.
    """
    return Header(stamp=ns_to_stamp(stamp_ns), frame_id=frame_id)


# Joint states.


def joint_state_from_ros(msg: JointStateMsg) -> JointState:
    """Read the arm's joints by name; other joints in the message are ignored.

    Args:
        msg: Positions and velocities in [rad] and [rad]/[s].

    Returns:
        The arm in arm order.

    Raises:
        ObservationError: If a joint is missing or twice there, a length is wrong (velocities are
            needed), or a value is not finite.
    """
    names = tuple(msg.name)
    for field, values in (("position", msg.position), ("velocity", msg.velocity)):
        if len(values) != len(names):
            raise ObservationError(
                f"a joint state of {len(names)} joints has {len(values)} values in {field!r}; "
                "one for each joint is needed"
            )
    order = _joint_state_order(names)
    return JointState(
        stamp_to_ns(msg.header.stamp), np.array(msg.position)[order], np.array(msg.velocity)[order]
    )


def joint_state_to_ros(state: JointState) -> JointStateMsg:
    """Write the arm's joints, in arm order."""
    msg = q_to_ros(state.stamp_ns, state.q)
    msg.velocity = _doubles(state.dq)
    return msg


def q_to_ros(stamp_ns: int, q: np.ndarray) -> JointStateMsg:
    """Write one row of joint values, for example a term of the blended command.

    Args:
        stamp_ns: Time in [ns].
        q: Values in [rad], in arm order. Shape (6,).

    Returns:
        A joint state with positions only.
    """
    return JointStateMsg(header=header(stamp_ns), name=list(JOINT_NAMES), position=_doubles(q))


# Trajectories.


def trajectory_from_ros(msg: JointTrajectoryMsg) -> JointTrajectory:
    """Read absolute joint targets by name, in any order.

    Args:
        msg: Positions in [rad] over the six joints, each point with ``time_from_start``.

    Returns:
        The targets in arm order.

    Raises:
        CommandError: If names are missing, unknown or repeated, a point has the wrong length, a
            value is not finite, or times do not increase.
    """
    return _rows_from_ros(msg, JointTrajectory)


def trajectory_to_ros(trajectory: JointTrajectory) -> JointTrajectoryMsg:
    """Write absolute joint targets."""
    return _rows_to_ros(trajectory)


def offsets_from_ros(msg: JointTrajectoryMsg) -> JointOffsets:
    """Read joint offsets; same rules as :func:`trajectory_from_ros`.

    Raises:
        CommandError: If the message is not complete, finite and ordered.
    """
    return _rows_from_ros(msg, JointOffsets)


def offsets_to_ros(offsets: JointOffsets) -> JointTrajectoryMsg:
    """Write joint offsets."""
    return _rows_to_ros(offsets)


# Poses.


def pose_from_ros(msg: PoseStamped) -> Pose:
    """Read a pose in the world frame.

    Args:
        msg: Position in [m] and a unit quaternion.

    Returns:
        The pose; its quaternion has unit length to machine precision.

    Raises:
        ObservationError: If the frame is not ``world``, a value is not finite, or the quaternion
            has no unit length.
    """
    if msg.header.frame_id != WORLD:
        raise ObservationError(
            f"a pose must be in frame {WORLD!r}, got {msg.header.frame_id!r}; transform it first"
        )
    point, turn = msg.pose.position, msg.pose.orientation
    position = np.array([point.x, point.y, point.z])
    quaternion = np.array([turn.w, turn.x, turn.y, turn.z])
    length = float(np.linalg.norm(quaternion))
    if not np.isfinite(position).all() or not abs(length - 1.0) < _QUATERNION_TOLERANCE:
        raise ObservationError(
            f"a pose must be finite with a unit quaternion, got position {position.tolist()} and "
            f"quaternion w x y z {quaternion.tolist()}"
        )
    return Pose(position, quaternion if abs(length - 1.0) < _ROUNDING else quaternion / length)


def pose_to_ros(pose: Pose, stamp_ns: int, frame_id: str = WORLD) -> PoseStamped:
    """Write a pose.

    Args:
        pose: The pose.
        stamp_ns: When it was measured, in [ns].
        frame_id: The frame that it is in.
    """
    msg = PoseStamped(header=header(stamp_ns, frame_id))
    point, turn = msg.pose.position, msg.pose.orientation
    point.x, point.y, point.z = pose.position.tolist()
    turn.w, turn.x, turn.y, turn.z = pose.quaternion.tolist()
    return msg


# Private.


@lru_cache(maxsize=16)
def _joint_state_order(names: tuple[str, ...]) -> np.ndarray:
    """Find where the six joints are in a joint state. Shape (6,)."""
    for name in JOINT_NAMES:
        if names.count(name) != 1:
            raise ObservationError(
                f"a joint state must name {name!r} once, it does {names.count(name)} times; "
                f"got {list(names)}"
            )
    return np.array([names.index(name) for name in JOINT_NAMES])


@lru_cache(maxsize=16)
def _command_order(names: tuple[str, ...]) -> np.ndarray:
    """Find where the six joints are in a command. Shape (6,)."""
    if sorted(names) != sorted(JOINT_NAMES):
        unknown = [name for name in names if name not in JOINT_NAMES]
        missing = [name for name in JOINT_NAMES if name not in names]
        repeated = sorted(name for name, count in Counter(names).items() if count > 1)
        raise CommandError(
            f"a command must name each of {list(JOINT_NAMES)} once, got {list(names)} "
            f"(missing {missing}, unknown {unknown}, repeated {repeated})"
        )
    return np.array([names.index(name) for name in JOINT_NAMES])


def _rows_from_ros(msg: JointTrajectoryMsg, cls: type[_Rows]) -> _Rows:
    order = _command_order(tuple(msg.joint_names))
    _check_lengths(msg.points)
    times_s = [
        point.time_from_start.sec + point.time_from_start.nanosec / NANOSECONDS
        for point in msg.points
    ]
    rows = np.array([point.positions for point in msg.points]).reshape(-1, len(order))
    return cls(stamp_to_ns(msg.header.stamp), np.array(times_s), rows[:, order])


def _check_lengths(points: Iterable[JointTrajectoryPoint]) -> None:
    for index, point in enumerate(points):
        if len(point.positions) != len(JOINT_NAMES):
            raise CommandError(
                f"point {index} of a command needs {len(JOINT_NAMES)} positions, "
                f"got {len(point.positions)}"
            )


def _rows_to_ros(timed: JointTrajectory | JointOffsets) -> JointTrajectoryMsg:
    return JointTrajectoryMsg(
        header=header(timed.stamp_ns),
        joint_names=list(JOINT_NAMES),
        points=[
            JointTrajectoryPoint(positions=_doubles(row), time_from_start=_duration(time_s))
            for time_s, row in zip(timed.times_s.tolist(), timed.rows, strict=True)
        ],
    )


def _duration(time_s: float) -> Duration:
    sec, nanosec = divmod(round(time_s * NANOSECONDS), NANOSECONDS)
    return Duration(sec=sec, nanosec=nanosec)


def _doubles(values: npt.ArrayLike) -> array.array:
    """Pack numbers as the message type stores them; anything else is converted one by one."""
    return array.array("d", np.asarray(values, dtype=float).tobytes())
