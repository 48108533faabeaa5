"""Which parts of the arm touch the sheet and the table."""

import mujoco
import numpy as np

from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, PAPER, TABLE
from so101_ros.task.situation import Touch


class TouchSensor:
    """Read contacts from the poses of the geoms alone.

    The contacts that ``mj_step`` leaves belong to the state before its last step. Here they are
    found anew, so that they depend on nothing but the joint positions and the sheet's pose, and
    whoever knows those gets the same answer.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        """Look up the geoms.

        Args:
            model: The compiled scene.
        """
        self._model = model
        self._paper = model.geom(PAPER).id
        self._table = model.geom(TABLE).id
        self._tips = [model.geom(name).id for name in (FIXED_TIP, MOVING_TIP)]

    def read(self, data: mujoco.MjData) -> Touch:
        """Find who touches what.

        Args:
            data: State of the scene, with up-to-date kinematics; its contacts are found anew.
        """
        mujoco.mj_collision(self._model, data)
        pairs = data.contact.geom
        on_paper = pairs[(pairs == self._paper).any(axis=1)]
        on_table = pairs[(pairs == self._table).any(axis=1)]
        return Touch(
            tips_on_paper=sum(bool(np.any(on_paper == tip)) for tip in self._tips),
            arm_on_table=bool((on_table != self._paper).all(axis=1).any()),
        )
