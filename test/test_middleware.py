"""The transport is prepared, and the user's own choice is kept."""

from pathlib import Path

import pytest

from so101_ros.nodes import middleware
from so101_ros.nodes.middleware import prepare_environment

PROFILES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")


def test_discovery_is_local_and_the_transport_holds_images() -> None:
    """By default nothing leaves this machine, and the profile exists."""
    environment: dict[str, str] = {}
    prepare_environment(environment)
    assert environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    (profile,) = (environment[name] for name in PROFILES if name in environment)
    assert "segment_size" in Path(profile).read_text()


@pytest.mark.parametrize(("rclpy", "name"), [("7.1.6", PROFILES[1]), ("9.1.2", PROFILES[0])])
def test_profile_is_named_as_the_installed_ros_wants_it(
    monkeypatch: pytest.MonkeyPatch, rclpy: str, name: str
) -> None:
    """Jazzy reads only the old name, and Kilted warns of it."""
    monkeypatch.setattr(middleware, "version", lambda package: rclpy)
    environment: dict[str, str] = {}
    prepare_environment(environment)
    assert [known for known in PROFILES if known in environment] == [name]


@pytest.mark.parametrize("name", [*PROFILES, "FASTDDS_BUILTIN_TRANSPORTS"])
def test_transport_of_the_user_is_kept(name: str) -> None:
    """Whoever has chosen a transport gets that one and no other."""
    environment = {name: "mine", "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}
    prepare_environment(environment)
    assert environment == {name: "mine", "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}
