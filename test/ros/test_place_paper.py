"""Moving the sheet from outside: only where it is allowed, and only onto the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe

from so101_ros.errors import CommandError
from so101_ros.nodes import convert, qos
from so101_ros.nodes.paper_placement import TOPIC, check_placement
from so101_ros.pose import Pose, yaw_to_quaternion

PLACE = Pose(np.array([0.275, 0.175, 0.0005]), yaw_to_quaternion(1.5))
LATER_NS = 10**15  # from after the start of any episode


def _values(reports: list) -> dict[str, str]:
    return {value.key: value.value for value in reports[-1].values} if reports else {}


def test_the_sheet_goes_where_it_is_put(
    start_node: Callable[..., NodeProcess], probe: Probe
) -> None:
    """Its pose is published from the next policy tick on, and the report tells of it."""
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", qos.POSE)
    reports = probe.collect_diagnostics("mujoco_sim")
    start_node("mujoco_sim", {"allow_place_paper": True})
    publisher = probe.publisher(PoseStamped, TOPIC, qos.POSE)
    publisher.publish(convert.pose_to_ros(PLACE, LATER_NS))
    probe.spin_until(lambda: _values(reports).get("placed_paper") == "1")
    assert "sim/place_paper may move the sheet" in reports[-1].message
    poses.clear()
    probe.spin_until(lambda: poses)
    pose = convert.pose_from_ros(poses[-1])
    np.testing.assert_allclose(pose.position, PLACE.position, atol=1e-4)
    np.testing.assert_allclose(pose.quaternion, PLACE.quaternion, atol=1e-3)


def test_what_cannot_be_is_refused_and_named(
    start_node: Callable[..., NodeProcess], probe: Probe
) -> None:
    """A pose from before the episode, in another frame or not finite moves nothing."""
    reports = probe.collect_diagnostics("mujoco_sim")
    start_node("mujoco_sim", {"allow_place_paper": True})
    assert probe.trigger("sim/reset").success  # the episode no longer begins at 0
    publisher = probe.publisher(PoseStamped, TOPIC, qos.POSE)
    nowhere = convert.pose_to_ros(PLACE, LATER_NS)
    nowhere.pose.position.x = float("nan")
    elsewhere = convert.pose_to_ros(PLACE, LATER_NS)
    elsewhere.header.frame_id = "base_link"
    cases = ((nowhere, "finite"), (elsewhere, "'world'"))
    for message, text in (*cases, (convert.pose_to_ros(PLACE, 0), "before the episode")):
        publisher.publish(message)
        probe.spin_until(lambda text=text: text in _values(reports).get(f"refused {TOPIC}", ""))
    assert _values(reports)["placed_paper"] == "0"


def test_nobody_cheats_by_accident(start_node: Callable[..., NodeProcess], probe: Probe) -> None:
    """Without the parameter there is no such subscription, and it cannot be switched on later."""
    reports = probe.collect_diagnostics("mujoco_sim")
    start_node("mujoco_sim")
    probe.spin_until(lambda: reports)
    assert probe.node.count_subscribers(TOPIC) == 0
    assert "placed_paper" not in _values(reports)
    assert not probe.set_parameter("mujoco_sim", "allow_place_paper", True).successful


@pytest.mark.parametrize(
    ("position", "quaternion", "text"),
    [
        ([1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], "cannot lie at x=1.000, y=0.000, z=0.000 m"),
        ([0.3, -0.9, 0.0], [1.0, 0.0, 0.0, 0.0], r"x and y must be in \[-0.8, 0.8\] m"),
        ([0.3, 0.0, 0.05], [1.0, 0.0, 0.0, 0.0], r"\|z\| at most 0.01 m"),
        ([0.3, 0.0, 0.0], [0.995, 0.0998, 0.0, 0.0], "cannot lie tilted"),
    ],
)
def test_a_sheet_lies_flat_on_the_table(
    position: list[float], quaternion: list[float], text: str
) -> None:
    """Anything else is refused with what is allowed."""
    with pytest.raises(CommandError, match=text):
        check_placement(Pose(np.array(position), np.array(quaternion)))
    check_placement(PLACE)
