"""Refuse starts from which no policy could solve the task."""

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.simulation.scene import TABLE_HALF_SIZE
from so101_ros.task.geometry import BASE_POSE, PAPER_CORNERS, PAPER_SIZE
from so101_ros.task.starts import PaperStarts

REACH = 0.33
"""How far from its base the arm presses straight down, in [m]; beyond, the hand tilts."""

FOOT_RADIUS = 0.05
"""Half a diagonal of the plate that the arm stands on, in [m]."""

_STEPS = np.linspace(0.0, 1.0, 11)  # from one end of a range to the other


def check_solvable(starts: PaperStarts) -> None:
    """Refuse starts off the table, out of reach, under the arm, or where the task is done already.

    Args:
        starts: Where sheets lie at the start.

    Raises:
        ConfigError: If that is so; the message has the start.
    """
    poses = _spread(starts)
    overhang = np.abs(_corners(poses)).max(axis=(1, 2)) - TABLE_HALF_SIZE
    gap = _distances_to_base(poses)
    _refuse_worst(
        poses, overhang, f"is not wholly on the table, which ends at +-{TABLE_HALF_SIZE:g} m"
    )
    _refuse_worst(poses, gap - REACH, f"is out of the arm's reach, {REACH:g} m from its base")
    _refuse_worst(poses, FOOT_RADIUS - gap, "lies under the arm's foot")
    starts.sample(np.random.default_rng(0))


def _refuse_worst(poses: np.ndarray, excess: np.ndarray, what: str) -> None:
    worst = int(np.argmax(excess))
    if excess[worst] > 0.0:
        x, y, yaw = poses[worst]
        raise ConfigError(
            f"the task cannot be solved: a sheet that starts at x {x:.3g} m, y {y:.3g} m, yaw "
            f"{yaw:.3g} rad {what}"
        )


def _spread(starts: PaperStarts) -> np.ndarray:
    """Starts all over the ranges, with their ends. Shape (n, 3)."""
    axes = [
        np.unique(low + _STEPS * (high - low)) for low, high in (starts.x, starts.y, starts.yaw)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _corners(poses: np.ndarray) -> np.ndarray:
    """Corners of sheets in the world, in [m]. Shape (n, 4, 2)."""
    return poses[:, None, :2] + PAPER_CORNERS @ _rotations(poses[:, 2]).transpose(0, 2, 1)


def _distances_to_base(poses: np.ndarray) -> np.ndarray:
    """Distance from the arm's base to sheets, in [m]; 0 under one. Shape (n,)."""
    base = (BASE_POSE.xy - poses[:, None, :2]) @ _rotations(poses[:, 2])
    outside = np.maximum(np.abs(base[:, 0]) - 0.5 * PAPER_SIZE, 0.0)
    return np.hypot(outside[:, 0], outside[:, 1])


def _rotations(yaws: np.ndarray) -> np.ndarray:
    """From a sheet to the world. Shape (n, 2, 2)."""
    cos, sin = np.cos(yaws), np.sin(yaws)
    return np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=-2)
