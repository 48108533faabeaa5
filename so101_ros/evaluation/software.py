"""The software that an episode's numbers depend on."""

from importlib.metadata import version

from so101_ros import __version__

_DISTRIBUTIONS = ("mujoco", "numpy", "mink", "daqp")
"""Physics, and the solvers of the IK policy."""


def software_versions() -> dict[str, str]:
    """Versions of what must be the same for the same numbers, by name."""
    return {"so101_ros": __version__} | {name: version(name) for name in _DISTRIBUTIONS}
