"""What a model sees of a simulation that runs in the same process."""

from so101_ros.envs.images import ImageSettings, Photographer
from so101_ros.groot.eyes import View
from so101_ros.simulation.simulator import Simulator


class SimulatedEyes:
    """Look at a simulation through its cameras, as late as its scene says."""

    def __init__(
        self, simulator: Simulator, cameras: tuple[str, ...], size: tuple[int, int] = (320, 240)
    ) -> None:
        """Prepare; the GL context opens with the first image.

        Args:
            simulator: What is looked at.
            cameras: Names of the cameras.
            size: Width and height in [px].

        Raises:
            ConfigError: If the scene cannot show that.
        """
        self._simulator = simulator
        settings = ImageSettings(cameras, size)
        self._cameras = settings.keys
        self._photographer = Photographer(simulator.backend.model, settings)

    def begin(self, seed: int) -> None:
        """Begin an episode, with the lens and the sensor that were drawn for it."""
        self._photographer.begin(self._simulator.backend.config.look, seed)

    def look(self) -> View:
        """Take an image with every camera."""
        images = self._photographer.take(self._simulator.image_moment)
        elapsed_ns = min(
            self._simulator.image_moment(camera).elapsed_ns for camera in self._cameras.values()
        )
        stamp_ns = self._simulator.episode.reset_ns + elapsed_ns
        return View(stamp_ns, {camera: images[key] for key, camera in self._cameras.items()})
