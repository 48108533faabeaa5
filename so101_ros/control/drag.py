"""Servo the sheet to a goal by the hand that presses on it."""

import numpy as np

from so101_ros.control.hand import DownwardHand
from so101_ros.control.stroke import compose, relative
from so101_ros.pose import PlanarPose

MAX_SPEED = 0.15  # [m]/[s] of the hand
MAX_TURN_SPEED = 1.2  # [rad]/[s]
MAX_ACCELERATION = 0.8  # [m]/[s]^2
MAX_TURN_ACCELERATION = 8.0  # [rad]/[s]^2
RATE = 4.0  # [1/s], error taken up per time: slow against the servo's lag of 50 ms
MAX_LEAD = 0.030  # [m], how far the reference may run ahead of the hand
MAX_TURN_LEAD = 0.25  # [rad]


class Drag:
    """Velocity servo from the sheet's error to the hand's reference.

    Where the sheet is in the hand is measured anew at every tick, so that creep and slip are
    corrected instead of accumulated.

    Attributes:
        goal: Where the sheet is to go; yaw not wrapped.
    """

    def __init__(self, goal: PlanarPose) -> None:
        """Begin at rest.

        Args:
            goal: Where the sheet is to go.
        """
        self.goal = goal
        self._velocity = np.zeros(2)  # [m]/[s]
        self._turn_rate = 0.0  # [rad]/[s]

    def wanted_hand(self, paper: PlanarPose, hand: PlanarPose) -> PlanarPose:
        """Where the hand must be for the sheet to be at the goal.

        Args:
            paper: Where the sheet is; yaw unwrapped as the goal's.
            hand: Where the hand is, measured.

        Returns:
            The hand pose, if the sheet does not slip from now on.
        """
        return compose(self.goal, relative(paper, hand))

    def advance(
        self, reference: DownwardHand, paper: PlanarPose, hand: PlanarPose, dt: float
    ) -> DownwardHand:
        """Move the reference on.

        Args:
            reference: Where the hand was told to be.
            paper: Where the sheet is; yaw unwrapped as the goal's.
            hand: Where the hand is, measured.
            dt: Time that passes in [s].

        Returns:
            Where the hand should be next, at the same height.
        """
        wanted = self.wanted_hand(paper, hand)
        velocity = _limit(RATE * (wanted.xy - hand.xy), MAX_SPEED)
        turn_rate = float(np.clip(RATE * (wanted.yaw - hand.yaw), -MAX_TURN_SPEED, MAX_TURN_SPEED))
        self._velocity = self._velocity + _limit(velocity - self._velocity, MAX_ACCELERATION * dt)
        change = MAX_TURN_ACCELERATION * dt
        self._turn_rate += float(np.clip(turn_rate - self._turn_rate, -change, change))
        xy = reference.planar.xy + self._velocity * dt
        yaw = reference.yaw + self._turn_rate * dt
        xy = hand.xy + _limit(xy - hand.xy, MAX_LEAD)
        yaw = hand.yaw + float(np.clip(yaw - hand.yaw, -MAX_TURN_LEAD, MAX_TURN_LEAD))
        return DownwardHand(float(xy[0]), float(xy[1]), reference.z, yaw)


def paper_error(paper: PlanarPose, goal: PlanarPose) -> tuple[float, float]:
    """Distance in [m] and turn in [rad] from a sheet to its goal, both positive."""
    return float(np.linalg.norm(goal.xy - paper.xy)), abs(goal.yaw - paper.yaw)


def slip(expected: PlanarPose, actual: PlanarPose) -> float:
    """How far the press has wandered over the sheet, in [m].

    Args:
        expected: Hand in the sheet's frame as planned.
        actual: Hand in the sheet's frame as measured.

    Returns:
        Distance between the two.
    """
    return float(np.linalg.norm(expected.xy - actual.xy))


def _limit(vector: np.ndarray, length: float) -> np.ndarray:
    norm = float(np.linalg.norm(vector))
    return vector if norm <= length else vector * (length / norm)
