"""Pictures as part of an observation, and for people who watch."""

from dataclasses import dataclass

import mujoco
import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.simulation.cameras import CameraRenderer, check_fits
from so101_ros.simulation.pinhole import camera_id, check_size


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """Which cameras to look through, and how many pixels each has.

    Attributes:
        cameras: Names of the cameras.
        size: Width and height of each image in [px].
    """

    cameras: tuple[str, ...] = ("top",)
    size: tuple[int, int] = (224, 224)

    def __post_init__(self) -> None:
        """Refuse no camera, the same one twice, and images without pixels.

        Raises:
            ConfigError: If the settings describe no images.
        """
        if not self.cameras or len(set(self.cameras)) != len(self.cameras):
            raise ConfigError(
                f"cameras must name at least one camera, each once, got {list(self.cameras)}"
            )
        if len(self.size) != 2 or not all(isinstance(each, int | np.integer) for each in self.size):
            raise ConfigError(f"an image size is (width, height) in whole px, got {self.size}")
        check_size(*self.size)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one image: height, width, 3."""
        width, height = self.size
        return height, width, 3

    @property
    def keys(self) -> dict[str, str]:
        """Camera by key of the observation: ``image``, or ``image_<camera>`` if there are several.

        The keys stay in the order of the cameras.
        """
        if len(self.cameras) == 1:
            return {"image": self.cameras[0]}
        return {f"image_{camera}": camera for camera in self.cameras}

    def check(self, model: mujoco.MjModel) -> None:
        """Refuse what a scene cannot show.

        Args:
            model: The compiled scene.

        Raises:
            ConfigError: If it lacks a camera or the images are larger than its offscreen buffer.
        """
        for camera in self.cameras:
            camera_id(model, camera)
        check_fits(model, *self.size)


class Photographer:
    """Take pictures of a scene; the GL context opens with the first one.

    So whoever takes no picture needs no GL, and the context belongs to the process and thread that
    takes them, wherever the object was made.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, settings: ImageSettings) -> None:
        """Prepare.

        Args:
            model: The compiled scene.
            data: Its state, which others change.
            settings: Cameras and size.

        Raises:
            ConfigError: If the scene cannot show that.
        """
        settings.check(model)
        self.settings = settings
        self._model = model
        self._data = data
        self._renderer: CameraRenderer | None = None

    def take(self) -> dict[str, np.ndarray]:
        """Take a picture with every camera.

        Returns:
            RGB pixels by key of the observation. Shape (height, width, 3) each, uint8.

        Raises:
            RenderError: If this machine cannot render.
        """
        if self._renderer is None:
            self._renderer = CameraRenderer(self._model, *self.settings.size)
        renderer = self._renderer
        return {
            key: renderer.render(self._data, camera) for key, camera in self.settings.keys.items()
        }

    def close(self) -> None:
        """Free the GL context, if there is one; the next picture opens another."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
