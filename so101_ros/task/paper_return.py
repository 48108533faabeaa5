"""The task as a judge: from what happened in a tick to measures, success and reward."""

from collections.abc import Mapping
from dataclasses import dataclass

from so101_ros.rates import Rates
from so101_ros.task.measures import PaperMeasures, lies_flat, measure
from so101_ros.task.reward import Reward, RewardWeights
from so101_ros.task.situation import Situation
from so101_ros.task.success import SuccessJudge


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """One policy tick of an episode.

    Attributes:
        measures: The sheet, compared with the goal.
        success: Whether the sheet has stayed inside the frame for long enough.
        time_is_up: Whether the episode has reached its limit.
        reward_terms: What the tick is worth, by term.
    """

    measures: PaperMeasures
    success: bool
    time_is_up: bool
    reward_terms: Mapping[str, float]

    @property
    def reward(self) -> float:
        """What the tick is worth."""
        return sum(self.reward_terms.values())


class PaperReturnTask:
    """Judge one episode after another, tick by tick.

    Attributes:
        rates: How long a tick is, and how many an episode has.
        ticks: Ticks of the episode so far.
    """

    def __init__(self, rates: Rates | None = None, weights: RewardWeights | None = None) -> None:
        """Begin before an episode; call :meth:`reset`.

        Args:
            rates: How long a tick is, and how many an episode has; None for the defaults.
            weights: How much each term of the reward counts; None for the defaults.
        """
        self.rates = rates or Rates()
        self.ticks = 0
        self._judge = SuccessJudge()
        self._reward = Reward(weights, self.rates.policy_period_s)

    @property
    def weights(self) -> RewardWeights:
        """How much each term of the reward counts."""
        return self._reward.weights

    def reset(self, situation: Situation) -> PaperMeasures:
        """Begin an episode.

        Args:
            situation: Arm and sheet at the start.

        Returns:
            The sheet, compared with the goal.
        """
        measures = measure(situation.paper.planar)
        self.ticks = 0
        self._judge.reset()
        self._reward.reset(situation, measures)
        return measures

    def judge(self, situation: Situation) -> Judgement:
        """Take in the end of one policy tick.

        Args:
            situation: Arm and sheet now.
        """
        self.ticks += 1
        measures = measure(situation.paper.planar)
        success = self._judge.judge(measures, flat=lies_flat(situation.paper))
        terms = self._reward.judge(situation, measures, self._judge.ticks_inside)
        return Judgement(measures, success, self.ticks >= self.rates.episode_ticks, terms)
