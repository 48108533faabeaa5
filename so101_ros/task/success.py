"""When an episode counts as solved."""

from dataclasses import dataclass

from so101_ros.task.measures import PaperMeasures

HOLD_TICKS = 5  # consecutive 30 Hz ticks inside the tape: a sheet passing through does not count


@dataclass(slots=True)
class SuccessJudge:
    """Count consecutive policy ticks with the whole sheet inside the tape.

    Attributes:
        ticks_inside: Consecutive ticks so far, ending with the last one judged.
    """

    ticks_inside: int = 0

    def reset(self) -> None:
        """Forget everything: a new episode begins."""
        self.ticks_inside = 0

    def judge(self, measures: PaperMeasures, *, flat: bool) -> bool:
        """Take in one policy tick.

        Args:
            measures: The sheet at this tick.
            flat: Whether it lies on the table.

        Returns:
            Whether the sheet has now been inside for long enough.
        """
        self.ticks_inside = self.ticks_inside + 1 if measures.inside and flat else 0
        return self.ticks_inside >= HOLD_TICKS
