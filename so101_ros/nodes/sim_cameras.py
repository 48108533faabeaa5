"""The simulated cameras, as a ROS node in a process of its own.

Renders the newest ``sim/state`` and publishes ``camera/<name>/image_raw``,
``camera/<name>/image_raw/compressed`` and ``camera/<name>/camera_info`` with its stamp. Images are
rendered only for those who listen. Run it beside ``mujoco_sim`` with::

    python -m so101_ros.nodes.sim_cameras --ros-args -p width:=640 -p height:=480
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rclpy.node import Node
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Float64MultiArray, String

from so101_ros.adaptation.filter_text import ALLOWED, NONE
from so101_ros.adaptation.make_filter import make_filter
from so101_ros.control.tick_gate import TickGate
from so101_ros.epoch import EPOCH_GAP_S
from so101_ros.errors import ConfigError, ObservationError, So101Error
from so101_ros.nodes import convert, convert_simulation, qos, runtime
from so101_ros.nodes.camera_topics import CameraTopics, Shot
from so101_ros.nodes.convert_simulation import AnnouncedEpisode
from so101_ros.nodes.diagnostics import OK, WARN, DiagnosticReporter, RateMeter, Report
from so101_ros.nodes.image_topics import ImageFormats
from so101_ros.nodes.parameters import declare, parameter
from so101_ros.nodes.refusals import Refusals
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.simulation.image_schedule import ImageSchedule
from so101_ros.simulation.pinhole import Intrinsics
from so101_ros.simulation.scene import CAMERA_NAMES


@dataclass(frozen=True)
class CameraParameters:
    """What can be chosen when the cameras start."""

    cameras: tuple[str, ...] = parameter(CAMERA_NAMES, "Names of the cameras to render")
    width: int = parameter(320, "Image width [pixel]")
    height: int = parameter(240, "Image height [pixel]")
    rate_hz: int = parameter(30, "Images per simulated second and camera", minimum=1)
    raw: bool = parameter(True, "Publish image_raw")
    compressed: bool = parameter(True, "Publish image_raw/compressed (JPEG)")
    jpeg_quality: int = parameter(90, "Quality of the JPEG images", minimum=1, maximum=100)
    image_filter: str = parameter(NONE, f"What makes images look like photos: {ALLOWED}")


class SimCameras(Node):
    """Render physics states as they come."""

    def __init__(self) -> None:
        """Open the GL context with the nominal scene, so that what is missing shows at once."""
        super().__init__("sim_cameras")
        self._settings = settings = declare(self, CameraParameters)
        size = settings.width, settings.height
        self._rig = CameraRig(SceneConfig(), *size)
        self._filter = make_filter(settings.image_filter, size)
        self._intrinsics = self._read_lenses()
        formats = ImageFormats(settings.raw, settings.compressed, settings.jpeg_quality)
        self._cameras = [CameraTopics(self, name, formats) for name in settings.cameras]
        self._gate = self._build_gate(self._rig.config)
        self._episode: AnnouncedEpisode | None = None
        self._schedules: dict[str, ImageSchedule] = {}
        self._under_way: dict[str, DelayLine[Shot]] = {
            name: DelayLine() for name in settings.cameras
        }
        self._time_feed: Subscription | None = None
        self._refusals = Refusals(self)
        self._last_ns: int | None = None
        self._dropped = self._reported_dropped = self._refused = 0
        self._states = RateMeter()
        self._busy_s = 0.0
        self._reporter = DiagnosticReporter(self, self._report)
        self.create_subscription(String, "sim/scene", self._on_scene, qos.LATCHED)
        self.create_subscription(Float64MultiArray, "sim/state", self._on_state, qos.NEWEST_STATE)

    def close(self) -> None:
        """Free the GL context."""
        self._rig.close()

    def _read_lenses(self) -> dict[str, Intrinsics]:
        return {name: self._rig.intrinsics(name) for name in self._settings.cameras}

    def _build_gate(self, config: SceneConfig) -> TickGate:
        """Choose the states to render.

        Raises:
            ConfigError: If there are not enough states for the rate.
        """
        states_hz, rate_hz = config.rates.policy_hz, self._settings.rate_hz
        if states_hz % rate_hz:
            raise ConfigError(
                f"rate_hz={rate_hz} must divide the {states_hz} states per second of the simulator"
            )
        return TickGate(replace(config.rates, policy_hz=rate_hz))

    def _on_scene(self, msg: String) -> None:
        try:
            episode = convert_simulation.episode_from_ros(msg)
            self._begin(episode, convert_simulation.scene_from_ros(msg))
        except So101Error as err:
            self._refusals.add("sim/scene", err)

    def _begin(self, episode: AnnouncedEpisode, config: SceneConfig) -> None:
        """Show another scene, or go on with this one if the other cannot be built."""
        if self._rig.can_show(config):
            self._rig.begin(config, episode.seed)
        else:
            gate, before = self._build_gate(config), self._rig
            size = self._settings.width, self._settings.height
            self._rig, self._gate = CameraRig(config, *size, episode.seed), gate
            before.close()
        self._intrinsics = self._read_lenses()
        self._begin_transport(episode, config)
        self._episode = episode

    def _on_state(self, msg: Float64MultiArray) -> None:
        episode = self._episode
        if episode is None:
            return
        began_s = time.monotonic()
        try:
            stamp_ns, state = convert_simulation.state_from_ros(msg)
            self._rig.show(state)
        except ObservationError as err:
            self._refused += 1
            self.get_logger().warning(f"refused a state: {err}", throttle_duration_sec=1.0)
            return
        if stamp_ns < episode.reset_ns:
            return  # of the episode before; the scene is that of the new one already
        self._count(stamp_ns)
        if self._gate.opens_at(stamp_ns):
            self._publish(stamp_ns, episode)
        self._busy_s += time.monotonic() - began_s

    def _publish(self, stamp_ns: int, episode: AnnouncedEpisode) -> None:
        for camera in self._cameras:
            arrival_ns = self._schedules[camera.name].arrival_ns(stamp_ns)
            if arrival_ns is None:
                continue  # an image that the scene wants lost
            image = None
            if camera.wanted:
                rendered = self._rig.render(camera.name, stamp_ns - episode.reset_ns)
                image = self._filter(rendered)
            shot = Shot(camera, self._intrinsics[camera.name], stamp_ns, image)
            self._under_way[camera.name].send(shot, arrival_ns)
        self._deliver(stamp_ns)

    def _on_clock(self, msg: Clock) -> None:
        self._deliver(convert.stamp_to_ns(msg.clock))

    def _deliver(self, now_ns: int) -> None:
        """Publish the images that have arrived; none overtakes another."""
        for line in self._under_way.values():
            for shot in line.arrivals(now_ns):
                shot.publish()

    def _begin_transport(self, episode: AnnouncedEpisode, config: SceneConfig) -> None:
        """Lose what was under way; listen to the time only while images are late."""
        self._schedules = {
            name: ImageSchedule(config.delay, episode.seed, episode.reset_ns, config.rates, name)
            for name in self._settings.cameras
        }
        for line in self._under_way.values():
            line.clear()
        late = any(not schedule.in_time for schedule in self._schedules.values())
        if late and self._time_feed is None:
            self._time_feed = self.create_subscription(Clock, "/clock", self._on_clock, qos.CLOCK)
        elif not late and self._time_feed is not None:
            self.destroy_subscription(self._time_feed)
            self._time_feed = None

    def _count(self, stamp_ns: int) -> None:
        """Count a state, and those that were overtaken since the last one."""
        self._states.tick()
        if self._last_ns is not None:
            elapsed_s = (stamp_ns - self._last_ns) / NANOSECONDS
            if 0.0 < elapsed_s < EPOCH_GAP_S:
                self._dropped += round(elapsed_s * self._rig.config.rates.policy_hz) - 1
        self._last_ns = stamp_ns

    def _report(self) -> Report:
        news, self._reported_dropped = self._dropped - self._reported_dropped, self._dropped
        busy_s, self._busy_s = self._busy_s, 0.0
        rate_hz = self._states.read_hz()
        values: dict[str, object] = {
            "state_rate_hz": rate_hz,
            "dropped_states": self._dropped,
            "refused_states": self._refused,
            **self._refusals.values(),
            "busy_share": busy_s,
            **{f"frames_{camera.name}": camera.frames for camera in self._cameras},
        }
        if refusal := self._refusals.read_latest():
            return Report(WARN, refusal, values)
        if self._episode is None:
            return Report(WARN, "waiting for sim/scene", values)
        if news:
            return Report(WARN, f"rendering is too slow: {news} states dropped", values)
        return Report(OK, "rendering" if rate_hz else "waiting for sim/state", values)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node; see :func:`so101_ros.nodes.runtime.run`."""
    return runtime.run(SimCameras, args)


if __name__ == "__main__":
    sys.exit(main())
