"""The sheet, the tape and the status as markers for rviz."""

from geometry_msgs.msg import Point, Vector3
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from so101_ros.nodes import convert
from so101_ros.pose import Pose
from so101_ros.task.episode_status import EpisodeStatus
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE, PAPER_SIZE, TAPE_WIDTH

_THICKNESS = 0.001  # [m], of sheet and tape
_TEXT_HEIGHT = 0.025  # [m]
_TEXT_ALTITUDE = 0.15  # [m] above the goal
_WHITE = ColorRGBA(r=0.95, g=0.95, b=0.95, a=1.0)
_RED = ColorRGBA(r=0.8, g=0.1, b=0.1, a=1.0)
_GREEN = ColorRGBA(r=0.3, g=0.9, b=0.3, a=1.0)


def build_markers(status: EpisodeStatus) -> MarkerArray:
    """Draw one policy tick.

    Args:
        status: How the episode stands; without a pose the sheet is removed from the picture.

    Returns:
        The sheet, four strips of tape and a text, in frame ``world``.
    """
    markers = [_sheet(status.stamp_ns, status.paper), *_tape(status.stamp_ns), _text(status)]
    return MarkerArray(markers=markers)


def _sheet(stamp_ns: int, paper: Pose | None) -> Marker:
    marker = _marker(stamp_ns, "sheet", Marker.CUBE, _WHITE)
    if paper is None:
        marker.action = Marker.DELETE
        return marker
    marker.pose = convert.pose_to_ros(paper, stamp_ns).pose
    marker.scale = Vector3(x=float(PAPER_SIZE[0]), y=float(PAPER_SIZE[1]), z=_THICKNESS)
    return marker


def _tape(stamp_ns: int) -> list[Marker]:
    """Four strips around the inner edge of the goal frame."""
    (x, y), (size_x, size_y) = GOAL_CENTRE.tolist(), GOAL_INNER_SIZE.tolist()
    offset_x, offset_y = 0.5 * (size_x + TAPE_WIDTH), 0.5 * (size_y + TAPE_WIDTH)
    strips = (
        (Point(x=x, y=y + offset_y), Vector3(x=size_x + 2.0 * TAPE_WIDTH, y=TAPE_WIDTH)),
        (Point(x=x, y=y - offset_y), Vector3(x=size_x + 2.0 * TAPE_WIDTH, y=TAPE_WIDTH)),
        (Point(x=x + offset_x, y=y), Vector3(x=TAPE_WIDTH, y=size_y)),
        (Point(x=x - offset_x, y=y), Vector3(x=TAPE_WIDTH, y=size_y)),
    )
    markers = []
    for number, (position, scale) in enumerate(strips):
        marker = _marker(stamp_ns, "tape", Marker.CUBE, _RED)
        marker.id = number
        marker.pose.position = position
        scale.z = _THICKNESS
        marker.scale = scale
        markers.append(marker)
    return markers


def _text(status: EpisodeStatus) -> Marker:
    colour = _GREEN if status.success else _WHITE
    marker = _marker(status.stamp_ns, "status", Marker.TEXT_VIEW_FACING, colour)
    x, y = GOAL_CENTRE.tolist()
    marker.pose.position = Point(x=x, y=y, z=_TEXT_ALTITUDE)
    marker.scale.z = _TEXT_HEIGHT
    marker.text = f"episode {status.episode}: {status.outcome.value}, {status.elapsed_s:.1f} s"
    if status.measures is not None:
        marker.text += f"\n{1e3 * status.measures.distance_to_goal:.0f} mm to go"
    return marker


def _marker(stamp_ns: int, namespace: str, kind: int, colour: ColorRGBA) -> Marker:
    marker = Marker(header=convert.header(stamp_ns, convert.WORLD), ns=namespace, type=kind)
    marker.action = Marker.ADD
    marker.color = colour
    return marker
