"""See the sheet of a simulated table as the graph sees it: through a camera and the tracker."""

import numpy as np

from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Tracking
from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import TRACKED_CAMERA
from so101_ros.simulation.scene_cameras import SceneCameras


class SimulatedSight:
    """Take images with the top camera and track the sheet in them.

    The GL context opens with the first image, in the process and thread that looks.
    """

    def __init__(
        self,
        backend: MujocoBackend,
        nominal: SceneConfig | None = None,
        width: int = 320,
        height: int = 240,
    ) -> None:
        """Prepare.

        Args:
            backend: The table to look at.
            nominal: What is known of the scene; None for all of it.
            width: Image width in [px].
            height: Image height in [px].
        """
        self._backend = backend
        self._cameras = SceneCameras(backend.model, backend.data, width, height)
        self._thickness = (nominal or backend.config).paper.thickness
        # Images of a noiseless table at rest repeat, and are not frozen for that.
        self._settings = TrackerSettings(paper_thickness=self._thickness, frozen_s=0.0)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget sheet and camera, so that an episode depends on nothing before it.

        To be called at the moment of the reset.

        Args:
            seed: Seed of the episode.
        """
        self._reset_ns = self._backend.stamp_ns
        self._cameras.begin(self._backend.config.look, seed)
        self._tracker = PaperTracker(self._cameras.intrinsics(TRACKED_CAMERA), self._settings)

    def look(self) -> Tracking:
        """Take an image and track the sheet in it.

        Raises:
            RenderError: If this machine cannot render.
        """
        stamp_ns = self._backend.stamp_ns
        image = self._cameras.take(TRACKED_CAMERA, stamp_ns - self._reset_ns)
        return self._tracker.update(image, stamp_ns)

    def find_paper(self) -> Pose | None:
        """Say where the sheet is, lying on the table; None if that is not certain."""
        estimate = self.look().paper
        if estimate is None:
            return None
        position = np.array([estimate.pose.x, estimate.pose.y, 0.5 * self._thickness])
        return Pose(position, yaw_to_quaternion(estimate.pose.yaw))
