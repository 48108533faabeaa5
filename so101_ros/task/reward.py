"""The shaped reward of paper return, term by term.

Every term is a number per policy tick. Costs are paid per second, so that ending an episode early
by success is always better than staying near the goal; gains are differences of potentials, so that
going to and fro earns nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from so101_ros.errors import ConfigError
from so101_ros.task.geometry import PAPER_SIZE
from so101_ros.task.measures import PaperMeasures
from so101_ros.task.situation import Situation
from so101_ros.task.success import HOLD_TICKS

LEVER = 0.1
"""What one radian of yaw error is worth in metres: about the mean distance of the sheet's points
from its centre, in [m]/[rad]."""

FAR = 0.2  # [m], the way from a typical start to the goal

FURTHEST = 3.0
"""Where the cost of distance ends, in units of :data:`FAR`."""


class RewardTerm(NamedTuple):
    """What a user is told of one term.

    Attributes:
        name: Key of the term in ``info["reward_terms"]``.
        unit: What its weight is multiplied with, per tick.
        low: Lowest value in a tick, with the default weights.
        high: Highest value in a tick, with the default weights.
        reason: What it is for.
    """

    name: str
    unit: str
    low: float
    high: float
    reason: str


@dataclass(frozen=True, slots=True)
class RewardWeights:
    """How much each term counts; 0 switches it off.

    Attributes:
        reach: Per metre that the tool comes closer to the sheet.
        progress: Per metre that the sheet comes closer to the goal (turning counts
            :data:`LEVER` metres per radian).
        distance: Per second at :data:`FAR` from the goal.
        yaw: Per second at a quarter turn from the goal.
        success: For a sheet that stays inside the frame until the episode is solved.
        table_contact: Per second with the arm on the table.
        stalling: Per second without progress.
        residual_size: Per second with a residual at its limit on all joints.
        stall_after_s: Time without progress that is free, in [s].
        stall_progress: Progress that ends a stall, in [m].
    """

    reach: float = 2.0
    progress: float = 10.0
    distance: float = 0.5
    yaw: float = 0.5
    success: float = 10.0
    table_contact: float = 1.0
    stalling: float = 1.0
    residual_size: float = 0.2
    stall_after_s: float = 2.0
    stall_progress: float = 0.005

    def __post_init__(self) -> None:
        """Refuse weights that would turn a term around.

        Raises:
            ConfigError: If a weight is negative or not finite.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value < np.inf:
                raise ConfigError(f"reward {field.name} must be at least 0, got {value}")


REWARD_TERMS = (
    RewardTerm(
        "reach",
        "m closer to the sheet",
        -0.6,
        0.6,
        "leads the tool to the sheet; a difference of distances, so that hovering earns nothing",
    ),
    RewardTerm(
        "progress",
        "m closer to the goal",
        -3.1,
        3.1,
        "moves the sheet; gained only while a fingertip is on it, lost in any case, so that "
        "pushing it away and back earns nothing",
    ),
    RewardTerm(
        "distance",
        "s at 0.2 m",
        -0.05,
        0.0,
        "what is left to go costs time; from 0.6 m on, out of the arm's reach, no more than there",
    ),
    RewardTerm("yaw", "s at a quarter turn", -0.017, 0.0, "what is left to turn costs time"),
    RewardTerm(
        "success",
        "ticks inside / 5",
        -8.0,
        2.0,
        "grows while the sheet stays inside and is taken back when it leaves: passing through "
        "earns nothing, staying until solved earns the weight",
    ),
    RewardTerm(
        "table_contact", "s on the table", -0.034, 0.0, "a real arm that leans on a table wears"
    ),
    RewardTerm(
        "stalling", "s without progress", -0.034, 0.0, "waiting for the time limit is no solution"
    ),
    RewardTerm(
        "residual_size",
        "s at the limit",
        -0.0067,
        0.0,
        "the base policy is left alone where it does well; mean square of the residual's action",
    ),
)
"""Every term, with the range of one tick at the default weights and rates. The physics alone bounds
``reach`` and ``progress``: no joint turns faster than 4.7 rad/s, so no tool moves further than
0.153 m in a tick, and no sheet that it drags."""


RESIDUAL_TERM = "residual_size"
"""The only term that the task does not judge: whoever adds a residual does."""

TASK_TERMS = tuple(term.name for term in REWARD_TERMS if term.name != RESIDUAL_TERM)
"""Names of the terms that :meth:`Reward.judge` gives, in this order."""


class Reward:
    """Follow one episode and say what each tick is worth."""

    def __init__(self, weights: RewardWeights | None = None, tick_s: float = 1.0 / 30.0) -> None:
        """Begin before an episode; call :meth:`reset`.

        Args:
            weights: How much each term counts; None for the defaults.
            tick_s: Length of a policy tick in [s].
        """
        self.weights = weights or RewardWeights()
        self._tick_s = tick_s
        self._gap = self._error = self._best_error = 0.0
        self._ticks_inside = 0
        self._stalled_s = 0.0

    def reset(self, situation: Situation, measures: PaperMeasures) -> None:
        """Begin an episode.

        Args:
            situation: Arm and sheet at the start.
            measures: The sheet, compared with the goal.
        """
        self._gap = tool_gap(situation)
        self._error = self._best_error = _sheet_error(measures)
        self._ticks_inside = 0
        self._stalled_s = 0.0

    def judge(
        self, situation: Situation, measures: PaperMeasures, ticks_inside: int
    ) -> Mapping[str, float]:
        """Take in the end of one policy tick.

        Args:
            situation: Arm and sheet now.
            measures: The sheet, compared with the goal.
            ticks_inside: For how many ticks the sheet has been inside the frame.

        Returns:
            The weighted terms by name; the reward is their sum.
        """
        weights, tick_s = self.weights, self._tick_s
        touch = situation.touch
        return {
            "reach": weights.reach * self._come_closer(situation),
            "progress": weights.progress * self._make_progress(measures, touch.tips_on_paper > 0),
            "distance": -weights.distance * tick_s * min(measures.distance_to_goal / FAR, FURTHEST),
            "yaw": -weights.yaw * tick_s * measures.yaw_error / (0.5 * np.pi),
            "success": weights.success * self._stay_inside(ticks_inside),
            "table_contact": -weights.table_contact * tick_s * touch.arm_on_table,
            "stalling": -weights.stalling * self._stall(ticks_inside > 0),
        }

    def _come_closer(self, situation: Situation) -> float:
        before, self._gap = self._gap, tool_gap(situation)
        return before - self._gap

    def _make_progress(self, measures: PaperMeasures, touched: bool) -> float:
        before, self._error = self._error, _sheet_error(measures)
        progress = before - self._error
        return progress if touched else min(progress, 0.0)

    def _stay_inside(self, ticks_inside: int) -> float:
        before, self._ticks_inside = self._ticks_inside, min(ticks_inside, HOLD_TICKS)
        return (self._ticks_inside - before) / HOLD_TICKS

    def _stall(self, inside: bool) -> float:
        """Time of this tick that counts as stalling, in [s]."""
        if inside or self._error <= self._best_error - self.weights.stall_progress:
            self._best_error = min(self._best_error, self._error)
            self._stalled_s = 0.0
            return 0.0
        self._stalled_s += self._tick_s
        return self._tick_s if self._stalled_s > self.weights.stall_after_s else 0.0


def tool_gap(situation: Situation) -> float:
    """Distance from the tool frame to the nearest point of the sheet, in [m]."""
    paper = situation.paper.planar
    x, y, z = situation.tool_position.tolist()
    off_x, off_y = x - paper.x, y - paper.y
    cos, sin = math.cos(paper.yaw), math.sin(paper.yaw)
    beside_x = max(abs(cos * off_x + sin * off_y) - _HALF_WIDTH, 0.0)
    beside_y = max(abs(cos * off_y - sin * off_x) - _HALF_LENGTH, 0.0)
    return math.hypot(beside_x, beside_y, z - float(situation.paper.position[2]))


_HALF_WIDTH, _HALF_LENGTH = (0.5 * PAPER_SIZE).tolist()


def _sheet_error(measures: PaperMeasures) -> float:
    """How far the sheet is from the goal, turning included, in [m]."""
    return measures.distance_to_goal + LEVER * measures.yaw_error
