"""What a measurement says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured.
        value: The number.
        unit: Its unit; empty for a ratio.
        note: How it was measured, or how often.
    """

    name: str
    value: float
    unit: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a JSON file."""
        return asdict(self)


def percentile_figures(name: str, values: Sequence[float] | np.ndarray, unit: str) -> list[Figure]:
    """Put many values into their median and their 99th percentile.

    Args:
        name: What was measured.
        values: The values; at least one.
        unit: Their unit.

    Returns:
        Two figures.
    """
    note = f"of {len(values)}"
    return [
        Figure(f"{name}, p{share}", float(np.percentile(values, share)), unit, note)
        for share in (50, 99)
    ]
