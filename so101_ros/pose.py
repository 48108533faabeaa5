"""Rigid poses and planar angles."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

_Angle = TypeVar("_Angle", float, np.ndarray)


@dataclass(frozen=True, slots=True)
class Pose:
    """Position and orientation of a frame in ``world``.

    Attributes:
        position: In [m]. Shape (3,).
        quaternion: Unit quaternion w, x, y, z. Shape (4,).
    """

    position: np.ndarray
    quaternion: np.ndarray

    @property
    def yaw(self) -> float:
        """Rotation about world z in [rad], in (-pi, pi]."""
        w, x, y, z = self.quaternion.tolist()
        return float(np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)))

    @property
    def rotation(self) -> np.ndarray:
        """Rotation matrix to the world. Shape (3, 3)."""
        w, x, y, z = self.quaternion
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )

    @property
    def planar(self) -> "PlanarPose":
        """The pose seen from above."""
        return PlanarPose(float(self.position[0]), float(self.position[1]), self.yaw)


@dataclass(frozen=True, slots=True)
class PlanarPose:
    """A pose on the table: x and y in [m], yaw in [rad]."""

    x: float
    y: float
    yaw: float

    @property
    def xy(self) -> np.ndarray:
        """Position in [m]. Shape (2,)."""
        return np.array([self.x, self.y])

    def to_world(self, point: np.ndarray) -> np.ndarray:
        """Carry points from this frame into the world.

        Args:
            point: Points in [m]. Shape (..., 2).

        Returns:
            The same points in the world frame. Shape (..., 2).
        """
        return point @ rotation(self.yaw).T + self.xy

    def to_local(self, point: np.ndarray) -> np.ndarray:
        """Carry world points into this frame; the inverse of :meth:`to_world`."""
        return (point - self.xy) @ rotation(self.yaw)


def rotation(yaw: float) -> np.ndarray:
    """Planar rotation matrix. Shape (2, 2)."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.array([[cos, -sin], [sin, cos]])


def wrap_to_pi(angle: _Angle) -> _Angle:
    """Wrap an angle, or each of an array, to [-pi, pi), in [rad]."""
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


def wrap_to_half_pi(angle: float) -> float:
    """Wrap an angle to [-pi/2, pi/2), in [rad]: the error of a shape with two-fold symmetry."""
    return (angle + 0.5 * np.pi) % np.pi - 0.5 * np.pi


def yaw_to_quaternion(yaw: float) -> np.ndarray:
    """Unit quaternion w, x, y, z of a rotation about z. Shape (4,)."""
    return np.array([np.cos(0.5 * yaw), 0.0, 0.0, np.sin(0.5 * yaw)])
