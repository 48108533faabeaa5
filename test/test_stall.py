"""Noticing that nothing gets better."""

import numpy as np

from so101_ros.control.stall import StallWatch


def _count_stalls(errors: np.ndarray, dt: float) -> int:
    watch = StallWatch(window_s=0.5, min_progress=0.01)
    return sum(watch.stalled(float(error), dt) for error in errors)


def test_a_constant_error_stalls_once_per_window() -> None:
    """Two seconds without progress are three stalls after the first mark."""
    assert _count_stalls(np.full(200, 0.3), 0.01) == 3


def test_steady_progress_never_stalls() -> None:
    """An error that shrinks by more than the least progress per window is fine."""
    assert _count_stalls(np.linspace(0.3, 0.1, 200), 0.01) == 0
