"""Servo the sheet to a goal by the hand that presses on it."""

import numpy as np

from so101_ros.control.hand import DownwardHand
from so101_ros.control.stall import StallWatch
from so101_ros.control.stroke import compose, relative
from so101_ros.pose import PlanarPose, wrap_to_pi

MAX_SPEED = 0.15  # [m]/[s] of the hand
MAX_TURN_SPEED = 1.2  # [rad]/[s]
MAX_ACCELERATION = 0.8  # [m]/[s]^2
MAX_TURN_ACCELERATION = 8.0  # [rad]/[s]^2
RATE = 4.0  # [1/s], error taken up per time: slow against the servo's lag of 50 ms
MAX_LEAD = 0.030  # [m], how far the reference may run ahead of the hand
MAX_TURN_LEAD = 0.25  # [rad]
DONE_DISTANCE = 0.0025  # [m], error with which the sheet has arrived
DONE_TURN = 0.012  # [rad]

_STALL_WINDOW_S = 0.4
_STALL_PROGRESS = 0.004  # [m] in one window
_LEVER = 0.1  # [m], turns an angle into a distance: about half the sheet


class Drag:
    """Velocity servo from the sheet's error to the hand's reference.

    Where the sheet is in the hand is measured anew at every tick, so that creep and slip are
    corrected instead of accumulated.

    Attributes:
        goal: Where the sheet is to go; yaw not wrapped.
    """

    def __init__(self, goal: PlanarPose, paper: PlanarPose, hand: PlanarPose) -> None:
        """Begin at rest.

        Args:
            goal: Where the sheet is to go; yaw not wrapped.
            paper: Where the sheet is.
            hand: Where the hand presses on it, measured.
        """
        self.goal = goal
        self._press_in_paper = relative(self.unwrap(paper), hand).xy
        self._stall = StallWatch(_STALL_WINDOW_S, _STALL_PROGRESS)
        self._velocity = np.zeros(2)  # [m]/[s]
        self._turn_rate = 0.0  # [rad]/[s]

    def unwrap(self, paper: PlanarPose) -> PlanarPose:
        """Give the sheet the yaw, equal mod 2 pi, that is nearest to the goal's."""
        return PlanarPose(paper.x, paper.y, self.goal.yaw + wrap_to_pi(paper.yaw - self.goal.yaw))

    def has_arrived(self, paper: PlanarPose) -> bool:
        """Whether the sheet is at the goal; its yaw unwrapped as the goal's."""
        distance, turn = self._error(paper)
        return distance < DONE_DISTANCE and turn < DONE_TURN

    def slip(self, paper: PlanarPose, hand: PlanarPose) -> float:
        """How far the press has wandered over the sheet, in [m]."""
        return float(np.linalg.norm(relative(paper, hand).xy - self._press_in_paper))

    def is_stuck(self, paper: PlanarPose, dt: float) -> bool:
        """Take in one tick.

        Args:
            paper: Where the sheet is; yaw unwrapped as the goal's.
            dt: Time since the last tick in [s].

        Returns:
            Whether the sheet has come no closer for a while.
        """
        distance, turn = self._error(paper)
        return self._stall.stalled(distance + _LEVER * turn, dt)

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

    def _error(self, paper: PlanarPose) -> tuple[float, float]:
        """Distance in [m] and turn in [rad] from the sheet to the goal, both positive."""
        return float(np.linalg.norm(self.goal.xy - paper.xy)), abs(self.goal.yaw - paper.yaw)


def _limit(vector: np.ndarray, length: float) -> np.ndarray:
    norm = float(np.linalg.norm(vector))
    return vector if norm <= length else vector * (length / norm)
