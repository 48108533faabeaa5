"""Notice when something that should shrink has stopped shrinking."""


class StallWatch:
    """Compare an error with what it was a while ago.

    Attributes:
        window_s: How long is a while, in [s].
        min_progress: By how much the error must shrink in that time, in its own unit.
    """

    def __init__(self, window_s: float, min_progress: float) -> None:
        """Begin without history.

        Args:
            window_s: How long is a while, in [s].
            min_progress: By how much the error must shrink in that time, in its own unit.
        """
        self.window_s = window_s
        self.min_progress = min_progress
        self._mark: float | None = None
        self._elapsed_s = 0.0

    def stalled(self, error: float, dt: float) -> bool:
        """Take in one tick.

        Args:
            error: What should shrink.
            dt: Time since the last tick in [s].

        Returns:
            True once per window without progress.
        """
        self._elapsed_s += dt
        if self._mark is not None and self._elapsed_s < self.window_s:
            return False
        stalled = self._mark is not None and error > self._mark - self.min_progress
        self._mark, self._elapsed_s = error, 0.0
        return stalled
