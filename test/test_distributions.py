"""What one number of a scene may be, and that it comes out as often as it should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.randomization.distributions import (
    Choice,
    Distribution,
    Fixed,
    Hidden,
    Integer,
    LogUniform,
    Normal,
    Uniform,
)

SHARES = st.floats(0.0, 1.0, exclude_max=True)
NUMBERS = st.floats(-1e3, 1e3)
MANY = np.linspace(0.0, 1.0, 20_001)[:-1]


def _draw_many(distribution: Distribution) -> np.ndarray:
    return np.array([distribution.at(float(share)) for share in MANY])


@st.composite
def ranged(draw: st.DrawFn) -> Uniform | LogUniform | Normal | Integer:
    """Any distribution with two ends."""
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    kind = draw(st.sampled_from((Uniform, LogUniform, Normal, Integer)))
    if kind is Normal:
        return Normal(draw(st.floats(low, high)), draw(st.floats(1e-3, 1e3)), low, high)
    if kind is Integer:
        return Integer(int(low), int(high))
    return (
        LogUniform(abs(low) + 1e-3, abs(low) + abs(high) + 1e-3)
        if kind is LogUniform
        else (Uniform(low, high))
    )


@given(ranged(), SHARES, SHARES)
def test_draws_stay_between_the_ends_and_grow_with_their_share(
    distribution: Uniform | LogUniform | Normal | Integer, one: float, other: float
) -> None:
    """What makes a wider range stretch the draws and not shuffle them."""
    low, high = distribution.extremes
    less, more = distribution.at(min(one, other)), distribution.at(max(one, other))
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    assert low - slack <= less <= more + slack <= high + 2.0 * slack


def test_uniform_has_the_moments_of_a_box() -> None:
    """Mean in the middle, deviation a twelfth of the squared width."""
    drawn = _draw_many(Uniform(2.0, 5.0))
    assert np.mean(drawn) == pytest.approx(3.5, abs=1e-3)
    assert np.var(drawn) == pytest.approx(9.0 / 12.0, rel=1e-3)


def test_log_uniform_is_as_often_below_its_geometric_mean_as_above() -> None:
    """Half and double are as likely."""
    drawn = _draw_many(LogUniform(0.5, 2.0))
    assert np.median(drawn) == pytest.approx(1.0, rel=1e-3)
    assert np.mean((drawn > 0.5) & (drawn < np.sqrt(0.5))) == pytest.approx(0.25, abs=1e-3)


def test_normal_is_a_bell_curve_that_is_cut_off() -> None:
    """Moments of a curve that is cut where it does not matter, and of one cut in half."""
    drawn = _draw_many(Normal(1.0, 0.1, 0.5, 1.5))
    assert np.mean(drawn) == pytest.approx(1.0, abs=1e-4)
    assert np.std(drawn) == pytest.approx(0.1, rel=1e-2)
    half = _draw_many(Normal(1.0, 0.1, 1.0, 1.5))
    assert half.min() == pytest.approx(1.0, abs=1e-4)
    assert np.mean(half) == pytest.approx(1.0 + 0.1 * np.sqrt(2.0 / np.pi), rel=1e-3)


def test_every_option_and_every_integer_is_as_likely() -> None:
    """Also the last one; and one that is named twice is drawn twice as often."""
    for distribution in (Integer(-1, 2), Choice((-1, 0, 1, 2))):
        values, counts = np.unique(_draw_many(distribution), return_counts=True)
        assert values.tolist() == [-1, 0, 1, 2]
        assert counts / len(MANY) == pytest.approx(0.25, abs=1e-3)
    named_twice = Choice(("wood", "weave", "wood"))
    assert [named_twice.at(share) for share in (0.1, 0.4, 0.9)] == ["wood", "weave", "wood"]


@given(SHARES)
def test_what_is_not_left_to_chance_is_always_the_same(share: float) -> None:
    """Whatever the seed draws."""
    assert Hidden(0.1).at(share) == Fixed(0.1).at(share) == 0.1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda: Uniform(2.0, 1.0),
            r"uniform must be \[low, high\] with low <= high, got \[2, 1\]",
        ),
        (lambda: Uniform(0.0, np.inf), "uniform must be"),
        (lambda: LogUniform(0.0, 1.0), "log_uniform must begin above 0, got 0"),
        (lambda: Normal(0.0, 0.0, -1.0, 1.0), "deviation above 0 and finite, got 0"),
        (lambda: Normal(0.0, -1.0, -1.0, 1.0), "deviation above 0 and finite, got -1"),
        (lambda: Normal(2.0, 1.0, -1.0, 1.0), r"its mean within \[-1, 1\], got 2"),
        (lambda: Normal(0.0, 1.0, 1.0, -1.0), "within must be"),
        (lambda: Integer(3, 2), "integer must be"),
        (lambda: Choice(()), "at least one option"),
    ],
)
def test_impossible_distributions_are_refused(make: object, reason: str) -> None:
    """With what was given."""
    with pytest.raises(ConfigError, match=reason):
        make()  # type: ignore[operator]
