"""Which parts of the arm touch the sheet and the table."""

import mujoco

from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, PAPER, PAPER_FOOT, TABLE
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
        self._sheet = {self._paper, model.geom(PAPER_FOOT).id}
        self._tips = {model.geom(name).id for name in (FIXED_TIP, MOVING_TIP)}

    def read(self, data: mujoco.MjData) -> Touch:
        """Find who touches what.

        Args:
            data: State of the scene, with up-to-date kinematics; its contacts are found anew.
        """
        mujoco.mj_collision(self._model, data)
        pairs = data.contact.geom.tolist()
        return Touch(
            tips_on_paper=len(_partners(self._paper, pairs) & self._tips),
            arm_on_table=bool(_partners(self._table, pairs) - self._sheet),
        )


def _partners(geom: int, pairs: list[list[int]]) -> set[int]:
    """Everything that touches a geom."""
    return {pair[1] if pair[0] == geom else pair[0] for pair in pairs if geom in pair}
