"""What a judge must know, from a physics state alone."""

import numpy as np

from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.situation import Situation


class SceneProbe:
    """Put a scene of its own into the state of another simulation, and look at it.

    Who hears of arm and sheet over topics gets the situation that the simulation itself would tell,
    to the last bit.

    Attributes:
        config: What the scene is made of.
        arm: Joint names and limits, read from the model.
    """

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Compile the scene.

        Args:
            config: What the scene is made of; None for the nominal scene.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        self._backend = MujocoBackend(config)
        self.arm = self._backend.arm

    @property
    def config(self) -> SceneConfig:
        """What the scene is made of."""
        return self._backend.config

    def retune(self, config: SceneConfig) -> None:
        """Turn the scene into the one of another episode, in place.

        Args:
            config: What the scene is made of from now on.

        Raises:
            ConfigError: If it has another robot model or other rates.
        """
        self._backend.retune(config)

    def look(self, state: np.ndarray) -> tuple[np.ndarray, Situation]:
        """Find out what is where, and who touches what.

        Args:
            state: MuJoCo's full physics state, from a simulation of the same scene. Shape (n,).

        Returns:
            True joint positions in [rad], shape (6,), and the situation.

        Raises:
            ObservationError: If the state is of another scene.
        """
        self._backend.show_state(state)
        return self._backend.joint_state.q, self._backend.situation
