"""How a figure spreads over episodes."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several episodes, in the figure's own unit.

    Attributes:
        mean: Mean.
        std: Standard deviation of the sample; None for a single episode.
        median: Median.
        low: Smallest value.
        high: Largest value.
    """

    mean: float
    std: float | None
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Sum up values.

        Args:
            values: At least one.

        Raises:
            ValueError: If there are none.
        """
        array = np.fromiter(values, float)
        if not len(array):
            raise ValueError("no values have no spread")
        return cls(
            mean=float(array.mean()),
            std=float(array.std(ddof=1)) if len(array) > 1 else None,
            median=float(np.median(array)),
            low=float(array.min()),
            high=float(array.max()),
        )

    def to_dict(self) -> dict[str, float | None]:
        """Plain data for a JSON file."""
        return asdict(self)
