"""Follow a yaw that is known mod pi through half turns."""

import numpy as np

from so101_ros.pose import wrap_to_half_pi


class YawMemory:
    """Of the two yaws that look the same, choose the one next to the last."""

    def __init__(self) -> None:
        """Begin without a past: the first yaw lies in [-pi/2, pi/2)."""
        self._last = 0.0

    def follow(self, yaw: float) -> float:
        """Take in a measured yaw.

        Args:
            yaw: In [rad], known mod pi.

        Returns:
            The same yaw, in [rad], less than a quarter turn from the last one.
        """
        self._last += wrap_to_half_pi(yaw - self._last)
        # A sheet that turns round and round must not make the numbers grow.
        self._last = float((self._last + np.pi) % (2.0 * np.pi) - np.pi)
        return self._last

    def reset(self) -> None:
        """Forget the past, for a new sheet."""
        self._last = 0.0
