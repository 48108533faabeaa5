"""When the images of a simulated camera arrive, and which never do."""

import zlib
from functools import lru_cache

import numpy as np

from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.delay_config import DelayConfig


class ImageSchedule:
    """Draw delay and loss of each image.

    An image's fate depends on the episode's seed, the camera and the time since the reset alone, so
    that every process that asks gets the same answer.
    """

    def __init__(
        self, delay: DelayConfig, seed: int, reset_ns: int, rates: Rates, camera: str
    ) -> None:
        """Prepare for an episode.

        Args:
            delay: How late images are, and how many are lost.
            seed: Seed of the episode.
            reset_ns: When arm and sheet were put in their places, in [ns].
            rates: The system's rates: arrivals are control ticks.
            camera: Name of the camera.
        """
        self._delay = delay
        self._seed = seed, zlib.crc32(camera.encode())
        self._reset_ns = reset_ns
        self._rates = rates
        self.in_time = delay.camera_s == delay.camera_jitter_s == delay.image_loss == 0.0
        self._draw_lately = lru_cache(maxsize=_REMEMBERED)(self._draw)

    def arrival_ns(self, exposed_ns: int) -> int | None:
        """Tell when an image arrives.

        Args:
            exposed_ns: When it was taken, in [ns].

        Returns:
            The control tick at which it is there, in [ns]; None if it is lost.
        """
        if self.in_time:
            return exposed_ns
        frame = round((exposed_ns - self._reset_ns) * self._rates.policy_hz / NANOSECONDS)
        lost, jitter = self._draw_lately(frame)
        if lost < self._delay.image_loss:
            return None
        delay_s = self._delay.camera_s + jitter * self._delay.camera_jitter_s
        tick = round(exposed_ns * self._rates.control_hz / NANOSECONDS)
        return self._rates.stamp_of_control_tick(tick + self._rates.control_ticks_in(delay_s))

    def _draw(self, frame: int) -> tuple[float, float]:
        """Two numbers in [0, 1): they decide about loss and about jitter."""
        lost, jitter = np.random.default_rng([*self._seed, frame]).random(2).tolist()
        return lost, jitter


_REMEMBERED = 256  # images; the same ones are asked for at every tick while they are under way
