"""Pictures as part of an observation, and for people who watch."""

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np

from so101_ros.adaptation.filter_text import NONE
from so101_ros.adaptation.make_filter import make_filter
from so101_ros.errors import ConfigError
from so101_ros.simulation.cameras import check_fits
from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.physics_state import show_state
from so101_ros.simulation.pinhole import camera_id, check_size
from so101_ros.simulation.scene_cameras import SceneCameras
from so101_ros.simulation.truths import ImageMoment


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """Which cameras to look through, and how many pixels each has.

    Attributes:
        cameras: Names of the cameras.
        size: Width and height of each image in [px].
        image_filter: What makes images look like photos; see
            :mod:`so101_ros.adaptation.filter_text`.
    """

    cameras: tuple[str, ...] = ("top",)
    size: tuple[int, int] = (224, 224)
    image_filter: str = NONE

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
    takes them, wherever the object was made. Until :meth:`begin` the cameras are perfect.
    """

    def __init__(self, model: mujoco.MjModel, settings: ImageSettings) -> None:
        """Prepare.

        Args:
            model: The compiled scene, which others may tune.
            settings: Cameras and size.

        Raises:
            ConfigError: If the scene cannot show that.
            So101Error: If there is no such filter, or it does not take images of that size.
        """
        settings.check(model)
        self.settings = settings
        self._filter = make_filter(settings.image_filter, settings.size)
        self._model, self._data = model, mujoco.MjData(model)
        self._cameras = SceneCameras(model, self._data, *settings.size)

    def begin(self, look: LookConfig, seed: int) -> None:
        """Begin an episode, with the lens and the sensor that were drawn for it.

        Args:
            look: What the model has been tuned to.
            seed: Seed of the episode.
        """
        self._cameras.begin(look, seed)

    def take(self, moment_of: Callable[[str], ImageMoment]) -> dict[str, np.ndarray]:
        """Take a picture with every camera.

        Args:
            moment_of: Tells what the image of a camera shows.

        Returns:
            RGB pixels by key of the observation. Shape (height, width, 3) each, uint8.

        Raises:
            RenderError: If this machine cannot render.
        """
        return {
            key: self._filter(self._take(name, moment_of(name)))
            for key, name in self.settings.keys.items()
        }

    def _take(self, camera: str, moment: ImageMoment) -> np.ndarray:
        show_state(self._model, self._data, moment.state)
        return self._cameras.take(camera, moment.elapsed_ns)

    def close(self) -> None:
        """Free the GL context, if there is one; the next picture opens another."""
        self._cameras.close()
