"""The software that an episode's numbers depend on."""

import mujoco
import numpy as np

from so101_ros import __version__


def software_versions() -> dict[str, str]:
    """Versions of what must be the same for the same numbers, by name."""
    return {
        "so101_ros": __version__,
        "mujoco": mujoco.__version__,
        "numpy": np.__version__,
    }
