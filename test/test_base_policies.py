"""The policies that need no skill: hold, random, oracle and replay; and how one is asked for."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import ArmSpec
from so101_ros.errors import ConfigError, PolicyUnavailable
from so101_ros.evaluation.rollout import Rollout
from so101_ros.observation import JointState, Observation
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.names import POLICIES
from so101_ros.policies.oracle import STEP, TURN, OraclePolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.policies.random_targets import WAY_TICKS, RandomPolicy
from so101_ros.policies.registry import PolicyContext, check_policy, make_policy
from so101_ros.policies.replay import ReplayPolicy, trace_path
from so101_ros.pose import PlanarPose, Pose, wrap_to_half_pi, yaw_to_quaternion
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.scene import build_arm_spec
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.task.measures import measure

CONFIG = SceneConfig()
ARM = ArmSpec.from_model(build_arm_spec(CONFIG).compile())


@pytest.fixture(scope="module")
def world() -> LockStepWorld:
    """One compiled scene for all."""
    return LockStepWorld.build(SceneTier(nominal=CONFIG))


@pytest.fixture(scope="module")
def context(world: LockStepWorld) -> PolicyContext:
    """What policies are made of in that scene."""
    backend = world.simulator.backend
    return PolicyContext(CONFIG, backend.arm, backend.place_paper)


def _observe(q: np.ndarray, paper: PlanarPose | None = None, stamp_ns: int = 0) -> Observation:
    pose = paper and Pose(np.array([paper.x, paper.y, 0.0]), yaw_to_quaternion(paper.yaw))
    return Observation(JointState(stamp_ns, q, np.zeros(6)), pose)


def test_hold_wants_the_first_pose_of_the_episode() -> None:
    """Also when the arm is pushed away; a reset forgets it."""
    policy = HoldPolicy()
    policy.reset(0)
    first = policy.act(_observe(np.full(6, 0.1)))
    pushed = policy.act(_observe(np.full(6, 0.3), stamp_ns=5))
    np.testing.assert_array_equal(first.rows, pushed.rows)
    assert pushed.stamp_ns == 5
    policy.reset(0)
    np.testing.assert_array_equal(policy.act(_observe(np.full(6, 0.3))).rows[0], np.full(6, 0.3))


@given(st.integers(0, 2**31))
def test_random_targets_stay_inside_the_limits_and_go_on(seed: int) -> None:
    """Each answer begins where the last one ended; the same seed gives the same motion."""
    first, second = RandomPolicy(ARM), RandomPolicy(ARM)
    first.reset(seed)
    second.reset(seed)
    end = np.zeros(6)
    for _ in range(70):
        action = first.act(_observe(np.zeros(6)))
        np.testing.assert_array_equal(action.rows, second.act(_observe(np.zeros(6))).rows)
        np.testing.assert_allclose(action.rows[0], end, atol=1e-12)
        end = action.rows[-1]
    assert (end >= ARM.lower).all() and (end <= ARM.upper).all()
    assert np.abs(end).max() > 0.01


@given(seed=st.integers(0, 2**31))
def test_random_poses_have_nothing_to_do_with_the_start(seed: int) -> None:
    """The sheet's start is drawn with the same seed; a baseline must not know it by that."""
    policy = RandomPolicy(ARM)
    policy.reset(seed)
    ends = [policy.act(_observe(np.zeros(6))).rows[-1] for _ in range(WAY_TICKS)]
    shares = (ends[-1] - ARM.lower) / (ARM.upper - ARM.lower)
    assert np.abs(shares - np.random.default_rng(seed).uniform(size=6)).max() > 1e-6


@given(
    st.floats(-0.3, 0.6),
    st.floats(-0.4, 0.5),
    st.floats(-3.1, 3.1),
)
def test_the_oracle_comes_closer_by_small_steps(x: float, y: float, yaw: float) -> None:
    """Never further in any tick than a hand would push, and always towards the goal."""
    placed: list[PlanarPose] = []
    policy = OraclePolicy(placed.append)
    before = PlanarPose(x, y, yaw)
    policy.act(_observe(np.zeros(6), before))
    after = placed[0]
    assert np.linalg.norm(after.xy - before.xy) <= STEP + 1e-9
    assert abs(after.yaw - before.yaw) <= TURN + 1e-9
    assert measure(after).distance_to_goal <= measure(before).distance_to_goal
    assert measure(after).yaw_error <= measure(before).yaw_error + 1e-6


def test_the_oracle_stays_at_the_goal() -> None:
    """It does not overshoot."""
    placed: list[PlanarPose] = []
    x, y = GOAL_CENTRE
    goal = PlanarPose(x, y, GOAL_YAW)
    OraclePolicy(placed.append).act(_observe(np.zeros(6), goal))
    np.testing.assert_allclose(placed[0].xy, GOAL_CENTRE)
    assert wrap_to_half_pi(placed[0].yaw - GOAL_YAW) == pytest.approx(0.0)


def test_the_oracle_needs_to_see_the_sheet() -> None:
    """Without a pose it says so."""
    with pytest.raises(PolicyUnavailable, match="no paper pose"):
        OraclePolicy(lambda pose: None).act(_observe(np.zeros(6)))


def test_a_replay_repeats_the_episode_bit_for_bit(world: LockStepWorld, tmp_path: Path) -> None:
    """Same seed, same targets, same motion, same end."""
    original = Rollout(PressAndDragPolicy(CONFIG), world).run(7)
    np.savez(trace_path(tmp_path, 7), actions=original.trace.actions)
    repeated = Rollout(ReplayPolicy(tmp_path), world).run(7)
    np.testing.assert_array_equal(repeated.trace.q, original.trace.q)
    np.testing.assert_array_equal(repeated.trace.paper, original.trace.paper)
    assert repeated.result.ending is original.result.ending


def test_a_replay_of_an_end_is_no_answer(tmp_path: Path) -> None:
    """After the last recorded tick, and where the recording had none, the arm holds."""
    actions = np.zeros((3, 6))
    actions[1] = np.nan
    np.savez(trace_path(tmp_path, 0), actions=actions)
    policy = ReplayPolicy(tmp_path)
    policy.reset(0)
    policy.act(_observe(np.zeros(6)))
    with pytest.raises(PolicyUnavailable, match="no action for tick 1"):
        policy.act(_observe(np.zeros(6)))
    policy.act(_observe(np.zeros(6)))
    with pytest.raises(PolicyUnavailable, match="no action for tick 3"):
        policy.act(_observe(np.zeros(6)))


def test_a_replay_names_what_is_missing(tmp_path: Path) -> None:
    """No folder, no such seed, a damaged file, the wrong shape."""
    with pytest.raises(ConfigError, match=r"holds no recorded episode.*out/eval/traces/ik"):
        ReplayPolicy(tmp_path)
    np.savez(trace_path(tmp_path, 0), actions=np.zeros((3, 7)))
    policy = ReplayPolicy(tmp_path)
    with pytest.raises(ConfigError, match="no recording of seed 5"):
        policy.reset(5)
    with pytest.raises(ConfigError, match=r"shape \(3, 7\), not \(n, 6\)"):
        policy.reset(0)
    for content in (b"PK\x03\x04 torn", b""):
        trace_path(tmp_path, 1).write_bytes(content)
        with pytest.raises(ConfigError, match=r"seed_000001\.npz is no recorded episode"):
            policy.reset(1)


@pytest.mark.parametrize("name", ["ik", "zero", "random", "oracle", "bad_policies:GivesUp"])
def test_every_name_makes_a_policy_that_answers(name: str, context: PolicyContext) -> None:
    """What the help promises exists."""
    policy = make_policy(name, context)
    policy.reset(0)
    action = policy.act(_observe(context.arm.home, PlanarPose(0.3, 0.0, 0.0)))
    assert np.isfinite(action.rows).all()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "unknown"),
        ("IK", "policy 'IK' is unknown. Allowed: ik, groot, hybrid, zero"),
        ("ik:fast", "unknown|cannot be found"),
        ("replay", "unknown"),
        ("replay:/nowhere", "holds no recorded episode"),
        ("residual", "not available in this release"),
        ("residual:runs/1", "not available in this release"),
        ("no_such_module:make", "cannot be found: No module named 'no_such_module'"),
        ("bad_policies:Nobody", "cannot be found"),
        ("bad_policies:signal", "no callable"),
    ],
)
def test_an_unknown_policy_is_refused_with_what_is_allowed(name: str, reason: str) -> None:
    """One line, before anything runs."""
    with pytest.raises(ConfigError, match=reason) as caught:
        check_policy(name)
    assert "\n" not in str(caught.value)
    if "recorded" not in reason:
        assert all(allowed in str(caught.value) for allowed in POLICIES)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ZeroDivisionError('early')", r"ZeroDivisionError: early \(broken\.py, line 1\)"),
        ("def make(:", r"SyntaxError: .* \(broken\.py, line 1\)"),
        ("import sys; sys.exit(0)", r"SystemExit: 0 \(broken\.py, line 1\)"),
    ],
)
def test_a_module_that_cannot_be_imported_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    """In one line that names the place."""
    (tmp_path / "broken.py").write_text(f"{code}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="'broken:make' cannot be imported: " + reason) as caught:
        check_policy("broken:make")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise FileNotFoundError('model.bin')", "FileNotFoundError: model.bin"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_factory_that_fails_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    context: PolicyContext,
    code: str,
    reason: str,
) -> None:
    """Neither taken for a full disk nor for the end of the program."""
    (tmp_path / "failing.py").write_text(f"def make(config):\n    {code}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "failing", raising=False)
    with pytest.raises(ConfigError, match=rf"cannot be made: {reason} \(failing\.py, line 2\)"):
        make_policy("failing:make", context)
