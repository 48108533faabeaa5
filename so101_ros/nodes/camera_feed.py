"""Keep the camera node busy: the next state is on its way before the last image has come back."""

import time
from collections.abc import Sequence

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Float64MultiArray, String

from so101_ros.nodes import convert_simulation, qos
from so101_ros.nodes.raw_messages import ignore
from so101_ros.pose import PlanarPose
from so101_ros.rates import Rates
from so101_ros.recording.cdr import stamp_of
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.episode import Episode
from so101_ros.simulation.scene import CAMERA_NAMES

_AHEAD = 2  # one state is rendered while the next one waits; a third would push it out
_EPISODE = Episode(number=1, seed=0, reset_ns=0, start_ns=0, paper=PlanarPose(0.30, 0.0, 0.0))
_PATIENCE_S = 0.5  # wall time after which a state counts as lost


class CameraFeed:
    """Publish physics states and count the images of the last camera.

    Attributes:
        answered: States of the run that came back as an image.
    """

    def __init__(self, node: Node, states: Sequence[np.ndarray]) -> None:
        """Announce the scene; nothing is fed yet.

        Args:
            node: Publishes and subscribes; must be spun.
            states: MuJoCo's full physics states of the nominal scene.
        """
        self.answered = 0
        self._states = states
        self._rates = Rates()
        self._tick = self._newest_answer = 0
        self._first_tick = self._end_tick = 0
        self._fed_at_s = 0.0
        scene = node.create_publisher(String, "sim/scene", qos.LATCHED)
        scene.publish(convert_simulation.scene_to_ros(_EPISODE, SceneConfig()))
        self._publisher = node.create_publisher(Float64MultiArray, "sim/state", qos.STATE)
        # The node sends an image only to those who listen; the last camera's comes last.
        for camera in CAMERA_NAMES[:-1]:
            node.create_subscription(Image, _topic(camera), ignore, qos.SENSOR_IMAGE, raw=True)
        node.create_subscription(
            Image, _topic(CAMERA_NAMES[-1]), self._on_image, qos.SENSOR_IMAGE, raw=True
        )

    def try_first(self) -> bool:
        """Feed a state and tell whether the node has answered any."""
        self._feed()
        return self._newest_answer > 0

    def begin(self) -> None:
        """Begin the run that counts."""
        self._first_tick, self._end_tick = self._tick, self._tick + len(self._states)
        for _ in range(_AHEAD):
            self._feed()

    def done(self) -> bool:
        """Whether every state was fed and the last one answered or lost; feeds on after a loss."""
        lost = time.monotonic() - self._fed_at_s > _PATIENCE_S
        if lost and self._tick < self._end_tick:
            self._feed()
        return self._newest_answer >= self._end_tick - 1 or (lost and self._tick >= self._end_tick)

    def _feed(self) -> None:
        stamp_ns = self._stamp_of(self._tick)
        state = self._states[self._tick % len(self._states)]
        self._publisher.publish(convert_simulation.state_to_ros(stamp_ns, state))
        self._tick += 1
        self._fed_at_s = time.monotonic()

    def _on_image(self, message: bytes) -> None:
        self._newest_answer = self._rates.policy_tick_at(stamp_of(message))
        if self._first_tick <= self._newest_answer < self._end_tick:
            self.answered += 1
            if self._tick < self._end_tick:
                self._feed()

    def _stamp_of(self, tick: int) -> int:
        return self._rates.stamp_of_control_tick(tick * self._rates.control_ticks_per_policy)


def _topic(camera: str) -> str:
    return f"camera/{camera}/image_raw"
