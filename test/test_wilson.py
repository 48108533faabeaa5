"""The interval around a success rate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.evaluation.wilson import wilson_interval


@settings(deadline=None)  # the first example imports SciPy
@given(trials=st.integers(1, 5000), data=st.data())
def test_agrees_with_scipy(trials: int, data: st.DataObject) -> None:
    """SciPy's interval is the witness."""
    stats = pytest.importorskip("scipy.stats")
    successes = data.draw(st.integers(0, trials))
    theirs = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-7)


@given(trials=st.integers(1, 5000), data=st.data())
def test_holds_the_rate_and_stays_a_probability(trials: int, data: st.DataObject) -> None:
    """The observed rate is inside, and the ends are probabilities."""
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0.0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1.0
    assert low < high


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_refuses_what_is_no_experiment(successes: int, trials: int) -> None:
    """The error quotes the counts."""
    with pytest.raises(ValueError, match=f"{successes} successes of {trials} trials"):
        wilson_interval(successes, trials)
