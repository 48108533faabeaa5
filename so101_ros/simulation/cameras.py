"""Render what the cameras see."""

import mujoco
import numpy as np

from so101_ros.errors import ConfigError, RenderError
from so101_ros.simulation.gl import (
    cannot_render,
    check_process,
    open_context,
    sample_nearest,
)
from so101_ros.simulation.pinhole import CameraModel, Intrinsics, camera_id, check_size

__all__ = ["CameraModel", "CameraRenderer", "Intrinsics", "check_fits"]

_COSTLY_EFFECTS = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_HAZE,
    mujoco.mjtRndFlag.mjRND_FOG,
)


class CameraRenderer:
    """Render any camera of a scene, in one image size, with one GL context.

    A GL context belongs to a thread: build, use and close a renderer in the same one. Renderers may
    share a thread.

    Attributes:
        width: Image width in [px].
        height: Image height in [px].
    """

    def __init__(self, model: mujoco.MjModel, width: int = 320, height: int = 240) -> None:
        """Open the GL context and upload the scene.

        Args:
            model: The compiled scene.
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            ConfigError: If the size is below 1 or above the model's offscreen buffer.
            RenderError: If this machine cannot render; the message says what to install.
        """
        check_fits(model, width, height)
        self.width, self.height = width, height
        self._model = model
        self._context = open_context(width, height)
        self._gpu = _upload(model, width, height)
        self._scene = mujoco.MjvScene(model, maxgeom=max(1, model.ngeom + model.nsite))
        for effect in _COSTLY_EFFECTS:
            self._scene.flags[effect.value] = False
        self._options = mujoco.MjvOption()
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED.value
        self._area = mujoco.MjrRect(0, 0, width, height)
        self._closed = False

    def render(self, data: mujoco.MjData, camera: str) -> np.ndarray:
        """Take a picture.

        Args:
            data: State of the scene, with up-to-date kinematics; only the poses of cameras and
                lights are recomputed.
            camera: Name of the camera.

        Returns:
            RGB pixels, first row on top. Shape (height, width, 3), uint8.

        Raises:
            ConfigError: If the camera is unknown.
            RenderError: If the renderer is closed.
        """
        if self._closed:
            raise RenderError("this renderer is closed; build a new CameraRenderer")
        check_process()
        self._camera.fixedcamid = camera_id(self._model, camera)
        mujoco.mj_camlight(self._model, data)
        self._context.make_current()
        mujoco.mjv_updateScene(
            self._model,
            data,
            self._options,
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL.value,
            self._scene,
        )
        mujoco.mjr_render(self._area, self._scene, self._gpu)
        return self._read_pixels()

    def close(self) -> None:
        """Free the GL context; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        self._context.make_current()
        self._gpu.free()
        self._context.free()

    def __enter__(self) -> "CameraRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_pixels(self) -> np.ndarray:
        """Fetch the picture; OpenGL's first row is the lowest."""
        pixels = np.empty((self.height, self.width, 3), dtype=np.uint8)
        mujoco.mjr_readPixels(pixels, None, self._area, self._gpu)
        return np.ascontiguousarray(pixels[::-1])


def check_fits(model: mujoco.MjModel, width: int, height: int) -> None:
    """Refuse an image that a scene cannot be drawn into.

    Args:
        model: The compiled scene.
        width: Image width in [px].
        height: Image height in [px].

    Raises:
        ConfigError: If the size is below 1 or above the model's offscreen buffer.
    """
    check_size(width, height)
    widest, highest = model.vis.global_.offwidth, model.vis.global_.offheight
    if width > widest or height > highest:
        raise ConfigError(
            f"a camera image of {width} x {height} exceeds the model's offscreen buffer of "
            f"{widest} x {highest} pixels"
        )


def _upload(model: mujoco.MjModel, width: int, height: int) -> mujoco.MjrContext:
    """Bring the model to the GPU, with a drawing buffer of exactly the image's size."""
    try:
        gpu = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50.value)
    except mujoco.FatalError as err:
        raise cannot_render(err) from err
    mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, gpu)
    mujoco.mjr_resizeOffscreen(width, height, gpu)
    sample_nearest(gpu.texture[: gpu.ntexture].tolist())
    return gpu
