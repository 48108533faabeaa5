"""Bound how far the joints' targets move from one control tick to the next."""

import math

import numpy as np

from so101_ros.arm import NUM_JOINTS

_NONE_SLOWED = np.zeros(NUM_JOINTS, dtype=bool)
_NONE_SLOWED.setflags(write=False)


def limit_steps(
    start: np.ndarray, rows: np.ndarray, max_step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let no joint move further than its step from row to row.

    Args:
        start: Target before the first row, in [rad]. Shape (6,).
        rows: Targets in [rad]. Shape (n, 6).
        max_step: Largest step per row, in [rad]. Shape (6,).

    Returns:
        The limited targets, shape (n, 6), and which joints were slowed down, shape (6,).
    """
    steps = np.empty_like(rows)
    np.subtract(rows[0], start, out=steps[0])
    np.subtract(rows[1:], rows[:-1], out=steps[1:])
    too_far = np.abs(steps) > max_step
    if not np.count_nonzero(too_far):
        return rows, _NONE_SLOWED
    slowed = np.logical_or.reduce(too_far)  # over the rows
    limited = rows.copy()
    for joint in np.flatnonzero(slowed):
        limited[:, joint] = _chase(float(start[joint]), rows[:, joint], float(max_step[joint]))
    return limited, slowed


def _chase(position: float, targets: np.ndarray, max_step: float) -> list[float]:
    """Follow the targets of one joint in bounded steps; each step starts where the last ended."""
    positions = []
    for target in targets.tolist():
        step = target - position
        # What is within reach is taken as it is: adding the difference would round.
        near = abs(step) <= max_step
        position = target if near else position + math.copysign(max_step, step)
        positions.append(position)
    return positions
