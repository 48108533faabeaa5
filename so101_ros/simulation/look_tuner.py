"""Change the look of a compiled scene in place: light, colours, cameras."""

import mujoco
import numpy as np

from so101_ros.simulation import camera_mounts
from so101_ros.simulation.camera_mounts import CameraMount
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import DISTRACTORS, LAMPS, LookConfig
from so101_ros.simulation.scene_looks import (
    OWN_LIGHT,
    PAPER,
    TABLE,
    TABLE_HALF_SIZE,
    TAPES,
    lamp_name,
    place_distractor,
    texture_name,
)
from so101_ros.task.geometry import GOAL_CENTRE

_LAMPS_AIM_AT = np.array([*GOAL_CENTRE, 0.0])
_NO_MATERIAL = -1


class LookTuner:
    """Make a model look as a description says.

    What is applied depends on nothing that was applied before, and the nominal scene is restored to
    the last bit. Lens and sensor are no part of the model: see
    :class:`~so101_ros.simulation.optics.Optics`.
    """

    def __init__(self, model: mujoco.MjModel, nominal: SceneConfig) -> None:
        """Take over a model.

        Args:
            model: A compiled scene; changed by :meth:`apply`.
            nominal: What it looks like now.
        """
        self._model = model
        self._shown = nominal.look, nominal.calibration

    def apply(self, config: SceneConfig) -> None:
        """Change light, colours, objects and cameras.

        Args:
            config: What the scene looks like from now on.
        """
        if (config.look, config.calibration) == self._shown:
            return
        self._shown = look, calibration = config.look, config.calibration
        self._light(look)
        self._paint(look)
        for index in range(DISTRACTORS):
            place_distractor(self._model, index, look)
        self._mount(
            "top",
            camera_mounts.TOP,
            calibration.top_camera_offset,
            calibration.top_camera_turn,
            look.top_view,
        )
        self._mount(
            "wrist",
            camera_mounts.WRIST,
            calibration.wrist_camera_offset,
            calibration.wrist_camera_turn,
            look.wrist_view,
        )

    def _light(self, look: LookConfig) -> None:
        headlight = self._model.vis.headlight
        headlight.ambient[:], headlight.diffuse[:] = look.ambient, look.headlight
        self._model.light(OWN_LIGHT).active = not look.lamps
        positions = np.reshape(look.lamp_positions, (LAMPS, 3))
        for index, position in enumerate(positions):
            lamp = self._model.light(lamp_name(index))
            lamp.active = index < look.lamps
            lamp.pos[:] = position
            lamp.dir[:] = (_LAMPS_AIM_AT - position) / np.linalg.norm(_LAMPS_AIM_AT - position)
            lamp.diffuse[:] = look.lamp_colours[3 * index : 3 * index + 3]

    def _paint(self, look: LookConfig) -> None:
        colours = {TABLE: look.table_colour, PAPER: look.paper_colour}
        colours |= dict.fromkeys(TAPES, look.tape_colour)
        for name, colour in colours.items():
            self._model.geom(name).rgba[:3] = colour
        table = self._model.geom(TABLE)
        table.matid = _NO_MATERIAL
        if look.table_texture != "none":
            material = self._model.material(texture_name(look.table_texture))
            material.texrepeat[:] = 2.0 * TABLE_HALF_SIZE / look.texture_size
            table.matid = material.id

    def _mount(
        self,
        name: str,
        mount: CameraMount,
        offset: tuple[float, ...],
        turn: tuple[float, ...],
        view: float,
    ) -> None:
        camera = self._model.camera(name)
        camera.pos[:] = np.add(mount.position, offset)
        camera.quat[:] = mount.quaternion
        angle = float(np.linalg.norm(turn))
        if angle > 0.0:
            turned, by = np.empty(4), np.empty(4)
            mujoco.mju_axisAngle2Quat(by, np.divide(turn, angle), angle)
            mujoco.mju_mulQuat(turned, np.array(mount.quaternion), by)
            camera.quat[:] = turned
        camera.fovy = mount.fovy * view
