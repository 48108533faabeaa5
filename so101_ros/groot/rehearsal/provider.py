"""Stand in for a trained model: rehearse the task in one's head, then answer from that.

It gets what a model gets, the images and the joint positions of each request, and nothing else: no
clock, no pose, no seed. It answers as a model does: absolute targets for the next half second.
"""

import numpy as np

from so101_ros.errors import ConfigError, GrootError, ObservationError
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.rehearsal.eye import ASPECT, SheetEye
from so101_ros.groot.rehearsal.prompter import Prompter
from so101_ros.groot.rehearsal.stage import Stage
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.video_map import VideoFit, VideoMap
from so101_ros.perception.tracking import Tracking
from so101_ros.pose import PlanarPose
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import TRACKED_CAMERA


class RehearsalProvider:
    """Answer like a model that has learnt from the IK policy.

    The top image tells where the sheet is. The first one of an episode is rehearsed with the IK
    policy in a simulation; every later request is answered with the part of that rehearsal that
    begins where the arm is. When the sheet does what was not rehearsed, the rehearsal begins anew
    from there.
    """

    def __init__(self, profile: EmbodimentProfile, config: SceneConfig | None = None) -> None:
        """Build the simulation.

        Args:
            profile: Names, units and timing of the model.
            config: The scene as everybody may know it; None for the nominal one.

        Raises:
            ConfigError: If the model does not see the whole view of the top camera.
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        _check_view(profile)
        self._profile = profile
        self._stage = Stage(config)
        self._eye = SheetEye(self._stage.backend)
        self._ahead_s = (np.arange(profile.horizon) + profile.first_step) / profile.rate_hz
        self._prompter = Prompter(self._stage, reach_s=float(self._ahead_s[-1]))

    @property
    def rehearsals(self) -> int:
        """How often the task was rehearsed so far."""
        return self._stage.rehearsals

    def describe(self) -> ModelContract:
        """Tell what the profile expects: that is what this model is."""
        return self._profile.contract("a rehearsal of the IK policy")

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer one observation.

        Args:
            request: The observation.

        Returns:
            Absolute targets in the model's units, by action key. Shape (steps, dimension) each.

        Raises:
            GrootError: If the request is not what the profile says, or the sheet has not been seen
                in this episode, or lies where the arm cannot return it.
        """
        images, q = self._profile.read_request(request)
        tracking = self._look(images[TRACKED_CAMERA])
        return self._profile.answer(self._recall(q, tracking), q)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _look(self, image: np.ndarray) -> Tracking:
        try:
            return self._eye.look(image)
        except ObservationError as err:
            raise GrootError(
                f"the rehearsal cannot look at the {TRACKED_CAMERA} image: {err}"
            ) from err

    def _recall(self, q: np.ndarray, tracking: Tracking) -> np.ndarray:
        """Targets in [rad] from here on. Shape (horizon, 6)."""
        sheet: PlanarPose | None = None if tracking.paper is None else tracking.paper.pose
        try:
            script = self._prompter.follow(q, sheet)
        except GrootError as err:
            why = f"{err}" if sheet is not None else f"{err}: {tracking.reason}"
            raise GrootError(f"the rehearsal has no answer: {why}") from err
        return script.targets_at(self._prompter.place + self._ahead_s * script.rate_hz)


def _check_view(profile: EmbodimentProfile) -> None:
    """Refuse a model whose image of the top camera is not the whole view.

    Raises:
        ConfigError: If there is none, or parts of it are cut off or black.
    """
    views = [view for view in profile.video.values() if view.camera == TRACKED_CAMERA]
    if not views:
        raise ConfigError(
            f"the rehearsal needs the {TRACKED_CAMERA} camera; profile {profile.name!r} has "
            f"{', '.join(profile.cameras)}"
        )
    if not all(map(_is_whole, views)):
        raise ConfigError(
            f"the rehearsal needs the whole view of the {TRACKED_CAMERA} camera; in profile "
            f"{profile.name!r} its fit must be squash, or its size have the aspect 4:3"
        )


def _is_whole(view: VideoMap) -> bool:
    width, height = view.size
    return view.fit is VideoFit.SQUASH or width == round(ASPECT * height)
