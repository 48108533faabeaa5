"""What a judge must know, from joint positions and the sheet's pose alone."""

import mujoco
import numpy as np

from so101_ros.arm import ArmSpec, qpos_addresses
from so101_ros.pose import Pose
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import PAPER, TOOL, build_model
from so101_ros.simulation.touch_sensor import TouchSensor
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
        self.config = config or SceneConfig()
        self._model = build_model(self.config)
        self._data = mujoco.MjData(self._model)
        self.arm = ArmSpec.from_model(self._model)
        self._q = qpos_addresses(self._model)
        paper = int(self._model.joint(PAPER).qposadr[0])
        self._paper = slice(paper, paper + 7)
        self._tool = self._model.site(TOOL).id
        self._touch = TouchSensor(self._model)

    def look(self, q: np.ndarray, paper: Pose) -> Situation:
        """Find out what is where, and who touches what.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            paper: Pose of the sheet.
        """
        self._data.qpos[self._q] = q
        self._data.qpos[self._paper] = [*paper.position, *paper.quaternion]
        mujoco.mj_kinematics(self._model, self._data)
        tool_position = self._data.site_xpos[self._tool].copy()
        return Situation(paper, tool_position, self._touch.read(self._data))
