"""Thin out a stream of stamps to a slower rate."""

from so101_ros.rates import Rates


class TickGate:
    """Tell which joint states begin a tick of a slower loop.

    Ticks are counted from time zero of the clock, not from the first stamp, so that every process
    picks the same joint states, whenever it joins.
    """

    def __init__(self, rates: Rates) -> None:
        """Begin before the first tick.

        Args:
            rates: Its policy rate is that of the slower loop.
        """
        self._rates = rates
        self._last_tick: int | None = None

    def opens_at(self, stamp_ns: int) -> bool:
        """Take in one stamp.

        Args:
            stamp_ns: Stamp of a joint state, in [ns].

        Returns:
            Whether it begins a tick. A clock that was set back begins one too.
        """
        before = self._last_tick
        if before is None:
            # What came before is unknown; on the grid it was one control period earlier.
            period_ns = self._rates.stamp_of_control_tick(1)
            before = self._rates.policy_tick_at(stamp_ns - period_ns)
        self._last_tick = self._rates.policy_tick_at(stamp_ns)
        return self._last_tick != before
