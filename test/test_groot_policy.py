"""GR00T and the hybrid as policies: in a loop without ROS, up to whole episodes with a server."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from groot_fakes import FITS, IMAGES, PROFILE, FakeProvider
from groot_servers import ANY_PORT, our_server

from so101_ros.arm import HOME_Q
from so101_ros.errors import ConfigError, GrootError, PolicyUnavailable
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.episode_task import EpisodeTask, run_task
from so101_ros.groot.eyes import View
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.rehearsal.provider import RehearsalProvider
from so101_ros.groot.session import ContractMismatch, GrootSession
from so101_ros.groot.settings import GrootSettings
from so101_ros.groot.simulated_eyes import SimulatedEyes
from so101_ros.groot.wire.server import ServerOptions
from so101_ros.observation import JointState, Observation
from so101_ros.policies.base import Policy
from so101_ros.policies.groot import RETRY_S, GrootPolicy
from so101_ros.policies.hybrid import ROWS, HybridPolicy
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.trajectory import JointTrajectory

RATES = Rates()


class StillEyes:
    """Show the same images, some time after they were taken."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.late_ns = 0
        self.seeds: list[int] = []

    def begin(self, seed: int) -> None:
        """Note the episode."""
        self.seeds.append(seed)

    def look(self) -> View:
        """Show what it has."""
        return View(self.now_ns - self.late_ns, IMAGES)


class Loop:
    """A policy, asked tick by tick; the arm is where its stamp says."""

    def __init__(self) -> None:
        self.provider = FakeProvider()
        self.eyes = StillEyes()
        self.policy = GrootPolicy(GrootSession(PROFILE, self.provider), self.eyes)
        self.policy.reset(7)

    def act(self, tick: int) -> JointTrajectory:
        """Answer a policy tick; at tick n every joint but the gripper is n mrad from home."""
        self.eyes.now_ns = _tick_ns(tick)
        return self.policy.act(_observe(tick))


def _tick_ns(tick: int) -> int:
    return round(tick * NANOSECONDS / RATES.policy_hz)


def _observe(tick: int) -> Observation:
    return Observation(JointState(_tick_ns(tick), HOME_Q + tick * 1e-3, np.zeros(6)), None)


def test_answers_carry_the_stamp_of_the_observation() -> None:
    """Also those that are what is left of an older one; questions come when they are due."""
    loop = Loop()
    asked = []
    for tick in range(40):
        before = loop.provider.calls.count("infer")
        answer = loop.act(tick)
        assert answer.stamp_ns == _tick_ns(tick)
        if loop.provider.calls.count("infer") > before:
            asked.append(tick)
    assert asked == [0, 8, 16, 24, 32]
    assert loop.provider.calls.count("describe") == 1
    assert loop.eyes.seeds == [7]


def test_the_model_is_shown_the_joints_of_the_images() -> None:
    """Images that took 0.1 s show the arm where it was three ticks ago."""
    loop = Loop()
    loop.act(0)
    for tick in range(1, 8):
        loop.act(tick)
    loop.eyes.late_ns = 100_000_000
    loop.act(8)
    first, second = (each.state["arm_0"] for each in loop.provider.requests)
    np.testing.assert_allclose(first, HOME_Q, atol=1e-6)
    np.testing.assert_allclose(second, HOME_Q + 5e-3, atol=1e-6)


def test_images_without_their_joints_are_no_question() -> None:
    """They are from before the episode, or the camera has stopped."""
    loop = Loop()
    loop.eyes.late_ns = NANOSECONDS
    with pytest.raises(PolicyUnavailable, match="no joint state of the time"):
        loop.act(60)
    assert loop.provider.calls == []


def test_without_a_new_answer_the_last_one_is_used_up() -> None:
    """Then there is none, with the model's reason; it is asked again now and then."""
    loop = Loop()
    end_ns = loop.act(0).end_ns
    loop.provider.failure = GrootError("the server is gone")
    for tick in range(1, PROFILE.horizon):
        assert loop.act(tick).end_ns == end_ns
    with pytest.raises(PolicyUnavailable, match="the server is gone"):
        loop.act(PROFILE.horizon)
    for tick in range(PROFILE.horizon + 1, 60):
        with pytest.raises(PolicyUnavailable, match="the server is gone"):
            loop.act(tick)
    ticks = 60 - PROFILE.execution_steps
    most = 2 + ticks / (RETRY_S * RATES.policy_hz)
    assert 3 <= loop.provider.calls.count("infer") <= most
    loop.provider.failure = None
    assert loop.act(80).stamp_ns == _tick_ns(80)


def test_a_new_episode_begins_without_the_old_answers() -> None:
    """It is asked at once, also after a failure."""
    loop = Loop()
    loop.act(0)
    loop.policy.reset(8)
    loop.provider.failure = GrootError("the server is gone")
    with pytest.raises(PolicyUnavailable, match="the server is gone"):
        loop.act(1)
    loop.provider.failure = None
    loop.policy.reset(9)
    loop.act(2)
    assert loop.eyes.seeds == [7, 8, 9]


def test_a_model_that_does_not_fit_ends_the_run() -> None:
    """It is no observation without an answer."""
    loop = Loop()
    loop.provider.contract = replace(FITS, source="another", embodiment_tag="gr1")
    with pytest.raises(ContractMismatch, match="another does not fit profile 'paper_return'"):
        loop.act(0)


@pytest.fixture(scope="module")
def world() -> LockStepWorld:
    """Arm and sheet."""
    return LockStepWorld.build()


def test_eyes_show_the_simulation_now(world: LockStepWorld) -> None:
    """Every camera by its name, at the observation's stamp."""
    world.reset(0)
    eyes = SimulatedEyes(world.simulator, ("top", "wrist"), (64, 48))
    eyes.begin(0)
    view = eyes.look()
    assert view.stamp_ns == world.observation.stamp_ns
    assert list(view.images) == ["top", "wrist"]
    for image in view.images.values():
        assert image.shape == (48, 64, 3) and image.dtype == np.uint8
        assert image.std() > 5.0
    assert (view.images["top"] != view.images["wrist"]).any()
    (alone,) = SimulatedEyes(world.simulator, ("wrist",), (64, 48)).look().images
    assert alone == "wrist"


def test_eyes_without_such_a_camera_are_refused(world: LockStepWorld) -> None:
    """Before an episode."""
    with pytest.raises(ConfigError, match="elbow"):
        SimulatedEyes(world.simulator, ("elbow",))


@pytest.mark.parametrize(
    ("delay", "ahead"),
    [(DelayConfig(camera_s=0.1), False), (DelayConfig(joint_state_s=0.05), True)],
    ids=["late images", "late joints"],
)
def test_a_held_arm_stays_whatever_is_late(delay: DelayConfig, ahead: bool) -> None:
    """Images behind the joints and joints behind the images; an answer at every tick."""
    late = LockStepWorld.build(SceneTier(nominal=SceneConfig(delay=delay)))
    late.reset(0)
    eyes = SimulatedEyes(late.simulator, PROFILE.cameras, (64, 48))
    policy = GrootPolicy(GrootSession(PROFILE, HoldProvider(PROFILE)), eyes)
    policy.reset(0)
    for _ in range(20):
        answer = policy.act(late.observation)
        assert answer.stamp_ns == late.observation.stamp_ns
        late.step(answer)
    assert (eyes.look().stamp_ns > late.observation.stamp_ns) is ahead
    np.testing.assert_allclose(late.q, HOME_Q, atol=0.05)


class Fixed:
    """A base that always wants one pose, or has no answer."""

    def __init__(self, pose: float) -> None:
        self.pose: float | None = pose

    def reset(self, seed: int) -> None:
        """Remember nothing."""

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer the pose for half a second."""
        if self.pose is None:
            raise PolicyUnavailable("nobody knows")
        rows = np.full((ROWS, 6), self.pose)
        return JointTrajectory(observation.stamp_ns, np.arange(ROWS) / RATES.policy_hz, rows)


def _hybrid(ik: Policy, groot: Policy) -> HybridPolicy:
    policy = HybridPolicy(ik, groot, 0.2, RATES)
    policy.reset(0)
    return policy


def test_the_hybrid_is_the_weighted_sum() -> None:
    """Four fifths of one, one fifth of the other, in every row."""
    answer = _hybrid(Fixed(1.0), Fixed(0.5)).act(_observe(3))
    assert answer.stamp_ns == _tick_ns(3) and len(answer.rows) == ROWS
    np.testing.assert_allclose(answer.rows, 0.8 * 1.0 + 0.2 * 0.5)


def test_who_has_no_answer_hands_the_weight_over() -> None:
    """All of it, and gets it back; without both there is no answer."""
    ik, groot = Fixed(1.0), Fixed(0.5)
    for absent, pose in ((ik, 0.5), (groot, 1.0)):
        before, absent.pose = absent.pose, None
        policy = _hybrid(ik, groot)
        np.testing.assert_allclose(policy.act(_observe(0)).rows, pose)
        absent.pose = before
        np.testing.assert_allclose(policy.act(_observe(1)).rows, 0.9)
    ik.pose = groot.pose = None
    with pytest.raises(PolicyUnavailable, match=r"no ik action .*; no groot action"):
        _hybrid(ik, groot).act(_observe(0))


def test_an_answer_is_used_until_it_is_stale() -> None:
    """A base that falls silent is not forgotten within a tick, and not trusted for a second."""
    ik, groot = Fixed(1.0), Fixed(0.5)
    policy = _hybrid(ik, groot)
    policy.act(_observe(0))
    ik.pose = None
    np.testing.assert_allclose(policy.act(_observe(1)).rows, 0.9)
    np.testing.assert_allclose(policy.act(_observe(30)).rows, 0.5)


def test_a_new_episode_of_the_hybrid_forgets_the_old_one() -> None:
    """What a base wanted before is no answer now."""
    ik, groot = Fixed(1.0), Fixed(0.5)
    policy = _hybrid(ik, groot)
    policy.act(_observe(0))
    policy.reset(1)
    ik.pose = None
    np.testing.assert_allclose(policy.act(_observe(1)).rows, 0.5)


@pytest.fixture(scope="module")
def rehearsal_server() -> Iterator[str]:
    """Address of a server behind which the task is rehearsed."""
    with our_server(RehearsalProvider(PROFILE), ServerOptions(ANY_PORT)) as running:
        yield running.address


@pytest.mark.parametrize("policy", ["groot", "hybrid"])
def test_an_episode_succeeds_through_a_server(rehearsal_server: str, policy: str) -> None:
    """The sheet is returned, by what was seen and sent over a socket."""
    settings = GrootSettings(provider=rehearsal_server, timeout_s=30.0)
    episode = run_task(EpisodeTask(policy, 0, SceneTier(), groot=settings))
    assert (episode.result.ending, episode.result.message) == (Ending.SUCCESS, "")
    assert episode.result.unavailable_ticks == 0


@pytest.mark.parametrize("policy", ["groot", "hybrid"])
def test_a_missing_server_is_told_before_an_episode(policy: str) -> None:
    """In one line that names it; nobody takes that for a weak policy."""
    settings = GrootSettings(provider="tcp://127.0.0.1:1", timeout_s=0.5)
    with pytest.raises(GrootError, match=r"127\.0\.0\.1:1") as raised:
        run_task(EpisodeTask(policy, 0, SceneTier(), groot=settings))
    assert "\n" not in str(raised.value)
