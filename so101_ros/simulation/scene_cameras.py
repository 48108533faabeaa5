"""The cameras of a scene: rendered, and seen through lens and sensor."""

import mujoco
import numpy as np

from so101_ros.simulation.cameras import CameraRenderer, check_fits
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.optics import Optics
from so101_ros.simulation.pinhole import Intrinsics


class SceneCameras:
    """Take the images that the cameras of a scene deliver.

    The GL context opens with the first image, or with :meth:`open`: it belongs to the process and
    thread that does that, wherever the object was made. Until :meth:`begin` the cameras are
    perfect.

    Attributes:
        width: Image width in [px].
        height: Image height in [px].
    """

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, width: int = 320, height: int = 240
    ) -> None:
        """Prepare.

        Args:
            model: The compiled scene, which others may tune.
            data: Its state, which others change.
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            ConfigError: If the size is below 1 or above the model's offscreen buffer.
        """
        check_fits(model, width, height)
        self.width, self.height = width, height
        self._model = model
        self._data = data
        self._renderer: CameraRenderer | None = None
        self.begin(LookConfig(), 0)

    def begin(self, look: LookConfig, seed: int) -> None:
        """Begin an episode.

        Args:
            look: What the model has been tuned to.
            seed: Seed of the episode.
        """
        self._look, self._seed = look, seed
        self._optics: dict[str, Optics] = {}

    def intrinsics(self, camera: str) -> Intrinsics:
        """Tell the pinhole model of a camera, as the scene is tuned now.

        Raises:
            ConfigError: If the camera is unknown.
        """
        return Intrinsics.from_mujoco(self._model, camera, self.width, self.height)

    def take(self, camera: str, elapsed_ns: int) -> np.ndarray:
        """Take an image.

        Args:
            camera: Name of the camera.
            elapsed_ns: Time since the reset in [ns].

        Returns:
            RGB pixels. Shape (height, width, 3), uint8.

        Raises:
            ConfigError: If the camera is unknown.
            RenderError: If this machine cannot render.
        """
        pixels = self.open().render(self._data, camera)
        if camera not in self._optics:
            size = self.width, self.height
            self._optics[camera] = Optics(self._look, self._seed, camera, *size)
        return self._optics[camera].expose(pixels, elapsed_ns)

    def open(self) -> CameraRenderer:
        """Open the GL context, if it is not.

        Returns:
            What renders the scene as a perfect camera sees it.

        Raises:
            RenderError: If this machine cannot render.
        """
        if self._renderer is None:
            self._renderer = CameraRenderer(self._model, self.width, self.height)
        return self._renderer

    def close(self) -> None:
        """Free the GL context, if there is one; the next image opens another."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
