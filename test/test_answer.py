"""A policy's answer, its silence and its failure are told apart, whatever it does."""

import asyncio

import numpy as np
import pytest

from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import JointState, Observation
from so101_ros.policies.answer import PolicyFailure, ask, begin
from so101_ros.trajectory import JointTrajectory

_OBSERVATION = Observation(JointState(0, np.zeros(6), np.zeros(6)), None)


class _Raises:
    """Raises in every call."""

    def __init__(self, err: BaseException) -> None:
        self._err = err

    def reset(self, seed: int) -> None:
        raise self._err

    def act(self, observation: Observation) -> JointTrajectory:
        raise self._err


@pytest.mark.parametrize(
    "err", [RuntimeError(), SystemExit(0), GeneratorExit(), asyncio.CancelledError()]
)
def test_whatever_a_policy_raises_is_its_failure(err: BaseException) -> None:
    """Also what would end the program, with exit code 0 and nothing said."""
    with pytest.raises(PolicyFailure, match=f"reset: {type(err).__name__}"):
        begin(_Raises(err), 0)
    with pytest.raises(PolicyFailure, match=type(err).__name__) as caught:
        ask(_Raises(err), _OBSERVATION)
    assert caught.value.__cause__ is err


def test_the_user_may_interrupt_a_policy() -> None:
    """Ctrl-C is no failure of the policy's."""
    with pytest.raises(KeyboardInterrupt):
        begin(_Raises(KeyboardInterrupt()), 0)
    with pytest.raises(KeyboardInterrupt):
        ask(_Raises(KeyboardInterrupt()), _OBSERVATION)


def test_no_answer_always_has_a_reason() -> None:
    """A line, also where the policy gives none or a whole page."""
    assert ask(_Raises(PolicyUnavailable("two\nlines")), _OBSERVATION).reason == "two lines"
    assert ask(_Raises(PolicyUnavailable()), _OBSERVATION).reason == "it gives no reason"
    page = ask(_Raises(PolicyUnavailable("x" * 10_000)), _OBSERVATION)
    assert page.action is None and len(page.reason) <= 500
