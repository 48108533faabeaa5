"""What lies between a servo's target as it is sent and the one that its motor follows."""

from collections import deque

import numpy as np

from so101_ros.control.steps import limit_steps
from so101_ros.simulation.config import SceneConfig

_ROUNDING = 1.0 + 1e-6
"""What is at the speed limit but for rounding is not slowed down."""


class ServoPath:
    """Speed limit, dead time, backlash and wrong zeros, in this order.

    Whatever is commanded, by whomever, a target moves no faster than its joint can.
    """

    def __init__(self, config: SceneConfig, q: np.ndarray) -> None:
        """Begin at rest.

        Args:
            config: What the servos are like.
            q: Targets at rest, as they are sent, in [rad]. Shape (6,).
        """
        rates = config.rates
        self._zeros = np.array(config.calibration.joint_zeros)
        self._max_step = np.full(q.shape, _ROUNDING * config.servo.max_speed / rates.control_hz)
        self._target = q
        dead_ticks = rates.control_ticks_in(config.servo.dead_time_s)
        self._under_way = deque([q] * dead_ticks)
        self._half_play = 0.5 * np.array(config.joints.backlash)
        self._turned = q
        self._is_ideal = not (dead_ticks or self._half_play.any() or self._zeros.any())

    def follow(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pass targets on, one row per control tick.

        Args:
            wanted: Targets as they are sent in [rad]. Shape (n, 6).

        Returns:
            Targets of the motors in [rad], shape (n, 6), and which joints were kept at their speed
            limit, shape (6,).
        """
        targets, slowed = limit_steps(self._target, wanted, self._max_step)
        self._target = targets[-1]
        if self._is_ideal:
            return targets, slowed
        return np.array([self._pass(target) for target in targets]), slowed

    def _pass(self, target: np.ndarray) -> np.ndarray:
        self._under_way.append(target)
        late = self._under_way.popleft()
        # Play: the joint stays until a side of the gap pushes it.
        self._turned = self._turned.clip(late - self._half_play, late + self._half_play)
        return self._turned - self._zeros
