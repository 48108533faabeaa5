"""The verdict on a base policy rests on an interval."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.evaluation.verdict import ACCEPT_FROM, LEAST_EPISODES, REJECT_BELOW, Decision, judge


@pytest.mark.parametrize(
    ("successes", "trials", "decision"),
    [
        (0, 10, Decision.UNDECIDED),
        (0, 72, Decision.UNDECIDED),  # up to 5.07 %
        (0, 73, Decision.REJECT),  # up to 4.999 %
        (97, 100, Decision.ACCEPT),
        (15, 100, Decision.UNDECIDED),
        (100, 1000, Decision.MARGINAL),
        (50, 1000, Decision.UNDECIDED),
        (200, 1000, Decision.UNDECIDED),
        (1, 1, Decision.UNDECIDED),  # 20.7 to 100 %, but of one episode
        (19, 19, Decision.UNDECIDED),
        (20, 20, Decision.ACCEPT),
        (0, 1, Decision.UNDECIDED),
    ],
)
def test_decides_on_the_interval(successes: int, trials: int, decision: Decision) -> None:
    """The observed rate alone decides nothing."""
    assert judge(successes, trials).decision is decision


@settings(deadline=None)  # the first example imports SciPy
@given(trials=st.integers(LEAST_EPISODES, 5000), data=st.data())
def test_a_decision_holds_over_the_whole_interval(trials: int, data: st.DataObject) -> None:
    """No threshold lies inside the interval of a decided verdict; one does if it is undecided."""
    verdict = judge(data.draw(st.integers(0, trials)), trials)
    low, high = verdict.interval
    spanned = [each for each in (REJECT_BELOW, ACCEPT_FROM) if low < each <= high]
    assert (verdict.decision is Decision.UNDECIDED) == bool(spanned)
    assert (verdict.decision is Decision.REJECT) == (high < REJECT_BELOW)
    assert (verdict.decision is Decision.ACCEPT) == (low >= ACCEPT_FROM)


@settings(deadline=None)
@given(trials=st.integers(1, 2000), data=st.data())
def test_more_episodes_do_decide(trials: int, data: st.DataObject) -> None:
    """With so many more at the same rate it is decided; on a threshold no number is named."""
    successes = data.draw(st.integers(0, trials))
    verdict = judge(successes, trials)
    if verdict.decision is not Decision.UNDECIDED:
        assert verdict.more_episodes is None
    elif verdict.more_episodes is None:
        assert successes / trials in (REJECT_BELOW, ACCEPT_FROM)
    else:
        assert verdict.more_episodes >= 1
        total = trials + verdict.more_episodes
        assert judge(round(successes / trials * total), total).decision is not Decision.UNDECIDED


@pytest.mark.parametrize("successes", [45, 60, 190, 220])
def test_the_advice_is_not_wasteful(successes: int) -> None:
    """A fifth fewer episodes would not decide."""
    more = judge(successes, 1000).more_episodes
    assert more is not None
    total = 1000 + int(0.8 * more)
    assert judge(round(successes / 1000 * total), total).decision is Decision.UNDECIDED


def test_at_a_threshold_nothing_helps() -> None:
    """The interval shrinks around the threshold for ever."""
    for successes, trials in ((5, 100), (20, 100), (1, 5)):
        verdict = judge(successes, trials)
        assert verdict.more_episodes is None
        assert verdict.text.endswith("no number of episodes would decide at exactly this rate")


@pytest.mark.parametrize(
    ("successes", "trials", "text"),
    [
        (97, 100, "accept: 91.5 to 99.0 % is at least 20 %"),
        (0, 100, "reject: 0.0 to 3.7 % is under 5 %"),
        (100, 1000, "marginal: 8.3 to 12.0 % lies between 5 % and 20 %"),
        (0, 10, "undecided: 0.0 to 27.8 % spans 5 % and 20 %; run about 63 more episodes"),
        (15, 100, "undecided: 9.3 to 23.3 % spans 20 %; run about 150 more episodes"),
        (5, 100, "undecided: 2.2 to 11.2 % spans 5 %; no number of episodes would decide"),
    ],
)
def test_the_text_says_it_all(successes: int, trials: int, text: str) -> None:
    """Interval, thresholds and what to do."""
    assert judge(successes, trials).text.startswith(text)


def test_a_broken_policy_gets_no_verdict() -> None:
    """A single policy error makes the rate meaningless, however high or low it is."""
    for successes in (0, 97):
        verdict = judge(successes, 100, errors=3)
        assert verdict.decision is Decision.INVALID
        assert verdict.text == "no verdict: 3 of 100 episodes ended in a policy error"
        assert verdict.more_episodes is None


def test_plain_data_is_json() -> None:
    """The decision is written as a word."""
    data = judge(0, 10).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["decision"] == "undecided"
    assert data["more_episodes"] == 63


@pytest.mark.parametrize("errors", [-1, 4])
def test_refuses_impossible_counts(errors: int) -> None:
    """Errors are failures: there cannot be more of them."""
    with pytest.raises(ValueError, match=f"{errors} errors and 0 unstable .* 7 successes of 10"):
        judge(7, 10, errors)
