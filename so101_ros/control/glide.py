"""Timed motion of the downward hand between two poses, starting and ending at rest."""

from dataclasses import dataclass

import numpy as np

from so101_ros.control.hand import DownwardHand, Pivot

_PEAK_SPEED = 1.5  # of the profile 3 s^2 - 2 s^3, in units of its mean


@dataclass(slots=True)
class Glide:
    """Swing about the pan axis with a smooth speed profile.

    Attributes:
        start: Where it starts.
        end: Where it ends.
        pivot: The pan axis.
        duration_s: How long it takes, in [s].
        elapsed_s: How far it has come, in [s].
    """

    start: DownwardHand
    end: DownwardHand
    pivot: Pivot
    duration_s: float
    elapsed_s: float = 0.0

    @classmethod
    def between(
        cls, start: DownwardHand, end: DownwardHand, pivot: Pivot, speed: float, turn_speed: float
    ) -> "Glide":
        """Plan a glide whose peak speeds stay within limits.

        Args:
            start: Where it starts.
            end: Where it ends.
            pivot: The pan axis.
            speed: Peak speed in [m]/[s].
            turn_speed: Peak turning speed in [rad]/[s].

        Returns:
            The glide.
        """
        (here, bearing), (there, other_bearing) = (
            pivot.polar(hand.planar.xy) for hand in (start, end)
        )
        swing = max(here, there) * abs(other_bearing - bearing)
        travel = float(np.linalg.norm([there - here, swing, end.z - start.z]))
        mean_s = max(travel / speed, abs(end.yaw - start.yaw) / turn_speed)
        return cls(start, end, pivot, _PEAK_SPEED * mean_s)

    def advance(self, dt: float) -> DownwardHand:
        """Move on.

        Args:
            dt: Time that passes in [s].

        Returns:
            Where the hand is then.
        """
        self.elapsed_s = min(self.elapsed_s + dt, self.duration_s)
        if self.finished:
            return self.end
        share = self.elapsed_s / self.duration_s
        return self.start.towards(self.end, share * share * (3.0 - 2.0 * share), self.pivot)

    @property
    def finished(self) -> bool:
        """Whether the end has been reached."""
        return self.elapsed_s >= self.duration_s
