"""How long a policy's answers take."""

from typing import NamedTuple

import numpy as np


class InferenceTime(NamedTuple):
    """Wall time of a policy's answers: mean, median and 99th percentile, in [s]."""

    mean: float
    p50: float
    p99: float

    @classmethod
    def of(cls, inference_s: np.ndarray) -> "InferenceTime | None":
        """Sum up single times in [s], shape (n,); None if there are none."""
        if not len(inference_s):
            return None
        p50, p99 = np.percentile(inference_s, [50, 99])
        return cls(float(np.mean(inference_s)), float(p50), float(p99))

    def to_milliseconds(self) -> dict[str, float]:
        """Plain data in [ms], by name."""
        return {name: 1e3 * value for name, value in self._asdict().items()}
