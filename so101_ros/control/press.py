"""Press on the sheet by the stiffness of the servos, wherever the table is."""

from dataclasses import dataclass

import numpy as np

from so101_ros.control.hand import DownwardHand, MeasuredHand


@dataclass(frozen=True, slots=True)
class PressSettings:
    """How hard to press, and how to find the table.

    Attributes:
        strength: Wanted force over joint stiffness in [rad]/[m]: 6 N at 50 N m/rad. With the hand's
            softness it says how far the reference is led below the tips: some 3 to 8 mm.
        search_speed: Speed of the search for the table, and fastest regulation, in [m]/[s].
        rate: How fast the depth is regulated in [1/s].
    """

    strength: float = 0.12
    search_speed: float = 0.03
    rate: float = 8.0


_CONTACT_SHARE = 0.8  # of the press depth: the table pushes back
_STILL_SHARE = 0.25  # of the search speed; a hand that sinks more slowly stands on something
_CONTACT_TICKS = 4  # so long: a hand that is 100 ms late begins to sink within three
_EASING = 0.7  # what easing leaves of the press
_LEAST_EFFORT = 0.3  # of the wanted press: the tips must not let go


class Press:
    """One press: lead the reference below the tips and tell when the table pushes back."""

    def __init__(self, settings: PressSettings) -> None:
        """Begin above the sheet, with full effort.

        Args:
            settings: How hard to press.
        """
        self._settings = settings
        self._effort = 1.0
        self._height: float | None = None
        self._still_ticks = 0

    def search(self, reference: DownwardHand, dt: float) -> DownwardHand:
        """Lower the reference, steadily: what slows the hand down must be the table.

        Args:
            reference: Where the hand was told to be.
            dt: Time that passes in [s].

        Returns:
            Where the hand should be next.
        """
        return reference.lifted_to(reference.z - self._settings.search_speed * dt)

    def touches(self, reference: DownwardHand, hand: MeasuredHand, dt: float) -> bool:
        """Take in one tick of the search.

        Args:
            reference: Where the hand was told to be.
            hand: Where it is.
            dt: Time since the last tick in [s].

        Returns:
            Whether the table holds the hand up; a hand that still sinks only lags behind.
        """
        sunk = np.inf if self._height is None else self._height - hand.pose.z
        self._height = hand.pose.z
        sinks = sunk > _STILL_SHARE * self._settings.search_speed * dt
        self._still_ticks = 0 if sinks else self._still_ticks + 1
        led = hand.pose.z - reference.z
        return self._still_ticks >= _CONTACT_TICKS and led >= _CONTACT_SHARE * self._depth(hand)

    def regulate(self, reference: DownwardHand, hand: MeasuredHand, dt: float) -> DownwardHand:
        """Keep the reference at its depth below the tips.

        Args:
            reference: Where the hand was told to be.
            hand: Where it is.
            dt: Time that passes in [s].

        Returns:
            The reference at its new height.
        """
        limit = self._settings.search_speed
        excess = (hand.pose.z - reference.z) - self._depth(hand)
        speed = float(np.clip(self._settings.rate * excess, -limit, limit))
        return reference.lifted_to(reference.z + speed * dt)

    def ease(self) -> None:
        """Press less from now on: the sheet sticks, and its friction grows with the press."""
        self._effort = max(_EASING * self._effort, _LEAST_EFFORT)

    def _depth(self, hand: MeasuredHand) -> float:
        """How far to lead the reference below the tips, in [m]."""
        return self._effort * self._settings.strength * hand.softness
