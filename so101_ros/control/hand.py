"""The hand pointing straight down, as the planner thinks of it."""

from dataclasses import dataclass, replace

import numpy as np

from so101_ros.control.ik import HandTarget
from so101_ros.pose import PlanarPose, wrap_to_pi


@dataclass(frozen=True, slots=True)
class DownwardHand:
    """Pose of the press site with the approach direction straight down.

    Attributes:
        x: In [m].
        y: In [m].
        z: Height of the fingertips' centres over the table in [m].
        yaw: Direction of the line of the tips in [rad], not wrapped.
    """

    x: float
    y: float
    z: float
    yaw: float

    @property
    def planar(self) -> PlanarPose:
        """The pose seen from above."""
        return PlanarPose(self.x, self.y, self.yaw)

    @property
    def target(self) -> HandTarget:
        """The pose as a target of inverse kinematics."""
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        rotation = np.array([[cos, sin, 0.0], [sin, -cos, 0.0], [0.0, 0.0, -1.0]])
        return HandTarget(np.array([self.x, self.y, self.z]), rotation)

    def at(self, planar: PlanarPose) -> "DownwardHand":
        """The same height over another place."""
        return DownwardHand(planar.x, planar.y, self.z, planar.yaw)

    def lifted_to(self, z: float) -> "DownwardHand":
        """The same place at another height."""
        return replace(self, z=z)

    def towards(self, other: "DownwardHand", share: float, pivot: "Pivot") -> "DownwardHand":
        """A pose on the way to another, swinging about the pan axis.

        Args:
            other: The pose to go to.
            share: 0 is here, 1 is there.
            pivot: The pan axis.

        Returns:
            The pose with radius, bearing, height and yaw in between. A straight line could pass
            through places that are too close to the arm, or behind it.
        """
        here, there = pivot.polar(self.planar.xy), pivot.polar(other.planar.xy)
        x, y = pivot.point(here + share * (there - here))
        z = self.z + share * (other.z - self.z)
        return DownwardHand(x, y, z, self.yaw + share * (other.yaw - self.yaw))


@dataclass(frozen=True, slots=True)
class MeasuredHand:
    """What the joints say of the hand.

    Attributes:
        pose: Where it is.
        settled: Whether the arm is at rest where it was told to be.
        softness: How far it gives way vertically, for joints of unit stiffness, in [m^2].
    """

    pose: DownwardHand
    settled: bool
    softness: float


@dataclass(frozen=True, slots=True)
class Pivot:
    """The pan axis as origin of polar coordinates on the table.

    Attributes:
        x: In [m].
        y: In [m].
        forward: Direction in [rad] in which bearings are zero; they jump half a turn from it.
    """

    x: float
    y: float
    forward: float

    def polar(self, xy: np.ndarray) -> np.ndarray:
        """Radius in [m] and bearing in [rad] of a point. Shape (2,)."""
        x, y = xy[0] - self.x, xy[1] - self.y
        return np.array([np.hypot(x, y), wrap_to_pi(float(np.arctan2(y, x)) - self.forward)])

    def point(self, polar: np.ndarray) -> tuple[float, float]:
        """The point of a radius and bearing, x and y in [m]."""
        radius, angle = polar[0], polar[1] + self.forward
        return float(self.x + radius * np.cos(angle)), float(self.y + radius * np.sin(angle))
