"""When an unobserved jump makes everything older worthless.

A reset of the simulation, a servo bus that was unplugged, a node that was suspended: each shows as
a gap in the joint states. What was computed from before the gap must not move the arm after it.
"""

from dataclasses import dataclass

from so101_ros.rates import NANOSECONDS

EPOCH_GAP_S = 0.45
"""A gap between two joint states that begins a new epoch: 54 lost states at 120 Hz.

Long enough that a process on a busy machine, which misses some, goes on; what an action is worth
meanwhile is a matter of its age.
"""

RESET_GAP_S = 0.5
"""Simulated time that passes unobserved in a reset, so that everyone sees the gap."""


@dataclass(slots=True)
class EpochTracker:
    """Find epochs in a stream of joint-state stamps.

    Attributes:
        start_ns: First stamp of the current epoch in [ns], None before the first joint state.
        count: Epochs seen so far.
    """

    start_ns: int | None = None
    count: int = 0
    _last_ns: int = 0

    def begins_at(self, stamp_ns: int) -> bool:
        """Take in one joint-state stamp.

        Args:
            stamp_ns: Stamp of the joint state, in [ns].

        Returns:
            Whether a new epoch begins with it: the first stamp, a gap, or time running backwards.
        """
        elapsed_ns = stamp_ns - self._last_ns
        first = self.start_ns is None
        begins = first or elapsed_ns < 0 or elapsed_ns > EPOCH_GAP_S * NANOSECONDS
        self._last_ns = stamp_ns
        if begins:
            self.start_ns = stamp_ns
            self.count += 1
        return begins

    def is_stale(self, stamp_ns: int) -> bool:
        """Whether something stamped then belongs to an earlier epoch (or none has begun)."""
        return self.start_ns is None or stamp_ns < self.start_ns
