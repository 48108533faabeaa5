"""See the sheet of a simulated table as the graph sees it: through a camera and the tracker."""

import numpy as np

from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Tracking
from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.cameras import CameraRenderer
from so101_ros.simulation.pinhole import Intrinsics

CAMERA = "top"


class SimulatedSight:
    """Render the top camera and track the sheet in its image.

    The GL context opens with the first image, in the process and thread that looks.
    """

    def __init__(self, backend: MujocoBackend, width: int = 320, height: int = 240) -> None:
        """Prepare.

        Args:
            backend: The table to look at.
            width: Image width in [px].
            height: Image height in [px].
        """
        self._backend = backend
        self._size = width, height
        self._intrinsics = Intrinsics.from_mujoco(backend.model, CAMERA, width, height)
        # Images of a noiseless table at rest repeat, and are not frozen for that.
        self._settings = TrackerSettings(
            paper_thickness=backend.config.paper.thickness, frozen_s=0.0
        )
        self._renderer: CameraRenderer | None = None
        self.reset()

    def reset(self) -> None:
        """Forget sheet and camera, so that an episode depends on nothing before it."""
        self._tracker = PaperTracker(self._intrinsics, self._settings)

    def look(self) -> Tracking:
        """Take an image and track the sheet in it.

        Raises:
            RenderError: If this machine cannot render.
        """
        if self._renderer is None:
            self._renderer = CameraRenderer(self._backend.model, *self._size)
        image = self._renderer.render(self._backend.data, CAMERA)
        return self._tracker.update(image, self._backend.stamp_ns)

    def find_paper(self) -> Pose | None:
        """Say where the sheet is, lying on the table; None if that is not certain."""
        estimate = self.look().paper
        if estimate is None:
            return None
        height = 0.5 * self._backend.config.paper.thickness
        position = np.array([estimate.pose.x, estimate.pose.y, height])
        return Pose(position, yaw_to_quaternion(estimate.pose.yaw))
