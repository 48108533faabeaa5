"""What a judge must know, from joint positions and the sheet's pose alone."""

from dataclasses import replace

import numpy as np

from so101_ros.pose import Pose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.situation import Situation


class SceneProbe:
    """Put a scene of its own into a state that was measured elsewhere, and look at it.

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
        self.config = self._backend.config
        self.arm = self._backend.arm

    def look(self, q: np.ndarray, paper: Pose) -> Situation:
        """Find out what is where, and who touches what.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            paper: Pose of the sheet.
        """
        self._backend.show(q, np.concatenate([paper.position, paper.quaternion]))
        # The pose as it was measured: MuJoCo's own has been normalised once more.
        return replace(self._backend.situation, paper=paper)
