"""One rehearsal, written down: what the arm is told, and what arm and sheet do then."""

from dataclasses import dataclass

import numpy as np

from so101_ros.pose import PlanarPose

_PARTS = 4  # of a tick: how finely a place in the script is told


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """One row per policy tick, the first one before anything has moved.

    A place in it is counted in ticks from the first row, with fractions.

    Attributes:
        q: Measured joint positions in [rad]. Shape (n, 6).
        targets: What the joints have been told by then, in [rad]. Shape (n, 6).
        sheets: Where the sheet is: x, y in [m], yaw in [rad]. Shape (n, 3).
        rate_hz: Ticks per second.
    """

    q: np.ndarray
    targets: np.ndarray
    sheets: np.ndarray
    rate_hz: float

    @classmethod
    def standing(cls, q: np.ndarray, sheet: PlanarPose, rate_hz: float) -> "Script":
        """Stay at a pose, whatever happens.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            sheet: Where the sheet is.
            rate_hz: Ticks per second.
        """
        row = np.array([q], dtype=float)
        return cls(row, row, np.array([[sheet.x, sheet.y, sheet.yaw]]), rate_hz)

    @property
    def is_still(self) -> bool:
        """Whether nothing happens in it."""
        return len(self.q) == 1

    @property
    def end(self) -> float:
        """The last place, in ticks."""
        return len(self.q) - 1.0

    def places(self, first: float, last: float) -> np.ndarray:
        """List the places of a part, in ticks; at least one. Shape (k,)."""
        first = float(np.clip(first, 0.0, self.end))
        last = float(np.clip(last, first, self.end))
        return np.linspace(first, last, 1 + round(_PARTS * (last - first)))

    def q_at(self, places: np.ndarray) -> np.ndarray:
        """Measured joint positions in [rad]. Shape (k, 6)."""
        return _interpolate(self.q, places)

    def targets_at(self, places: np.ndarray) -> np.ndarray:
        """What the joints are told, in [rad]; the last target stays. Shape (k, 6)."""
        return _interpolate(self.targets, places)

    def sheet_at(self, place: float) -> PlanarPose:
        """Where the sheet is."""
        x, y, yaw = _interpolate(self.sheets, np.array([place]))[0]
        return PlanarPose(float(x), float(y), float(yaw))


def _interpolate(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    places = places.clip(0.0, len(rows) - 1.0)
    before = np.minimum(places.astype(int), max(len(rows) - 2, 0))
    after = np.minimum(before + 1, len(rows) - 1)
    share = (places - before)[:, None]
    return (1.0 - share) * rows[before] + share * rows[after]
