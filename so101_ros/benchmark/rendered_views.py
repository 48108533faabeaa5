"""Labelled views of the top camera, rendered from scenes that are drawn at random.

The scene is compiled once; what differs from view to view is changed in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import mujoco
import numpy as np

from so101_ros.arm import HOME_Q, qpos_addresses
from so101_ros.benchmark.camera_faults import Optics, degrade
from so101_ros.pose import PlanarPose, yaw_to_quaternion
from so101_ros.simulation.cameras import CameraModel, CameraRenderer
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import PAPER, TABLE, build_spec
from so101_ros.task.geometry import PAPER_SIZE, paper_corners

TOP = "top"
LAMPS = 3
DISTRACTORS = 2

_TAPES = ("tape_left", "tape_right", "tape_far", "tape_near")
_SPARE = "spare_sheet"
_BURIED = -1.0  # [m]
_TAPE_HEIGHT = 0.0001  # [m]
_ALOFT = np.array([0.0, 0.0, 5.0])  # [m], behind the camera


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp over the table.

    Attributes:
        position: In ``world`` in [m]. Shape (3,).
        colour: Brightness of red, green and blue. Shape (3,).
    """

    position: np.ndarray
    colour: np.ndarray


@dataclass(frozen=True, slots=True)
class Look:
    """What stays the same while one camera looks at one table.

    Attributes:
        camera_offset: Of the camera's position in [m]. Shape (3,).
        camera_turn: Rotation vector in the camera's own frame in [rad]. Shape (3,).
        ambient: Light from everywhere, per channel. Shape (3,).
        headlight: Light from the camera, per channel. Shape (3,).
        lamps: At most :data:`LAMPS`; empty for the scene's own light.
        table: Colour. Shape (3,).
        tape: Colour. Shape (3,).
        paper: Colour. Shape (3,).
        optics: What the camera does to the image.
    """

    camera_offset: np.ndarray = field(default_factory=lambda: np.zeros(3))
    camera_turn: np.ndarray = field(default_factory=lambda: np.zeros(3))
    ambient: np.ndarray = field(default_factory=lambda: np.full(3, 0.35))
    headlight: np.ndarray = field(default_factory=lambda: np.full(3, 0.35))
    lamps: Sequence[Lamp] = ()
    table: np.ndarray = field(default_factory=lambda: np.array([0.62, 0.56, 0.48]))
    tape: np.ndarray = field(default_factory=lambda: np.array([0.80, 0.08, 0.10]))
    paper: np.ndarray = field(default_factory=lambda: np.array([0.96, 0.96, 0.94]))
    optics: Optics = field(default_factory=Optics)


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies on the table.

    Attributes:
        sheets: Where sheets lie; at most 2.
        q: Joint positions in [rad]; None without an arm in sight. Shape (6,).
        distractors: White rectangles of another size: pose and size in [m].
        tape: Whether the frame is there.
    """

    sheets: Sequence[PlanarPose]
    q: np.ndarray | None = None
    distractors: Sequence[tuple[PlanarPose, np.ndarray]] = ()
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
    """Draw looks and layouts. Belongs to one thread, as its GL context does."""

    def __init__(self, width: int = 320, height: int = 240) -> None:
        """Compile the scene with spare lamps and rectangles, and open the GL context.

        Args:
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            RenderError: If this machine cannot render.
        """
        self._model = _build_model()
        self._data = mujoco.MjData(self._model)
        self._renderer = CameraRenderer(self._model, width, height)
        self._joints = qpos_addresses(self._model)
        self._base = self._model.body("base_link").pos.copy()
        camera = self._model.camera(TOP)
        self._camera_rest = camera.pos.copy(), camera.quat.copy()
        self._thickness = 2.0 * float(self._model.geom(PAPER).size[2])

    def __enter__(self) -> "ViewRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the GL context; harmless when repeated."""
        self._renderer.close()

    def render(self, look: Look, layout: Layout, rng: np.random.Generator) -> LabelledView:
        """Draw a view.

        Args:
            look: Camera, light and colours.
            layout: What lies on the table.
            rng: Source of the camera's noise and of the place of the shadow.

        Returns:
            The image and its labels.

        Raises:
            RenderError: If the renderer is closed.
        """
        self._turn_camera(look)
        self._lay_out(layout)
        camera = self._camera_model()
        only = layout.sheets[0] if len(layout.sheets) == 1 else None
        visible = 0.0 if only is None else self._measure_visible(only, camera)
        self._light(look)
        self._paint(look)
        image = degrade(self._renderer.render(self._data, TOP), look.optics, rng)
        return LabelledView(image, only, visible, camera)

    def lowest_point(self, q: np.ndarray) -> float:
        """Height of the lowest moving part of the arm.

        Args:
            q: Joint positions in [rad]. Shape (6,).

        Returns:
            Height over the table in [m]; a bound from below.
        """
        self._data.qpos[self._joints] = q
        mujoco.mj_kinematics(self._model, self._data)
        moving = self._model.body_weldid[self._model.geom_bodyid] > 0
        moving[self._model.geom(PAPER).id] = False
        lowest = self._data.geom_xpos[:, 2] - 0.5 * self._model.geom_rbound
        return float(lowest[moving].min())

    def _camera_model(self) -> CameraModel:
        size = self._renderer.width, self._renderer.height
        return CameraModel.from_mujoco(self._model, self._data, TOP, *size)

    def _turn_camera(self, look: Look) -> None:
        camera = self._model.camera(TOP)
        position, quaternion = self._camera_rest
        camera.pos[:] = position + look.camera_offset
        turn = np.empty(4)
        angle = float(np.linalg.norm(look.camera_turn))
        mujoco.mju_axisAngle2Quat(turn, look.camera_turn / max(angle, 1e-12), angle)
        turned = np.empty(4)
        mujoco.mju_mulQuat(turned, quaternion, turn)
        camera.quat[:] = turned

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
        blank = [(None, PAPER_SIZE)] * DISTRACTORS
        for index, (pose, size) in enumerate([*layout.distractors, *blank][:DISTRACTORS]):
            self._place(f"distractor_{index}", pose, size)
        for name in _TAPES:
            model.geom(name).pos[2] = _TAPE_HEIGHT if layout.tape else _BURIED
        mujoco.mj_kinematics(model, data)

    def _place(self, name: str, pose: PlanarPose | None, size: np.ndarray) -> None:
        geom = self._model.geom(name)
        geom.size[:] = [*(0.5 * size), 0.5 * self._thickness]
        geom.pos[2] = _BURIED
        if pose is not None:
            geom.pos[:] = [pose.x, pose.y, 0.5 * self._thickness]
            geom.quat[:] = yaw_to_quaternion(pose.yaw)

    def _light(self, look: Look) -> None:
        headlight = self._model.vis.headlight
        headlight.ambient[:], headlight.diffuse[:] = look.ambient, look.headlight
        self._model.light("lamp").active = not look.lamps
        for index in range(LAMPS):
            light = self._model.light(f"lamp_{index}")
            light.active = index < len(look.lamps)
            if light.active:
                lamp = look.lamps[index]
                light.pos[:], light.diffuse[:] = lamp.position, lamp.colour
                light.dir[:] = -lamp.position / np.linalg.norm(lamp.position)

    def _paint(self, look: Look) -> None:
        colours = {TABLE: look.table, PAPER: look.paper, _SPARE: look.paper}
        colours |= {name: look.tape for name in _TAPES}
        colours |= {f"distractor_{index}": look.paper for index in range(DISTRACTORS)}
        for name, colour in colours.items():
            self._model.geom(name).rgba[:3] = colour

    def _measure_visible(self, sheet: PlanarPose, camera: CameraModel) -> float:
        """Draw the sheet alone in light, and count its pixels against its whole outline."""
        colours = self._model.geom_rgba.copy()
        self._light(Look(ambient=np.ones(3), headlight=np.zeros(3)))
        self._model.light("lamp").active = False
        self._model.geom_rgba[:, :3] = 0.0
        self._model.geom(PAPER).rgba[:3] = 1.0
        seen = self._renderer.render(self._data, TOP)
        self._model.geom_rgba[:] = colours
        corners = np.column_stack([paper_corners(sheet), np.full(4, self._thickness)])
        whole = cv2.contourArea(camera.project(corners).astype(np.float32))
        return min(1.0, float(np.count_nonzero(seen.min(axis=2) > 127)) / whole)


def _build_model() -> mujoco.MjModel:
    """Compile the scene with lamps and rectangles to spare."""
    spec = build_spec(SceneConfig())
    for index in range(LAMPS):
        spec.worldbody.add_light(
            name=f"lamp_{index}", pos=[0.0, 0.0, 1.5], castshadow=False, specular=[0.0, 0.0, 0.0]
        )
    for name in (_SPARE, *(f"distractor_{index}" for index in range(DISTRACTORS))):
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.0, 0.0, _BURIED],
            size=[0.1, 0.1, 0.001],
            contype=0,
            conaffinity=0,
        )
    return spec.compile()
