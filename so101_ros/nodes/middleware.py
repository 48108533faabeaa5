"""What the middleware must know before the first process of the graph starts."""

import os
from collections.abc import MutableMapping

from so101_ros.assets import find_share_file

_TRANSPORT_CHOICES = (
    "FASTDDS_DEFAULT_PROFILES_FILE",  # Fast DDS 2.14 and later (Kilted reads only this one)
    "FASTRTPS_DEFAULT_PROFILES_FILE",  # Fast DDS up to 2.14 (Jazzy reads only this one)
    "FASTDDS_BUILTIN_TRANSPORTS",
)
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
        profile = str(find_share_file("config/fastdds.xml"))
        environment["FASTDDS_DEFAULT_PROFILES_FILE"] = profile
        environment["FASTRTPS_DEFAULT_PROFILES_FILE"] = profile
