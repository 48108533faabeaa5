"""The harness refuses to judge when it cannot tell success from failure."""

import pytest
from episode_results import make_result, make_results

from so101_ros.errors import EvaluationError
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.proof import check_proof


def test_a_harness_that_says_yes_and_no_is_trusted() -> None:
    """Oracle always, nobody never."""
    check_proof(make_results(successes=5), make_results(successes=0, failures=5))


def test_one_failure_of_the_oracle_is_enough() -> None:
    """As with the frame that nothing could be in: the reason and the seed are told."""
    oracle = [make_result(0), make_result(1, Ending.TIME_LIMIT, message="time limit")]
    with pytest.raises(EvaluationError, match=r"failed in 1 of 2 episodes \(seed 1: time limit\)"):
        check_proof(oracle, make_results(successes=0, failures=2))


def test_one_success_of_nobody_is_enough() -> None:
    """As with a sheet that lies in its frame at the start."""
    with pytest.raises(EvaluationError, match=r"doing nothing succeeded in 1 of 3 .*seed 0"):
        check_proof(make_results(successes=3), make_results(successes=1, failures=2))


def test_nobody_must_fail_by_the_time_limit() -> None:
    """An error is no failure."""
    with pytest.raises(EvaluationError, match="did not reach the time limit in 1 of 2"):
        check_proof(make_results(successes=2), make_results(successes=0, failures=1, errors=1))
