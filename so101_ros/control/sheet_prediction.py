"""Where a dragged sheet is by now, when it was seen a while ago."""

from collections import deque

from so101_ros.control.stroke import compose, relative
from so101_ros.pose import PlanarPose

_REMEMBERED = 32
"""Hand poses that are kept: a second, more than any pose of the sheet may be old."""


class SheetPrediction:
    """Carry the sheet along with the hand that presses on it.

    An image is some time old when it has been understood. Meanwhile the hand has moved, and the
    sheet with it: taken for now, its pose would look like slip, and the drag would overshoot.
    """

    def __init__(self) -> None:
        """Begin without a hand on the sheet."""
        self._hands: deque[tuple[int, PlanarPose]] = deque(maxlen=_REMEMBERED)

    def release(self) -> None:
        """Note that the hand does not move the sheet now."""
        self._hands.clear()

    def predict(self, paper: PlanarPose, seen_ns: int, hand: PlanarPose, now_ns: int) -> PlanarPose:
        """Take in one tick of a hand on the sheet.

        Args:
            paper: Where the sheet was.
            seen_ns: When it was there, in [ns].
            hand: Where the hand is now, measured; its yaw not wrapped.
            now_ns: When it is there, in [ns].

        Returns:
            Where the sheet is if it has stuck to the hand since then.
        """
        self._hands.append((now_ns, hand))
        if seen_ns >= now_ns:
            return paper
        # Before the hand was on it, the sheet lay still: its first pose on it counts.
        then = next((pose for stamp_ns, pose in self._hands if stamp_ns >= seen_ns), hand)
        return compose(hand, relative(then, paper))
