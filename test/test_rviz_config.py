"""The rviz layout names topics and frames of the graph."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
import yaml

from so101_ros.assets import find_share_file

TOPICS = {
    "RobotModel": ["robot_description"],
    "MarkerArray": ["task/markers"],
    "Pose": ["paper_pose"],
    "Image": ["camera/top/image_raw", "camera/wrist/image_raw", "paper_tracker/image"],
}


@pytest.fixture(scope="module")
def manager() -> dict[str, Any]:
    """The layout's content."""
    text = find_share_file("config/paper_return.rviz").read_text(encoding="utf-8")
    return yaml.safe_load(text)["Visualization Manager"]


def displays(manager: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The displays of one kind."""
    return [shown for shown in manager["Displays"] if shown["Class"].endswith(f"/{kind}")]


@pytest.mark.parametrize("kind", TOPICS)
def test_every_topic_is_shown(manager: dict[str, Any], kind: str) -> None:
    """Arm, sheet, goal and all images, by relative names, so that a namespace moves them all."""
    shown = displays(manager, kind)
    key = "Description Topic" if kind == "RobotModel" else "Topic"
    topics = [entry[key]["Value"] for entry in shown]
    assert topics == TOPICS[kind]
    assert all(entry["Enabled"] for entry in shown)


def test_images_are_taken_as_they_come(manager: dict[str, Any]) -> None:
    """A reliable subscriber would never match the best-effort cameras."""
    for shown in displays(manager, "Image"):
        assert shown["Topic"]["Reliability Policy"] == "Best Effort"
        assert shown["Topic"]["Depth"] == 1


def test_a_late_rviz_still_gets_the_arm(manager: dict[str, Any]) -> None:
    """The robot description is published once."""
    (arm,) = displays(manager, "RobotModel")
    assert arm["Description Topic"]["Durability Policy"] == "Transient Local"


def test_the_fixed_frame_exists(manager: dict[str, Any]) -> None:
    """Everything is drawn in the root of the URDF; frames and grid are there, too."""
    urdf = ET.parse(find_share_file("assets/so101.urdf")).getroot()
    assert manager["Global Options"]["Fixed Frame"] in [
        link.get("name") for link in urdf.iter("link")
    ]
    assert len(displays(manager, "TF")) == len(displays(manager, "Grid")) == 1
