"""How far the tracker's poses were from the truth during an episode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from so101_ros.pose import Pose, wrap_to_half_pi

_PERCENTILES = (50, 95, 100)


@dataclass(frozen=True, slots=True)
class TrackingErrors:
    """Poses of the tracker, compared with the true ones of the same stamps.

    Attributes:
        moments: True poses in the episode.
        poses: How many of them the tracker had a pose for.
        position: Median, 95th percentile and largest error of the position, in [m]; None without a
            pose.
        yaw: The same of the yaw, mod pi, in [rad]; None without a pose.
    """

    moments: int
    poses: int
    position: tuple[float, float, float] | None
    yaw: tuple[float, float, float] | None

    @property
    def share(self) -> float:
        """Share of the episode for which there was a pose, in [0, 1]."""
        return self.poses / self.moments if self.moments else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data with units in the names."""
        names = ("median", "p95", "worst")
        position, yaw = self.position or (None,) * 3, self.yaw or (None,) * 3
        return {
            "pose_share": self.share,
            "poses": self.poses,
            **{f"{name}_error_m": value for name, value in zip(names, position, strict=True)},
            **{f"{name}_yaw_error_rad": value for name, value in zip(names, yaw, strict=True)},
        }


def compare_poses(
    truth: tuple[np.ndarray, Sequence[Pose]],
    tracked: tuple[np.ndarray, Sequence[Pose]],
    start_ns: int,
    end_ns: int,
) -> TrackingErrors:
    """Compare two recordings of the sheet over one episode.

    Args:
        truth: Stamps in [ns], shape (n,), and the true poses; n of them.
        tracked: Stamps in [ns], shape (m,), and the tracker's poses; m of them.
        start_ns: Begin of the episode in [ns].
        end_ns: End of the episode in [ns].

    Returns:
        The errors. A tracked pose with a stamp that the truth lacks says nothing, and is left out.
    """
    true_poses = _inside(*truth, start_ns, end_ns)
    seen_poses = _inside(*tracked, start_ns, end_ns)
    pairs = [(true_poses[stamp], seen_poses[stamp]) for stamp in true_poses.keys() & seen_poses]
    if not pairs:
        return TrackingErrors(len(true_poses), 0, None, None)
    distances = [float(np.linalg.norm(seen.planar.xy - true.planar.xy)) for true, seen in pairs]
    turns = [abs(wrap_to_half_pi(seen.yaw - true.yaw)) for true, seen in pairs]
    return TrackingErrors(len(true_poses), len(pairs), _summarise(distances), _summarise(turns))


def _inside(
    stamps_ns: np.ndarray, poses: Sequence[Pose], start_ns: int, end_ns: int
) -> dict[int, Pose]:
    return {
        stamp_ns: pose
        for stamp_ns, pose in zip(stamps_ns.tolist(), poses, strict=True)
        if start_ns <= stamp_ns <= end_ns
    }


def _summarise(errors: Sequence[float]) -> tuple[float, float, float]:
    median, high, worst = np.percentile(errors, _PERCENTILES).tolist()
    return median, high, worst
