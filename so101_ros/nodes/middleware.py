"""What the middleware needs to know before the first process of the graph starts."""

import os
from collections.abc import Iterator, MutableMapping

_DEFAULTS = {
    # Nothing leaves this machine unless the user says so.
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
}


def prepare_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """Fill in the middleware settings that the graph needs; never override the user's.

    Args:
        environment: What to fill in; None for this process's own environment.
    """
    environment = os.environ if environment is None else environment
    for name, value in middleware_settings(environment):
        environment.setdefault(name, value)


def middleware_settings(environment: MutableMapping[str, str]) -> Iterator[tuple[str, str]]:
    """List the settings that the graph needs and the environment does not have.

    Args:
        environment: What the user has set.

    Yields:
        Name and value of an environment variable.
    """
    for name, value in _DEFAULTS.items():
        if name not in environment:
            yield name, value
