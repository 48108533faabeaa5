"""The environments keep Gymnasium's contract, and run the episodes of the evaluation."""

import json
import subprocess
import sys
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.envs import IMAGE_ID, RESIDUAL_ID, STATE_ID, PaperReturnEnv, register_environments
from so101_ros.envs.images import ImageSettings
from so101_ros.errors import CommandError, ConfigError, So101Error
from so101_ros.evaluation.rollout import Rollout
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.rates import Rates
from so101_ros.simulation.cameras import CameraModel
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.reward import REWARD_TERMS, RewardWeights
from so101_ros.task.starts import PaperStarts
from so101_ros.task.state_vector import STATE_PARTS

# Nothing bounds a joint velocity, and joint targets in radians are not symmetric.
EXPECTED_WARNINGS = (
    "A Box observation space minimum value is -infinity",
    "A Box observation space maximum value is infinity",
    "For Box action spaces, we recommend using a symmetric and normalized space",
    "is different from the unwrapped version",  # the residual is a wrapper
)


def make(name: str = STATE_ID, **arguments: Any) -> gymnasium.Env:
    """Build a registered environment."""
    return gymnasium.make(name, **arguments)


def bare(**arguments: Any) -> PaperReturnEnv:
    """Build the state environment without Gymnasium's checking wrappers."""
    env = make(STATE_ID, **arguments).unwrapped
    assert isinstance(env, PaperReturnEnv)
    return env


@pytest.fixture(scope="module")
def shared() -> PaperReturnEnv:
    """One environment for many episodes."""
    return bare()


def fingerprint(env: gymnasium.Env, seed: int, ticks: int = 25) -> str:
    """Every number of the begin of an episode under random actions, as text."""
    rng = np.random.default_rng(seed)
    observed, info = env.reset(seed=seed)
    rows = [observed.tolist()]
    for _ in range(ticks):
        low, high = env.action_space.low, env.action_space.high  # type: ignore[attr-defined]
        observed, reward, *_, info = env.step(rng.uniform(low, high).astype(low.dtype))
        rows.append([*observed.tolist(), reward, *info["command"].tolist()])
    return json.dumps(rows)


@pytest.mark.parametrize("name", [STATE_ID, IMAGE_ID, RESIDUAL_ID])
def test_passes_the_environment_checker(name: str) -> None:
    """Gymnasium finds nothing but what cannot be otherwise."""
    env = make(name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env if name == RESIDUAL_ID else env.unwrapped)
    env.close()
    messages = [str(each.message) for each in caught]
    unexpected = [each for each in messages if not any(ok in each for ok in EXPECTED_WARNINGS)]
    assert unexpected == []


def test_registration_is_idempotent() -> None:
    """Importing the package twice, or registering again, is no error and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        register_environments()
    assert {STATE_ID, IMAGE_ID, RESIDUAL_ID} <= set(gymnasium.registry)


def test_one_name_imports_and_makes() -> None:
    """A program that knows the id alone gets the environment, in a fresh interpreter."""
    code = f"import gymnasium; gymnasium.make('so101_ros.envs:{STATE_ID}').reset(seed=1)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("seed", [0, 7])
def test_an_ik_policy_solves_the_same_episode_as_in_the_evaluation(seed: int) -> None:
    """Sampled at the ends of the ticks, the policy's answers give its rollout, bit for bit."""
    expected = Rollout(PressAndDragPolicy()).run(seed)
    env, policy = bare(), PressAndDragPolicy()
    _, info = env.reset(seed=seed)
    policy.reset(info["seed"])
    terminated = truncated = False
    q, commands, rewards = [], [], []
    while not (terminated or truncated):
        answer = policy.act(env.world.observation)
        _, reward, terminated, truncated, info = env.step(answer.rows[1])
        q.append(env.world.observation.joints.q)
        commands.append(info["command"])
        rewards.append(reward)
    assert info["is_success"] and terminated and not truncated
    np.testing.assert_array_equal(q, expected.trace.q[1:])
    np.testing.assert_array_equal(commands, expected.trace.commands)
    assert sum(rewards) == pytest.approx(expected.result.episode_return)
    assert info["margin"] == expected.result.final.margin


def test_same_seed_same_rollout_after_other_episodes() -> None:
    """What ran before leaves no trace."""
    fresh, used = bare(), bare()
    fingerprint(used, 3, ticks=60)
    assert fingerprint(fresh, 11) == fingerprint(used, 11)
    assert fingerprint(fresh, 12) != fingerprint(used, 11)


def test_same_seed_same_rollout_in_another_process() -> None:
    """An episode is a function of its seed alone."""
    code = f"import test_envs; print(test_envs.fingerprint(test_envs.make({STATE_ID!r}), 21))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=__file__.rpartition("/")[0],
    )
    assert result.stdout.strip() == fingerprint(make(STATE_ID), 21)


def test_the_drawn_seed_begins_the_same_episode_again(shared: PaperReturnEnv) -> None:
    """``info["seed"]`` is all that is needed to see an episode again."""
    shared.reset(seed=5)
    drawn, info = shared.reset()
    other, other_info = shared.reset()
    again, _ = shared.reset(seed=info["seed"])
    np.testing.assert_array_equal(drawn, again)
    assert info["seed"] != other_info["seed"]
    assert isinstance(drawn, np.ndarray) and isinstance(other, np.ndarray)
    assert not np.array_equal(drawn, other)


def test_drawn_seeds_follow_from_the_first() -> None:
    """A whole training run is a function of one seed."""
    runs = []
    for _ in range(2):
        env = bare()
        env.reset(seed=9)
        runs.append([env.reset()[1]["seed"] for _ in range(4)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 4


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), corner=st.floats(0.0, 1.0))
def test_whatever_the_action_everything_is_finite_and_in_range(
    shared: PaperReturnEnv, seed: int, corner: float
) -> None:
    """Random targets, many of them at the very limits, every tick or held for a while."""
    rng = np.random.default_rng(seed)
    space = shared.action_space
    assert isinstance(space, gymnasium.spaces.Box)
    ranges = {term.name: (term.low, term.high) for term in REWARD_TERMS}
    shared.reset(seed=seed)
    action = space.low
    for _ in range(80):
        if rng.random() < 0.3:
            extreme = np.where(rng.random(6) < 0.5, space.low, space.high)
            action = extreme if rng.random() < corner else rng.uniform(space.low, space.high)
        observed, reward, terminated, _, info = shared.step(action)
        assert shared.observation_space.contains(observed)
        assert isinstance(observed, np.ndarray) and np.isfinite(observed).all()
        assert reward == pytest.approx(sum(info["reward_terms"].values()))
        for name, value in info["reward_terms"].items():
            assert ranges[name][0] <= value <= ranges[name][1], name
        numbers = (info[name] for name in ("distance_to_goal", "yaw_error", "margin"))
        assert all(np.isfinite([*numbers, *info["command"]]))
        if terminated:
            break


def test_the_state_is_what_its_parts_say(shared: PaperReturnEnv) -> None:
    """Slices of the observation are the measured quantities."""
    shared.reset(seed=2)
    observed, *_ = shared.step(shared.world.observation.joints.q + 0.1)
    backend = shared.world.simulator.backend
    expected = {
        "joint_position": backend.joint_state.q,
        "joint_velocity": backend.joint_state.dq,
        "paper_position": backend.paper.position,
        "paper_quaternion": backend.paper.quaternion,
        "tool_position": backend.tool_position,
    }
    assert isinstance(observed, np.ndarray)
    for name, values in expected.items():
        np.testing.assert_array_equal(observed[STATE_PARTS[name]], values.astype(np.float32))
    goal = observed[STATE_PARTS["paper_position"]] + observed[STATE_PARTS["goal_vector"]]
    np.testing.assert_allclose(goal, [0.275, 0.175, 0.0], atol=1e-7)


@pytest.mark.parametrize(
    "action",
    [np.full(6, np.nan), np.array([0, 0, 0, 0, np.inf, 0]), np.zeros(5), np.zeros((1, 6))],
    ids=["nan", "infinite", "five", "two-dimensional"],
)
def test_a_bad_action_is_refused_and_nothing_moves(
    shared: PaperReturnEnv, action: np.ndarray
) -> None:
    """The message shows what was given; the episode can go on."""
    shared.reset(seed=1)
    before = shared.world.simulator.backend.state
    with pytest.raises(CommandError, match="6 finite joint targets in rad, got array"):
        shared.step(action)
    np.testing.assert_array_equal(shared.world.simulator.backend.state, before)
    shared.step(shared.world.observation.joints.q)


def test_an_action_beyond_the_limits_is_moved_into_them_and_told(shared: PaperReturnEnv) -> None:
    """The arm goes as far as it may, no further and not faster; the info says so."""
    shared.reset(seed=1)
    info: dict[str, Any] = {}
    for _ in range(60):
        *_, info = shared.step(np.array([100.0, 0.0, 0.0, 1.0, 0.0, 0.3]))
    arm = shared.world.simulator.backend.arm
    assert info["clipped"]
    assert arm.upper[0] - 0.02 < info["command"][0] < arm.upper[0]
    *_, info = shared.step(info["command"])
    assert not info["clipped"]


def test_a_step_needs_an_episode() -> None:
    """Nobody steps what has not begun."""
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"call reset\(\) first"):
        bare().step(np.zeros(6))


def test_time_is_up_at_the_tasks_limit() -> None:
    """The limit truncates; it is no failure of the state."""
    env = bare(scene=SceneConfig(rates=Rates(episode_ticks=7)))
    env.reset(seed=0)
    flags = [env.step(np.zeros(6))[2:4] for _ in range(7)]
    assert flags == [(False, False)] * 6 + [(False, True)]


def test_weights_and_starts_reach_the_world() -> None:
    """Keyword arguments of ``make`` change what they name."""
    weights = RewardWeights(distance=0.0, yaw=0.0, stalling=0.0)
    env = bare(reward_weights=weights, starts=PaperStarts((0.3, 0.3), (0.05, 0.05), (0.1, 0.1)))
    env.reset(seed=0)
    assert env.world.observation.paper is not None
    planar = env.world.observation.paper.planar
    assert (planar.x, planar.y, planar.yaw) == pytest.approx((0.3, 0.05, 0.1))
    *_, info = env.step(env.world.observation.joints.q)
    terms = info["reward_terms"]
    assert terms["distance"] == terms["yaw"] == 0.0 != terms["reach"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (IMAGE_ID, {"cameras": ("side",)}, r"unknown camera 'side'; the scene has \['top', 'wris"),
        (IMAGE_ID, {"cameras": ()}, "at least one camera"),
        (IMAGE_ID, {"cameras": ("top", "top")}, "each once"),
        (IMAGE_ID, {"image_size": (0, 224)}, "at least 1 x 1 pixels, got 0 x 224"),
        (IMAGE_ID, {"image_size": (4000, 224)}, "exceeds the model's offscreen buffer"),
        (IMAGE_ID, {"image_size": (224.0, 224)}, "whole px"),
        (STATE_ID, {"render_camera": "moon"}, "unknown camera 'moon'"),
        (RESIDUAL_ID, {"base_policy": "magic"}, "policy 'magic' is unknown. Allowed: ik"),
        (RESIDUAL_ID, {"alpha": 2.0}, r"alpha must be in \[0, 1\], got 2.0"),
        (RESIDUAL_ID, {"scale": 0.0}, "scale must be above 0 rad"),
        (RESIDUAL_ID, {"scale": float("nan")}, "scale must be above 0 rad"),
    ],
)
def test_bad_arguments_are_one_line(name: str, arguments: dict[str, Any], message: str) -> None:
    """What was given, and what is allowed."""
    with pytest.raises(ConfigError, match=message) as caught:
        make(name, **arguments)
    assert isinstance(caught.value, So101Error)
    assert "\n" not in str(caught.value)


def test_one_camera_is_the_image_several_are_named() -> None:
    """Keys, shapes and order follow from the arguments; height comes first in an array."""
    assert ImageSettings(("wrist",)).keys == {"image": "wrist"}
    env = make(IMAGE_ID, cameras=["top", "wrist"], image_size=[64, 48])
    observed, _ = env.reset(seed=0)
    assert set(observed) == {"state", "image_top", "image_wrist"}
    assert observed["image_top"].shape == observed["image_wrist"].shape == (48, 64, 3)
    assert not np.array_equal(observed["image_top"], observed["image_wrist"])
    env.close()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_image_shows_the_sheet_where_the_state_says(seed: int) -> None:
    """White pixels surround the projection of the sheet's centre, and move with it."""
    env = make(IMAGE_ID, starts=PaperStarts((0.28, 0.32), (0.06, 0.10), (-0.3, 0.3)))
    observed, _ = env.reset(seed=seed)
    inner = env.unwrapped
    assert isinstance(inner, PaperReturnEnv)
    backend = inner.world.simulator.backend
    camera = CameraModel.from_mujoco(backend.model, backend.data, "top", 224, 224)
    expected = camera.project(observed["state"][STATE_PARTS["paper_position"]])
    white = observed["image"].min(axis=2) > 150  # neither table, tape nor arm
    rows, columns = np.nonzero(white)
    assert len(rows) > 1000
    np.testing.assert_allclose([columns.mean(), rows.mean()], expected, atol=6.0)
    env.close()


def test_render_shows_the_view_that_was_chosen() -> None:
    """Camera and size of ``render`` are independent of the observation."""
    env = make(STATE_ID, render_mode="rgb_array", render_camera="wrist", render_size=(96, 64))
    env.reset(seed=0)
    picture = env.render()
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (64, 96, 3) and picture.dtype == np.uint8
    assert picture.std() > 5.0
    assert env.metadata["render_fps"] == 30
    env.close()


def test_a_closed_environment_may_be_closed_again_and_used() -> None:
    """Closing frees the GL context; the next picture opens another."""
    env = make(IMAGE_ID, image_size=(32, 32)).unwrapped
    first, _ = env.reset(seed=0)
    env.close()
    env.close()
    second, _ = env.reset(seed=0)
    np.testing.assert_array_equal(first["image"], second["image"])
    env.close()


def test_the_state_environment_opens_no_gl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants numbers needs no renderer."""
    monkeypatch.setattr("so101_ros.simulation.scene_cameras.CameraRenderer", pytest.fail)
    env = bare()
    env.reset(seed=0)
    env.step(np.zeros(6))


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_vectors_give_the_same_rollouts(context: str) -> None:
    """In this process, in forked and in spawned ones: the same numbers."""
    sync = gymnasium.make_vec(STATE_ID, num_envs=2, vectorization_mode="sync")
    apart = gymnasium.make_vec(
        f"so101_ros.envs:{STATE_ID}",
        num_envs=2,
        vectorization_mode="async",
        vector_kwargs={"context": context},
    )
    try:
        rng = np.random.default_rng(0)
        seeds: Any = [4, 5]
        both = [envs.reset(seed=seeds)[0] for envs in (sync, apart)]
        np.testing.assert_array_equal(*both)
        for _ in range(10):
            actions = rng.uniform(sync.action_space.low, sync.action_space.high)  # type: ignore[attr-defined]
            one, other = sync.step(actions), apart.step(actions)
            for mine, theirs in zip(one[:4], other[:4], strict=True):
                np.testing.assert_array_equal(mine, theirs)
            np.testing.assert_array_equal(one[4]["command"], other[4]["command"])
    finally:
        sync.close()
        apart.close()


def test_an_image_after_a_fork_is_refused_and_does_not_hang() -> None:
    """GL in the child of a process that has rendered waits for ever; the error says what to do."""
    script = f"""
import os
import gymnasium, so101_ros.envs
from so101_ros.errors import RenderError
env = gymnasium.make({IMAGE_ID!r})
env.reset(seed=0)
if os.fork() == 0:
    for child in (env, gymnasium.make({IMAGE_ID!r})):
        try:
            child.reset(seed=0)
        except RenderError as err:
            print(err, flush=True)
    os._exit(0)
os.wait()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("Start it with 'spawn'") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"scene": 3},
        {"reward_weights": {"reach": 1.0}},
        {"starts": 3},
        {"render_size": 10},
    ],
)
def test_arguments_of_another_type_are_refused(arguments: dict) -> None:
    """In one line that says what is wanted."""
    with pytest.raises(ConfigError, match=r"give one, or None|give a name or file|width, height"):
        make(STATE_ID, **arguments)
