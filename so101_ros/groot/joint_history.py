"""Where the joints were when an image was taken."""

from collections import deque

from so101_ros.observation import JointState
from so101_ros.rates import NANOSECONDS

MEMORY_S = 1.0
"""For how long joint states are kept, in [s]: images that are older are worth nothing."""


class JointHistory:
    """Keep the joint states of the last moments."""

    def __init__(self) -> None:
        """Begin without any."""
        self._states: deque[JointState] = deque()

    def add(self, joints: JointState) -> None:
        """Keep a joint state; stamps must not decrease but after :meth:`clear`."""
        self._states.append(joints)
        oldest_ns = joints.stamp_ns - round(MEMORY_S * NANOSECONDS)
        while self._states[0].stamp_ns < oldest_ns:
            self._states.popleft()

    def near(self, stamp_ns: int, tolerance_s: float) -> JointState | None:
        """The joint state that is nearest to a time.

        Args:
            stamp_ns: The time, in [ns].
            tolerance_s: How far it may be away, in [s].

        Returns:
            The joint state; None if none is that near.
        """
        if not self._states:
            return None
        nearest = min(self._states, key=lambda joints: abs(joints.stamp_ns - stamp_ns))
        apart_s = abs(nearest.stamp_ns - stamp_ns) / NANOSECONDS
        return nearest if apart_s <= tolerance_s else None

    def clear(self) -> None:
        """Forget all: the arm was moved by somebody else."""
        self._states.clear()
