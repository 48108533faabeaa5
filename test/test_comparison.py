"""Two policies on the same seeds."""

import json

import pytest
from episode_results import make_result, make_results
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.evaluation.comparison import compare, mcnemar_p_value
from so101_ros.evaluation.episode import Ending, EpisodeResult

counts = st.integers(0, 300)


def _results(policy: str, successes: str) -> list[EpisodeResult]:
    """One episode per letter: ``s`` succeeded, ``f`` failed, ``e`` ended in a policy error."""
    endings = {"s": Ending.SUCCESS, "f": Ending.TIME_LIMIT, "e": Ending.POLICY_ERROR}
    return [make_result(seed, endings[each], policy) for seed, each in enumerate(successes)]


@pytest.mark.parametrize(
    ("only_first", "only_second", "expected"),
    [
        (5, 0, 0.0625),  # 2 / 2^5
        (4, 1, 0.375),  # 2 (1 + 5) / 2^5
        (1, 8, 0.0390625),  # 2 (1 + 9) / 2^9
        (6, 6, 1.0),
        (0, 0, 1.0),
        (97, 0, 2.0**-96),
    ],
)
def test_mcnemar_by_hand(only_first: int, only_second: int, expected: float) -> None:
    """Few pairs can be counted out: twice the tail of fair coin tosses."""
    assert mcnemar_p_value(only_first, only_second) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_a_textbook() -> None:
    """Agresti's approval of the prime minister: 150 changed to disapproval, 86 to approval."""
    assert mcnemar_p_value(150, 86) == pytest.approx(3.716e-5, rel=1e-3)


@settings(deadline=None)  # the first example imports SciPy
@given(only_first=counts, only_second=counts)
def test_mcnemar_is_a_symmetric_probability(only_first: int, only_second: int) -> None:
    """Which policy is called the first is of no consequence."""
    p_value = mcnemar_p_value(only_first, only_second)
    assert 0.0 < p_value <= 1.0
    assert p_value == pytest.approx(mcnemar_p_value(only_second, only_first), rel=1e-9)


@settings(deadline=None)
@given(only_first=st.integers(1, 200), only_second=st.integers(0, 200))
def test_a_more_uneven_split_is_less_likely(only_first: int, only_second: int) -> None:
    """Moving a pair from the smaller to the larger side never raises the p-value."""
    small, large = sorted((only_first, only_second))
    if small:
        uneven = mcnemar_p_value(large + 1, small - 1)
        assert uneven <= mcnemar_p_value(large, small) * (1.0 + 1e-9)


def test_episodes_are_paired_by_seed_and_not_by_order() -> None:
    """The four counts, the difference and the test, with one side shuffled."""
    first, second = _results("ik", "sssssffs"), _results("zero", "sfffffse")
    comparison = compare(first, list(reversed(second)))
    counted = (comparison.both, comparison.only_first, comparison.only_second, comparison.neither)
    assert counted == (1, 5, 1, 1)
    assert (comparison.first, comparison.second, comparison.trials) == ("ik", "zero", 8)
    assert comparison.difference == pytest.approx(50.0)
    assert comparison.p_value == pytest.approx(2 * (1 + 6) / 2**6)
    assert comparison.errors == 1


def test_the_difference_is_that_of_the_rates() -> None:
    """Swapping the sides swaps the sign."""
    first, second = make_results(97, 3), make_results(20, 80, policy="zero")
    assert compare(first, second).difference == pytest.approx(77.0)
    assert compare(second, first).difference == pytest.approx(-77.0)


def test_plain_data_is_json() -> None:
    """Names carry units, and nothing but plain types is in it."""
    data = compare(_results("ik", "ssf"), _results("zero", "fff")).to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["difference_percent_points"] == pytest.approx(200.0 / 3.0)
    assert data["trials"] == 3


def test_other_seeds_are_refused() -> None:
    """An unpaired test of unpaired episodes would be another test."""
    first = make_results(3)
    with pytest.raises(ConfigError, match=r"1 of them have no partner, such as \[2\]"):
        compare(first, make_results(2, policy="zero"))
    with pytest.raises(ConfigError, match=r"2 of them have no partner, such as \[2, 9\]"):
        compare(first, [*make_results(2), make_result(seed=9)])


def test_a_seed_counts_once() -> None:
    """Repeated episodes would make the test too sure."""
    twice = [make_result(0), make_result(0)]
    with pytest.raises(ConfigError, match="2 episodes of 'ik' have only 1 different seeds"):
        compare(twice, make_results(1))
    with pytest.raises(ConfigError, match="at least one episode"):
        compare([], [])
