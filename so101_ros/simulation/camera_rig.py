"""The cameras of a scene whose physics runs elsewhere."""

import mujoco
import numpy as np

from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_state import show_state
from so101_ros.simulation.pinhole import Intrinsics
from so101_ros.simulation.scene import build_model
from so101_ros.simulation.scene_cameras import SceneCameras
from so101_ros.simulation.scene_tuner import SceneTuner


class CameraRig:
    """Show a physics state to the cameras.

    Belongs to one thread, as its GL context does.

    Attributes:
        config: The scene that it shows.
    """

    def __init__(self, config: SceneConfig, width: int, height: int, seed: int = 0) -> None:
        """Build the scene and open the GL context.

        Args:
            config: What the scene is made of; the same as the simulator's.
            width: Image width in [px].
            height: Image height in [px].
            seed: Seed of the episode.

        Raises:
            ConfigError: If the size is not allowed.
            RenderError: If this machine cannot render.
            So101Error: If the scene cannot be built.
        """
        self.config = config
        self._model = build_model(config)
        self._data = mujoco.MjData(self._model)
        self._tuner = SceneTuner(self._model, config)
        self._cameras = SceneCameras(self._model, self._data, width, height)
        self._cameras.open()
        self._cameras.begin(config.look, seed)

    def can_show(self, config: SceneConfig) -> bool:
        """Whether a scene differs from this one only in what can be changed in place."""
        return self._tuner.can_apply(config)

    def begin(self, config: SceneConfig, seed: int) -> None:
        """Begin an episode.

        Args:
            config: The scene that was drawn for it.
            seed: Seed of the episode.

        Raises:
            ConfigError: If :meth:`can_show` says no.
        """
        self._tuner.apply(config)
        self.config = config
        self._cameras.begin(config.look, seed)

    def intrinsics(self, camera: str) -> Intrinsics:
        """Tell the pinhole model of a camera in this episode.

        Raises:
            ConfigError: If the camera is unknown.
        """
        return self._cameras.intrinsics(camera)

    def show(self, state: np.ndarray) -> None:
        """Take over a physics state.

        Args:
            state: MuJoCo's full physics state, from the same scene. Shape (n,).

        Raises:
            ObservationError: If the state has another size: it comes from another scene.
        """
        show_state(self._model, self._data, state)

    def render(self, camera: str, elapsed_ns: int) -> np.ndarray:
        """Take an image of the state that was shown last.

        Args:
            camera: Name of the camera.
            elapsed_ns: Time since the reset in [ns].

        Returns:
            RGB pixels. Shape (height, width, 3), uint8.

        Raises:
            ConfigError: If the camera is unknown.
        """
        return self._cameras.take(camera, elapsed_ns)

    def close(self) -> None:
        """Free the GL context; harmless when repeated."""
        self._cameras.close()
