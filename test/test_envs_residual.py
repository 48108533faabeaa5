"""The residual corrects a base policy and never stands in for it."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q
from so101_ros.envs import RESIDUAL_ID, PaperReturnEnv, ResidualWrapper
from so101_ros.envs.images import ImageSettings
from so101_ros.errors import CommandError, ConfigError, PolicyUnavailable
from so101_ros.evaluation.rollout import Rollout
from so101_ros.observation import Observation
from so101_ros.policies.answer import PolicyFailure
from so101_ros.policies.base import Policy
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.trajectory import JointTrajectory


class Moody:
    """A base that answers with the home pose, at some ticks."""

    def __init__(self, silent: set[int]) -> None:
        """Prepare; ``silent`` are the ticks without an answer."""
        self.silent = silent
        self.seeds: list[int] = []
        self.tick = -1

    def reset(self, seed: int) -> None:
        """Remember the seed."""
        self.seeds.append(seed)
        self.tick = -1

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer, or not."""
        self.tick += 1
        if self.tick in self.silent:
            raise PolicyUnavailable("in a mood")
        return JointTrajectory(observation.stamp_ns, np.zeros(1), [HOME_Q + 0.1])  # type: ignore[arg-type]


class Broken(HoldPolicy):
    """A base that raises."""

    def act(self, observation: Observation) -> JointTrajectory:
        """Fail."""
        raise ZeroDivisionError("by zero")


def residual(policy: Policy, **arguments: Any) -> ResidualWrapper:
    """Put a base into the nominal environment."""
    return ResidualWrapper(PaperReturnEnv(LockStepWorld.build()), policy, **arguments)


def test_with_zero_action_the_base_does_what_it_does_alone() -> None:
    """The rollout of the base policy, bit for bit, and its success."""
    seed = 4
    expected = Rollout(PressAndDragPolicy()).run(seed)
    env = gymnasium.make(RESIDUAL_ID)
    env.reset(seed=seed)
    zero = np.zeros(6, dtype=np.float32)
    states, terminated = [], False
    while not terminated:
        state, _, terminated, truncated, info = env.step(zero)
        assert not truncated
        states.append(state)
    np.testing.assert_array_equal(np.array(states)[:, :6], expected.trace.q[1:].astype(np.float32))
    assert info["is_success"] and info["ticks"] == expected.result.ticks
    assert sum(info["reward_terms"].values()) == pytest.approx(expected.trace.rewards[-1].sum())


@settings(max_examples=20, deadline=None)
@given(
    action=st.lists(st.floats(-1.0, 1.0, width=32), min_size=6, max_size=6),
    alpha=st.floats(0.0, 1.0),
)
def test_the_total_is_the_sum_of_its_parts(action: list[float], alpha: float) -> None:
    """Base plus alpha times scale times action; the reward counts the action's size."""
    env = _HELD
    env.alpha = alpha
    env.reset(seed=0)
    share = np.array(action, dtype=np.float32)
    _, reward, *_, info = env.step(share)
    np.testing.assert_allclose(info["residual_action"], alpha * 0.02 * share.astype(float))
    np.testing.assert_array_equal(
        info["total_action"], info["base_action"] + info["residual_action"]
    )
    np.testing.assert_array_equal(info["base_action"], HOME_Q)
    size = -0.2 / 30.0 * np.mean(share.astype(float) ** 2)
    assert info["reward_terms"]["residual_size"] == pytest.approx(size)
    assert reward == pytest.approx(sum(info["reward_terms"].values()))


_HELD = residual(HoldPolicy())


def test_alpha_changes_between_steps() -> None:
    """A curriculum raises it while it trains; nonsense is refused and changes nothing."""
    env = residual(HoldPolicy(), alpha=0.0)
    env.reset(seed=0)
    ones = np.ones(6, dtype=np.float32)
    *_, before = env.step(ones)
    env.alpha = 0.5
    *_, after = env.step(ones)
    np.testing.assert_array_equal(before["residual_action"], np.zeros(6))
    np.testing.assert_allclose(after["residual_action"], 0.01)
    with pytest.raises(ConfigError, match=r"alpha must be in \[0, 1\], got nan"):
        env.alpha = float("nan")
    assert env.alpha == 0.5


def test_a_silent_base_is_held_and_told() -> None:
    """The last total target stays, without a correction, and never becomes zeros."""
    env = residual(Moody({0, 3, 4}))
    env.reset(seed=0)
    ones = np.ones(6, dtype=np.float32)
    infos = [env.step(ones)[4] for _ in range(6)]
    assert [info["base_available"] for info in infos] == [False, True, True, False, False, True]
    assert [info["base_reason"] for info in infos] == ["in a mood", "", "", *2 * ["in a mood"], ""]
    np.testing.assert_array_equal(infos[0]["total_action"], HOME_Q)
    for held in infos[3:5]:
        np.testing.assert_array_equal(held["total_action"], infos[2]["total_action"])
        np.testing.assert_array_equal(held["residual_action"], np.zeros(6))
        assert held["reward_terms"]["residual_size"] == 0.0
    np.testing.assert_allclose(infos[5]["total_action"], HOME_Q + 0.12)


def test_the_base_begins_with_the_episodes_seed() -> None:
    """Also with a seed that was drawn."""
    policy = Moody(set())
    env = residual(policy)
    env.reset(seed=3)
    _, info = env.reset()
    assert policy.seeds == [3, info["seed"]]


def test_reset_tells_all_that_a_step_tells() -> None:
    """The same keys, all finite: a logger needs no special case."""
    env = residual(HoldPolicy())
    _, at_reset = env.reset(seed=0)
    *_, after = env.step(np.zeros(6))
    assert set(at_reset) == set(after)
    assert set(at_reset["reward_terms"]) == set(after["reward_terms"])
    np.testing.assert_array_equal(at_reset["total_action"], HOME_Q)


def test_a_base_that_fails_is_told_and_nothing_moves() -> None:
    """A broken base must not look like a weak one."""
    env = residual(Broken())
    env.reset(seed=0)
    before = env.unwrapped.world.simulator.backend.state  # type: ignore[attr-defined]
    with pytest.raises(PolicyFailure, match="ZeroDivisionError: by zero"):
        env.step(np.zeros(6))
    np.testing.assert_array_equal(env.unwrapped.world.simulator.backend.state, before)  # type: ignore[attr-defined]


@pytest.mark.parametrize("action", [np.full(6, np.nan), np.full(6, 1.01), np.zeros(7)])
def test_an_action_outside_its_range_is_refused(action: np.ndarray) -> None:
    """Radians given for shares would be taken for large corrections."""
    _HELD.reset(seed=0)
    with pytest.raises(CommandError, match=r"6 numbers in \[-1, 1\], got array"):
        _HELD.step(action)


def test_the_learner_sees_the_state_alone() -> None:
    """Images are for the base; the residual stays small."""
    images = ImageSettings(("top",), (32, 32))
    env = ResidualWrapper(PaperReturnEnv(LockStepWorld.build(), images=images), HoldPolicy())
    observed, _ = env.reset(seed=0)
    stepped, *_ = env.step(np.zeros(6))
    assert env.observation_space.contains(observed)
    assert stepped.shape == (25,)
    env.close()


def test_another_environment_cannot_be_corrected() -> None:
    """The base needs the typed observation of paper return."""
    with pytest.raises(ConfigError, match="a residual needs a PaperReturnEnv within"):
        ResidualWrapper(gymnasium.make("CartPole-v1"), HoldPolicy())
