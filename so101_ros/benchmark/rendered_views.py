"""Labelled views of the top camera, rendered from scenes that are drawn at random.

The scene is compiled once; what differs from view to view is changed in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import mujoco
import numpy as np

from so101_ros.arm import HOME_Q, qpos_addresses
from so101_ros.pose import PlanarPose, yaw_to_quaternion
from so101_ros.simulation.cameras import CameraModel
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_tuner import LookTuner
from so101_ros.simulation.scene import PAPER, TRACKED_CAMERA, build_spec
from so101_ros.simulation.scene_cameras import SceneCameras
from so101_ros.simulation.scene_looks import TAPES
from so101_ros.task.geometry import PAPER_SIZE, paper_corners

RECTANGLES = 2

_SPARE = "spare_sheet"
_BURIED = -1.0  # [m]
_TAPE_HEIGHT = 0.0001  # [m]
_ALOFT = np.array([0.0, 0.0, 5.0])  # [m], behind the camera


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies on the table.

    Attributes:
        sheets: Where sheets lie; at most 2.
        q: Joint positions in [rad]; None without an arm in sight. Shape (6,).
        rectangles: White rectangles of another size: pose and size in [m]; at most
            :data:`RECTANGLES`.
        tape: Whether the frame is there.
    """

    sheets: Sequence[PlanarPose]
    q: np.ndarray | None = None
    rectangles: Sequence[tuple[PlanarPose, np.ndarray]] = ()
    tape: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class LabelledView:
    """An image, and what is true of it.

    Attributes:
        image: RGB pixels. Shape (H, W, 3), uint8.
        sheet: Pose of the only sheet; None if there is none, or more than one.
        visible: Share of the sheet that is seen, in [0, 1].
        camera: Where the camera is.
    """

    image: np.ndarray
    sheet: PlanarPose | None
    visible: float
    camera: CameraModel


class ViewRenderer:
    """Draw scenes and layouts. Belongs to one thread, as its GL context does."""

    def __init__(self, width: int = 320, height: int = 240) -> None:
        """Compile the scene with rectangles to spare, and open the GL context.

        Args:
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            RenderError: If this machine cannot render.
        """
        self._model = _build_model()
        self._data = mujoco.MjData(self._model)
        self._cameras = SceneCameras(self._model, self._data, width, height)
        self._cameras.open()
        self._tuner = LookTuner(self._model, SceneConfig())
        self._joints = qpos_addresses(self._model)
        self._base = self._model.body("base_link").pos.copy()
        self._thickness = 2.0 * float(self._model.geom(PAPER).size[2])

    def __enter__(self) -> "ViewRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the GL context; harmless when repeated."""
        self._cameras.close()

    def render(
        self, scene: SceneConfig, layout: Layout, seed: int = 0, view: int = 0
    ) -> LabelledView:
        """Draw a view.

        Args:
            scene: Its look, and where the camera is.
            layout: What lies on the table.
            seed: Chooses the place of the shadow, and the noise.
            view: Number of the view; each has other noise.

        Returns:
            The image and its labels.

        Raises:
            RenderError: If the renderer is closed.
        """
        self._lay_out(layout)
        only = layout.sheets[0] if len(layout.sheets) == 1 else None
        visible = 0.0 if only is None else self._measure_visible(only, scene)
        self._show(scene)
        self._cameras.begin(scene.look, seed)
        image = self._cameras.take(TRACKED_CAMERA, view)
        return LabelledView(image, only, visible, self._camera_model())

    def lowest_point(self, q: np.ndarray) -> float:
        """Height of the lowest moving part of the arm.

        Args:
            q: Joint positions in [rad]. Shape (6,).

        Returns:
            Height over the table in [m]; a bound from below.
        """
        self._data.qpos[self._joints] = q
        mujoco.mj_kinematics(self._model, self._data)
        bodies = self._model.geom_bodyid
        moving = (self._model.body_weldid[bodies] > 0) & (bodies != self._model.body(PAPER).id)
        lowest = self._data.geom_xpos[:, 2] - 0.5 * self._model.geom_rbound
        return float(lowest[moving].min())

    def _camera_model(self) -> CameraModel:
        size = self._cameras.width, self._cameras.height
        return CameraModel.from_mujoco(self._model, self._data, TRACKED_CAMERA, *size)

    def _show(self, scene: SceneConfig) -> None:
        """Light and paint everything; what is spare has the colour of the sheet."""
        self._tuner.apply(scene)
        for name in (_SPARE, *map(_rectangle_name, range(RECTANGLES))):
            self._model.geom(name).rgba[:3] = scene.look.paper_colour

    def _lay_out(self, layout: Layout) -> None:
        model, data = self._model, self._data
        data.qpos[self._joints] = HOME_Q if layout.q is None else layout.q
        model.body("base_link").pos[:] = self._base + (_ALOFT if layout.q is None else 0.0)
        first, second, *_ = [*layout.sheets, None, None]
        data.joint(PAPER).qpos[:] = [0.0, 0.0, _BURIED, 1.0, 0.0, 0.0, 0.0]
        if first is not None:
            height = 0.5 * self._thickness
            data.joint(PAPER).qpos[:] = [first.x, first.y, height, *yaw_to_quaternion(first.yaw)]
        self._place(_SPARE, second, PAPER_SIZE)
        blank = [(None, PAPER_SIZE)] * RECTANGLES
        for index, (pose, size) in enumerate([*layout.rectangles, *blank][:RECTANGLES]):
            self._place(_rectangle_name(index), pose, size)
        for name in TAPES:
            model.geom(name).pos[2] = _TAPE_HEIGHT if layout.tape else _BURIED
        mujoco.mj_kinematics(model, data)

    def _place(self, name: str, pose: PlanarPose | None, size: np.ndarray) -> None:
        geom = self._model.geom(name)
        geom.size[:] = [*(0.5 * size), 0.5 * self._thickness]
        geom.pos[2] = _BURIED
        if pose is not None:
            geom.pos[:] = [pose.x, pose.y, 0.5 * self._thickness]
            geom.quat[:] = yaw_to_quaternion(pose.yaw)

    def _measure_visible(self, sheet: PlanarPose, scene: SceneConfig) -> float:
        """Draw the sheet alone in light, and count its pixels against its whole outline."""
        look = replace(scene.look, **_EVEN_LIGHT)
        self._show(replace(scene, look=look))
        colours = self._model.geom_rgba.copy()
        self._model.geom_rgba[:, :3] = 0.0
        self._model.geom(PAPER).rgba[:3] = 1.0
        seen = self._cameras.open().render(self._data, TRACKED_CAMERA)
        self._model.geom_rgba[:] = colours
        corners = np.column_stack([paper_corners(sheet), np.full(4, self._thickness)])
        camera = self._camera_model()
        whole = cv2.contourArea(camera.project(corners).astype(np.float32))
        return min(1.0, float(np.count_nonzero(seen.min(axis=2) > 127)) / whole)


_EVEN_LIGHT = {
    "ambient": (1.0, 1.0, 1.0),
    "headlight": (0.0, 0.0, 0.0),
    "lamps": 1,
    "lamp_colours": (0.0,) * 9,
}


def _rectangle_name(index: int) -> str:
    return f"rectangle_{index}"


def _build_model() -> mujoco.MjModel:
    """Compile the scene with rectangles to spare."""
    spec = build_spec(SceneConfig())
    for name in (_SPARE, *map(_rectangle_name, range(RECTANGLES))):
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.0, 0.0, _BURIED],
            quat=yaw_to_quaternion(1.0),
            size=[0.1, 0.1, 0.001],
            contype=0,
            conaffinity=0,
        )
    return spec.compile()
