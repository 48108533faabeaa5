"""The interval around a success rate."""

from math import sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.evaluation.wilson import wilson_interval


@settings(deadline=None)  # the first example imports SciPy
@given(trials=st.integers(1, 5000), data=st.data())
def test_solves_wilsons_equation(trials: int, data: st.DataObject) -> None:
    """At both ends the rate is 1.96 standard errors away, those of the end itself."""
    successes = data.draw(st.integers(0, trials))
    rate, z = successes / trials, NormalDist().inv_cdf(0.975)
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    width = z / (1 + z**2 / trials) * sqrt(rate * (1 - rate) / trials + (z / trials / 2) ** 2)
    expected = (middle - width, middle + width)
    assert wilson_interval(successes, trials) == pytest.approx(expected, abs=1e-9)


@given(trials=st.integers(1, 5000), data=st.data())
def test_holds_the_rate_and_stays_a_probability(trials: int, data: st.DataObject) -> None:
    """The observed rate is inside, and the ends are probabilities."""
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0.0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1.0
    assert low < high
    below, above = wilson_interval(successes, trials).reach(successes / trials)
    assert min(below, above) >= 0.0
    assert below + above == pytest.approx(high - low, abs=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_refuses_what_is_no_experiment(successes: int, trials: int) -> None:
    """The error quotes the counts."""
    with pytest.raises(ValueError, match=f"{successes} successes of {trials} trials"):
        wilson_interval(successes, trials)
