"""The cameras of a scene whose physics runs elsewhere."""

import mujoco
import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.simulation.backend import STATE_SPEC
from so101_ros.simulation.cameras import CameraRenderer, Intrinsics
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import build_model


class CameraRig:
    """Show a physics state to the cameras.

    Belongs to one thread, as its GL context does.

    Attributes:
        config: The scene that it shows.
    """

    def __init__(self, config: SceneConfig, width: int, height: int) -> None:
        """Build the scene and open the GL context.

        Args:
            config: What the scene is made of; the same as the simulator's.
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            ConfigError: If the size is not allowed.
            RenderError: If this machine cannot render.
            So101Error: If the scene cannot be built.
        """
        self.config = config
        self._model = build_model(config)
        self._data = mujoco.MjData(self._model)
        self._renderer = CameraRenderer(self._model, width, height)

    def intrinsics(self, camera: str) -> Intrinsics:
        """Tell the pinhole model of a camera.

        Raises:
            ConfigError: If the camera is unknown.
        """
        width, height = self._renderer.width, self._renderer.height
        return Intrinsics.from_mujoco(self._model, camera, width, height)

    def show(self, state: np.ndarray) -> None:
        """Take over a physics state.

        Args:
            state: MuJoCo's full physics state, from the same scene. Shape (n,).

        Raises:
            ConfigError: If the state has another size: it comes from another scene.
        """
        size = mujoco.mj_stateSize(self._model, STATE_SPEC)
        if len(state) != size:
            raise ConfigError(
                f"a physics state of this scene has {size} numbers, got {len(state)}; "
                "simulator and cameras must use the same robot model"
            )
        mujoco.mj_setState(self._model, self._data, state, STATE_SPEC)
        mujoco.mj_kinematics(self._model, self._data)

    def render(self, camera: str) -> np.ndarray:
        """Take a picture of the state that was shown last.

        Returns:
            RGB pixels. Shape (height, width, 3), uint8.

        Raises:
            ConfigError: If the camera is unknown.
        """
        return self._renderer.render(self._data, camera)

    def close(self) -> None:
        """Free the GL context; harmless when repeated."""
        self._renderer.close()
