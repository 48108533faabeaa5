"""When an episode counts as solved."""

from hypothesis import given
from hypothesis import strategies as st

from so101_ros.task.measures import PaperMeasures
from so101_ros.task.success import HOLD_TICKS, SuccessJudge

INSIDE = PaperMeasures(0.0, 0.0, margin=0.001)
OUTSIDE = PaperMeasures(0.5, 0.0, margin=-0.001)


def verdicts(history: list[bool]) -> list[bool]:
    """Judge a history of being inside, tick by tick."""
    judge = SuccessJudge()
    return [judge.judge(INSIDE if inside else OUTSIDE, flat=True) for inside in history]


def test_success_comes_with_the_fifth_tick_inside():
    """Not earlier, and it stays while the sheet does."""
    assert verdicts([True] * 7) == [False] * 4 + [True] * 3


def test_a_corner_on_the_edge_is_not_inside():
    """The margin must be positive."""
    judge = SuccessJudge()
    edge = PaperMeasures(0.0, 0.0, margin=0.0)
    assert not any(judge.judge(edge, flat=True) for _ in range(2 * HOLD_TICKS))


@given(st.lists(st.booleans(), max_size=30))
def test_only_consecutive_ticks_count(history: list[bool]):
    """The verdict is whether the last five ticks, all of them, were inside."""
    expected = [
        end >= HOLD_TICKS and all(history[end - HOLD_TICKS : end])
        for end in range(1, len(history) + 1)
    ]
    assert verdicts(history) == expected


def test_a_reset_forgets_the_ticks_before():
    """Four ticks of one episode and one of the next are no success."""
    judge = SuccessJudge()
    for _ in range(HOLD_TICKS - 1):
        judge.judge(INSIDE, flat=True)
    judge.reset()
    assert not judge.judge(INSIDE, flat=True)


def test_a_sheet_that_does_not_lie_flat_is_not_in_its_place() -> None:
    """Held over the frame for as long as one likes."""
    judge = SuccessJudge()
    assert not any(judge.judge(INSIDE, flat=False) for _ in range(20))
