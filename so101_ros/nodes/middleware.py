"""What the middleware must know before the first process of the graph starts."""

import os
from collections.abc import MutableMapping
from importlib.metadata import PackageNotFoundError, version

from so101_ros.assets import find_share_file

_PROFILE_VARIABLE = "FASTDDS_DEFAULT_PROFILES_FILE"
_OLD_PROFILE_VARIABLE = "FASTRTPS_DEFAULT_PROFILES_FILE"
_RENAMED_IN = 9  # major version of rclpy in Kilted, which warns of the old name; Jazzy needs it

_TRANSPORT_CHOICES = (_PROFILE_VARIABLE, _OLD_PROFILE_VARIABLE, "FASTDDS_BUILTIN_TRANSPORTS")
"""A user who has set one of these has chosen the transport."""


def prepare_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """Fill in the middleware settings that the graph needs; never override the user's.

    Discovery stays on this machine, and Fast DDS gets a shared-memory segment that holds images
    (other middlewares do not read its settings).

    Args:
        environment: What to fill in; None for this process's own environment.

    Raises:
        AssetError: If the package's transport profile is not installed.
    """
    environment = os.environ if environment is None else environment
    environment.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    if not any(environment.get(name) for name in _TRANSPORT_CHOICES):
        environment[_profile_variable()] = str(find_share_file("config/fastdds.xml"))


def _profile_variable() -> str:
    """Name of the variable by which the installed ROS finds the profile."""
    try:
        major = int(version("rclpy").split(".")[0])
    except PackageNotFoundError:
        return _PROFILE_VARIABLE
    return _PROFILE_VARIABLE if major >= _RENAMED_IN else _OLD_PROFILE_VARIABLE
