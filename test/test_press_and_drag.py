"""The base policy on the simulated table."""

from collections import deque
from dataclasses import replace

import numpy as np
import pytest

from so101_ros.arm import HOME_Q
from so101_ros.errors import PolicyUnavailable
from so101_ros.evaluation.episode import EpisodeResult
from so101_ros.evaluation.rollout import Rollout
from so101_ros.observation import JointState, Observation
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import Pose
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.physics_config import ContactConfig
from so101_ros.simulation.scene import FIXED_TIP, MOVING_TIP, TABLE
from so101_ros.task.measures import lies_flat, measure
from so101_ros.task.starts import PaperStarts
from so101_ros.task.success import SuccessJudge


def _run(seeds: range, config: SceneConfig | None = None, **starts: tuple) -> list[EpisodeResult]:
    world = LockStepWorld.build(
        SceneTier(nominal=config or SceneConfig(), starts=PaperStarts(**starts))
    )
    rollout = Rollout(PressAndDragPolicy(), world)
    return [rollout.run(seed).result for seed in seeds]


def _observe(q: np.ndarray, paper: Pose | None) -> Observation:
    return Observation(JointState(0, np.asarray(q, dtype=float), np.zeros(6)), paper)


def _sheet(x: float, y: float) -> Pose:
    return Pose(np.array([x, y, 0.0005]), np.array([1.0, 0.0, 0.0, 0.0]))


@pytest.mark.parametrize("yaw", [(-0.3, 0.3), (-np.pi, np.pi)], ids=["task", "any yaw"])
def test_returns_the_sheet(yaw: tuple[float, float]) -> None:
    """Every one of a few starts is solved, within the outer edge, in time."""
    outcomes = _run(range(100, 112), yaw=yaw)
    assert all(outcome.success for outcome in outcomes), outcomes
    assert all(outcome.final.margin > 0.0 for outcome in outcomes)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_copes_with_other_friction(factor: float) -> None:
    """Half and twice the friction everywhere; the policy is not told."""
    nominal = ContactConfig()
    contact = replace(
        nominal,
        paper_table_friction=factor * nominal.paper_table_friction,
        tip_friction=factor * nominal.tip_friction,
    )
    outcomes = _run(range(200, 208), SceneConfig(contact=contact))
    assert sum(outcome.success for outcome in outcomes) >= 7, outcomes


def test_the_tips_press_the_sheet_and_not_the_table_through_it() -> None:
    """A rigid tip must not sink through the thin sheet: the table's grip would hold it."""
    policy = PressAndDragPolicy()
    rollout = Rollout(policy)
    backend, dragging, through = rollout.world.simulator.backend, 0, 0
    tips = {backend.model.geom(name).id for name in (FIXED_TIP, MOVING_TIP)}
    table = backend.model.geom(TABLE).id
    for seed in range(4):
        rollout.begin(seed)
        for _ in range(90):
            rollout.step()
            if policy.phase == "drag":
                pairs = [set(contact.geom.tolist()) for contact in backend.data.contact]
                dragging += 1
                through += any(table in pair and pair & tips for pair in pairs)
    assert dragging > 100  # the sample means something
    assert through < 0.05 * dragging


def _run_disturbed(seed: int, zero_error: np.ndarray, delay_ticks: int) -> bool:
    """Run an episode with wrong joint zeros and late commands; whether the sheet is returned."""
    backend, policy, judge = MujocoBackend(), PressAndDragPolicy(), SuccessJudge()
    backend.reset(PaperStarts().sample(np.random.default_rng(seed)))
    late = deque([backend.arm.home] * delay_ticks)
    for _ in range(400):
        true = backend.joint_state
        joints = JointState(true.stamp_ns, true.q + zero_error, true.dq)
        action = policy.act(Observation(joints, backend.paper))
        for _ in range(4):
            stamp_ns = backend.config.rates.stamp_of_control_tick(backend.tick + 1)
            late.append(action.sample(stamp_ns) - zero_error)
            backend.step(late.popleft()[None])
        if judge.judge(measure(backend.paper.planar), flat=lies_flat(backend.paper)):
            return True
    return False


def test_copes_with_wrong_joint_zeros() -> None:
    """Every zero is off by 3 degrees; the table appears up to two centimetres too high or low."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(6, 6))
    solved = [_run_disturbed(seed, np.radians(3.0) * sign, 0) for seed, sign in enumerate(signs)]
    assert sum(solved) >= 5, solved


def test_copes_with_late_commands() -> None:
    """Commands that take 100 ms must not be taken for contact."""
    solved = [_run_disturbed(seed, np.zeros(6), 12) for seed in range(6)]
    assert sum(solved) >= 5, solved


@pytest.mark.parametrize(
    "delay",
    [
        DelayConfig(inference_s=0.2),
        DelayConfig(camera_s=0.15),
        DelayConfig(camera_s=0.1, camera_jitter_s=0.05, image_loss=0.2),
    ],
    ids=["answers", "images", "jitter and losses"],
)
def test_copes_with_delays(delay: DelayConfig) -> None:
    """An answer that is late has rows for later; a sheet that is seen late is carried along."""
    outcomes = _run(range(300, 306), SceneConfig(delay=delay))
    assert sum(outcome.success for outcome in outcomes) >= 5, outcomes


def test_same_seed_same_episode() -> None:
    """Two rollouts of one seed end in the same pose, bit for bit, also after other episodes."""
    first, other = Rollout(PressAndDragPolicy()), Rollout(PressAndDragPolicy())
    other.run(1)
    for name, array in first.run(42).trace.to_arrays().items():
        if name != "inference_s":
            np.testing.assert_array_equal(array, other.run(42).trace.to_arrays()[name])
    np.testing.assert_array_equal(
        first.world.simulator.backend.data.qpos, other.world.simulator.backend.data.qpos
    )


def test_without_a_pose_there_is_no_action() -> None:
    """Missing perception is said, not guessed."""
    with pytest.raises(PolicyUnavailable, match="no paper pose"):
        PressAndDragPolicy().act(_observe(HOME_Q, None))


def test_a_sheet_out_of_reach_is_refused_with_its_place() -> None:
    """The error names where the sheet is and what to do."""
    policy = PressAndDragPolicy()
    policy.act(_observe(HOME_Q, _sheet(0.9, 0.9)))
    with pytest.raises(PolicyUnavailable, match=r"from x=0\.900 m, y=0\.900 m.*closer to the arm"):
        policy.act(_observe(HOME_Q, _sheet(0.9, 0.9)))


def test_the_first_target_is_where_the_arm_is() -> None:
    """Whatever pose the arm starts in, the first row continues from it."""
    q = np.array([0.8, -0.5, 0.2, 0.1, 1.0, 1.2])
    action = PressAndDragPolicy().act(_observe(q, _sheet(0.3, 0.0)))
    np.testing.assert_array_equal(action.rows[0], q)
    assert np.abs(np.diff(action.rows, axis=0)).max() < 0.05


def test_starts_from_any_pose_of_the_arm() -> None:
    """An arm left stretched out sideways first comes back, then returns the sheet."""
    rollout = Rollout(PressAndDragPolicy())
    rollout.begin(5)
    rollout.world.simulator.backend.data.qpos[:6] = [1.2, -0.6, -0.3, 0.4, 1.0, 1.0]
    rollout.world.simulator.follower.reset(
        rollout.world.simulator.backend.joint_state.q, rollout.world.simulator.stamp_ns
    )
    for _ in range(400):
        rollout.step()
    assert measure(rollout.world.simulator.backend.paper.planar).inside
