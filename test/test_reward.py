"""What each tick is worth: signs, ranges, and no way to earn without returning the sheet."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.evaluation.episode import EvaluatedEpisode
from so101_ros.evaluation.rollout import Rollout
from so101_ros.observation import Observation
from so101_ros.policies.base import Policy
from so101_ros.policies.hold import HoldPolicy
from so101_ros.policies.oracle import OraclePolicy
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.policies.random_targets import RandomPolicy
from so101_ros.pose import PlanarPose, Pose, yaw_to_quaternion
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW
from so101_ros.task.paper_return import PaperReturnTask
from so101_ros.task.reward import REWARD_TERMS, TASK_TERMS, RewardWeights, tool_gap
from so101_ros.task.situation import Situation, Touch
from so101_ros.trajectory import JointTrajectory

START = PlanarPose(0.30, 0.0, 0.0)
GOAL = PlanarPose(float(GOAL_CENTRE[0]), float(GOAL_CENTRE[1]), GOAL_YAW)


def at(
    paper: PlanarPose, tool: tuple[float, float, float] = (0.3, 0.0, 0.05), tips: int = 0
) -> Situation:
    """A sheet, a tool and who touches whom."""
    position = np.array([paper.x, paper.y, 0.0005])
    pose = Pose(position, yaw_to_quaternion(paper.yaw))
    return Situation(pose, np.array(tool), Touch(tips, arm_on_table=False))


def earn(situations: list[Situation], weights: RewardWeights | None = None) -> dict[str, float]:
    """Sum of every term over the ticks after the first situation."""
    task = PaperReturnTask(weights=weights)
    task.reset(situations[0])
    total = dict.fromkeys((term.name for term in REWARD_TERMS), 0.0)
    for situation in situations[1:]:
        for name, value in task.judge(situation).reward_terms.items():
            total[name] += value
    return total


def slide(start: PlanarPose, end: PlanarPose, ticks: int) -> Iterator[PlanarPose]:
    """Poses from one to another, both included."""
    for share in np.linspace(0.0, 1.0, ticks + 1):
        x, y = start.xy + share * (end.xy - start.xy)
        yield PlanarPose(float(x), float(y), start.yaw + share * (end.yaw - start.yaw))


class Halfway:
    """IK that stops after a while: it touches, drags, and gives up."""

    def __init__(self, ticks: int) -> None:
        """Stop after so many ticks."""
        self._ticks = ticks
        self._policy = PressAndDragPolicy()
        self._last = np.zeros(6)

    def reset(self, seed: int) -> None:
        """Begin."""
        self._tick = 0
        self._policy.reset(seed)

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer, or repeat."""
        self._tick += 1
        if self._tick <= self._ticks:
            action = self._policy.act(observation)
            self._last = action.rows[1]
            return action
        return JointTrajectory(observation.stamp_ns, np.zeros(1), self._last[None])


@pytest.fixture(scope="module")
def episodes() -> dict[str, list[EvaluatedEpisode]]:
    """A few episodes of policies from useless to perfect, on the same seeds."""
    world = LockStepWorld.build()
    backend = world.simulator.backend
    policies: dict[str, Policy] = {
        "zero": HoldPolicy(),
        "random": RandomPolicy(backend.arm),
        "halfway": Halfway(70),
        "ik": PressAndDragPolicy(),
        "oracle": OraclePolicy(backend.place_paper),
    }
    return {
        name: [Rollout(policy, world).run(seed) for seed in range(3)]
        for name, policy in policies.items()
    }


@pytest.mark.parametrize("name", ["zero", "random", "halfway", "ik", "oracle"])
def test_every_term_stays_in_its_documented_range(
    episodes: dict[str, list[EvaluatedEpisode]], name: str
) -> None:
    """Whoever acts; the table of the documentation is true."""
    rewards = np.concatenate([episode.trace.rewards for episode in episodes[name]])
    ranges = {term.name: term for term in REWARD_TERMS}
    for column, name_of_term in zip(rewards.T, TASK_TERMS, strict=True):
        term = ranges[name_of_term]
        assert term.low <= column.min() and column.max() <= term.high, term.name


def test_the_better_policy_has_the_higher_return(
    episodes: dict[str, list[EvaluatedEpisode]],
) -> None:
    """On every seed: doing nothing < bringing the sheet closer < returning it."""
    returns = {
        name: np.array([episode.result.episode_return for episode in runs])
        for name, runs in episodes.items()
    }
    assert (returns["zero"] < returns["halfway"]).all()
    assert (returns["halfway"] < returns["ik"]).all()
    assert (returns["random"] < returns["halfway"]).all()
    assert returns["ik"].min() > 0.0 > returns["zero"].max()


def test_a_move_away_and_back_earns_nothing() -> None:
    """Touched or not, however often: gains are differences of potentials."""
    away = PlanarPose(0.35, -0.1, -0.4)
    for tips in (0, 1, 2):
        loop = [*slide(START, away, 10), *slide(away, START, 10)] * 3
        total = earn([at(pose, tips=tips) for pose in loop])
        assert total["progress"] <= 1e-12
        assert sum(total.values()) < 0.0


def test_untouched_progress_is_not_paid_but_untouched_loss_is() -> None:
    """Only what a fingertip does counts as progress."""
    near = PlanarPose(0.30, 0.05, 0.5)
    there, back = [START, near], [near, START]
    assert earn([at(pose, tips=0) for pose in there])["progress"] == 0.0
    assert earn([at(pose, tips=1) for pose in there])["progress"] > 0.5
    assert earn([at(pose, tips=0) for pose in back])["progress"] < -0.5


@given(ticks_inside=st.integers(1, 4))
def test_passing_through_the_frame_earns_nothing(ticks_inside: int) -> None:
    """What was paid inside is taken back at the edge."""
    poses = [START, *[GOAL] * ticks_inside, START]
    assert earn([at(pose, tips=2) for pose in poses])["success"] == pytest.approx(0.0)


def test_staying_inside_until_solved_earns_the_whole_weight_once() -> None:
    """Not more for a longer stay."""
    for ticks in (5, 9):
        poses = [START, *[GOAL] * ticks]
        assert earn([at(pose) for pose in poses])["success"] == pytest.approx(10.0)


def test_finishing_earlier_is_worth_more() -> None:
    """The same way in fewer ticks has the higher return, and so has leaving at once."""
    returns = []
    for ticks in (20, 60, 200):
        poses = [*slide(START, GOAL, ticks), *[GOAL] * 5]
        returns.append(sum(earn([at(pose, tips=2) for pose in poses]).values()))
    assert returns == sorted(returns, reverse=True)
    assert returns[-1] < returns[0] - 1.0


def test_waiting_at_the_goals_edge_is_no_living() -> None:
    """A sheet that is kept almost in costs with every tick."""
    edge = PlanarPose(GOAL.x, GOAL.y - 0.03, GOAL.yaw)
    rewards = [sum(earn([at(edge, tips=2)] * (1 + ticks)).values()) for ticks in (50, 100, 200)]
    assert 0.0 > rewards[0] > rewards[1] > rewards[2]


def test_reaching_is_paid_once() -> None:
    """Coming closer is paid per metre; hovering and going to and fro are not."""
    above = [at(START, (0.3, 0.0, height)) for height in (0.1005, 0.0505, 0.1005, 0.0505)]
    total = earn(above, replace(_OFF, reach=2.0))
    assert total["reach"] == pytest.approx(2.0 * 0.05)


@given(
    x=st.floats(-0.5, 0.5), y=st.floats(-0.5, 0.5), z=st.floats(0.0, 0.4), yaw=st.floats(-4.0, 4.0)
)
def test_the_gap_is_the_distance_to_the_nearest_point_of_the_sheet(
    x: float, y: float, z: float, yaw: float
) -> None:
    """Against a dense sampling of the sheet."""
    paper = PlanarPose(0.1, 0.05, yaw)
    across, along = np.meshgrid(np.linspace(-0.074, 0.074, 40), np.linspace(-0.105, 0.105, 56))
    points = paper.to_world(np.stack([across, along], axis=-1).reshape(-1, 2))
    offsets = np.column_stack([points - [x, y], np.full(len(points), 0.0005 - z)])
    nearest = float(np.linalg.norm(offsets, axis=1).min())
    assert tool_gap(at(paper, (x, y, z))) == pytest.approx(nearest, abs=0.003)


def test_stalling_costs_after_its_grace_and_ends_with_progress() -> None:
    """Two seconds are free; five millimetres begin another two."""
    weights = replace(_OFF, stalling=1.0)
    still = [at(START)] * 91
    assert earn(still, weights)["stalling"] == pytest.approx(-1.0, abs=0.04)
    closer = PlanarPose(START.x, START.y + 0.01, START.yaw)
    interrupted = [*[at(START)] * 46, *[at(closer)] * 45]
    assert earn(interrupted, weights)["stalling"] == 0.0


def test_the_arm_on_the_table_costs() -> None:
    """One second of it costs the weight."""
    leaning = replace(at(START), touch=Touch(0, arm_on_table=True))
    assert earn([leaning] * 31)["table_contact"] == pytest.approx(-1.0)


def test_the_cost_of_distance_is_bounded() -> None:
    """A sheet that is thrown away cannot outweigh everything else."""
    far, further = PlanarPose(0.275, 2.0, GOAL_YAW), PlanarPose(0.275, 20.0, GOAL_YAW)
    costs = [earn([at(pose)] * 2)["distance"] for pose in (far, further)]
    assert costs == pytest.approx([-0.05, -0.05])


@pytest.mark.parametrize("name", [field.name for field in fields(RewardWeights)])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_weights_that_turn_a_term_around_are_refused(name: str, value: float) -> None:
    """The message names the weight."""
    with pytest.raises(ConfigError, match=f"reward {name} must be at least 0, got"):
        RewardWeights(**{name: value})


def test_every_term_can_be_switched_off() -> None:
    """A weight of 0 leaves exactly 0."""
    poses = [*slide(START, GOAL, 20), *[GOAL] * 5]
    assert not any(earn([at(pose, tips=2) for pose in poses], _OFF).values())


_OFF = RewardWeights(
    reach=0.0,
    progress=0.0,
    distance=0.0,
    yaw=0.0,
    success=0.0,
    table_contact=0.0,
    stalling=0.0,
    residual_size=0.0,
)
