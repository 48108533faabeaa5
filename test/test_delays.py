"""Everything is as late as the scene says, by the stamps of what arrives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q
from so101_ros.control.follower import CommandFollower
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.delay_config import DelayConfig
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.simulation.image_schedule import ImageSchedule
from so101_ros.simulation.lock_step_world import LockStepWorld
from so101_ros.simulation.physics_config import JointConfig, ServoConfig
from so101_ros.simulation.servo_path import ServoPath
from so101_ros.simulation.simulator import Simulator
from so101_ros.trajectory import JointTrajectory, hold

RATES = Rates()
TICK_NS = RATES.stamp_of_control_tick(1)


def simulate(config: SceneConfig, lock_step: bool = False) -> Simulator:
    """Begin an episode of one scene that policies do not know of."""
    backend = MujocoBackend(config)
    return Simulator(backend, CommandFollower(backend.arm), SceneTier(nominal=config), 3, lock_step)


def late(**seconds: float) -> SceneConfig:
    """A scene with some delays."""
    return SceneConfig(delay=DelayConfig(**seconds))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=30))
def test_a_delay_line_loses_nothing_and_keeps_the_order(steps: list[tuple[int, int]]) -> None:
    """Whatever the delays; an item is there when it is due and those before it have arrived."""
    line: DelayLine[int] = DelayLine()
    now, latest, out = 0, 0, []
    for number, (wait, delay) in enumerate(steps):
        now += wait
        latest = max(latest, now + delay)
        line.send(number, now + delay)
        out += line.arrivals(now)
    out += line.arrivals(latest)
    assert out == list(range(len(steps)))


@pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.025, 0.05])
def test_joint_states_are_late_and_honest(delay_s: float) -> None:
    """Their stamp says when they were measured; their numbers are those of then."""
    simulator = simulate(late(joint_state_s=delay_s))
    ticks = round(delay_s * RATES.control_hz)
    target = hold(simulator.joint_state.stamp_ns, HOME_Q + 0.1)
    simulator.accept(target)
    true = {}
    for _ in range(40):
        simulator.advance()
        true[simulator.stamp_ns] = simulator.backend.joint_state.q
        seen = simulator.joint_state
        assert round((simulator.stamp_ns - seen.stamp_ns) / TICK_NS) == ticks
        if seen.stamp_ns in true:
            np.testing.assert_array_equal(seen.q, true[seen.stamp_ns])
    assert np.abs(seen.q - HOME_Q).max() > 0.01  # it has moved, so that being late shows


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.1])
def test_a_command_moves_the_arm_when_it_arrives(delay_s: float) -> None:
    """The target stays for so many ticks and then goes where it was told."""
    simulator = simulate(late(command_s=delay_s))
    before = simulator.backend.data.ctrl.copy()
    simulator.accept(hold(simulator.joint_state.stamp_ns, HOME_Q + 0.1))
    moved = []
    for _ in range(20):
        simulator.advance()
        moved.append(bool((simulator.backend.data.ctrl != before).any()))
    assert moved.index(True) == round(delay_s * RATES.control_hz)


def test_a_command_that_is_too_old_when_it_arrives_is_counted_and_not_followed() -> None:
    """It was fresh when it was sent."""
    simulator = simulate(late(command_s=0.15))
    stamp_ns = simulator.joint_state.stamp_ns
    simulator.advance(8)
    simulator.accept(hold(stamp_ns, HOME_Q + 0.1))
    simulator.advance(30)
    assert simulator.late_commands == 1
    np.testing.assert_allclose(simulator.backend.data.ctrl, HOME_Q)


@given(camera_s=st.floats(0.0, 0.2), jitter_s=st.floats(0.0, 0.05), seed=st.integers(0, 2**31 - 1))
@settings(deadline=None)
def test_images_arrive_within_their_delay_and_jitter(
    camera_s: float, jitter_s: float, seed: int
) -> None:
    """To half a control tick; two who ask get the same answer."""
    delay = DelayConfig(camera_s=camera_s, camera_jitter_s=jitter_s)
    schedules = [ImageSchedule(delay, seed, NANOSECONDS, RATES, "top") for _ in range(2)]
    for frame in range(20):
        exposed_ns = NANOSECONDS + RATES.stamp_of_control_tick(4 * frame)
        arrivals = {schedule.arrival_ns(exposed_ns) for schedule in schedules}
        assert len(arrivals) == 1
        arrival_ns = arrivals.pop()
        assert arrival_ns is not None
        late_s = (arrival_ns - exposed_ns) / NANOSECONDS
        slack_s = 0.51 / RATES.control_hz
        assert camera_s - slack_s <= late_s <= camera_s + jitter_s + slack_s


def test_the_share_of_lost_images_is_the_one_that_was_asked_for() -> None:
    """Of 4000; five standard deviations are allowed. Another camera loses others."""
    lost = {}
    for camera in ("top", "wrist"):
        schedule = ImageSchedule(DelayConfig(image_loss=0.1), 5, 0, RATES, camera)
        lost[camera] = np.array(
            [schedule.arrival_ns(round(f * NANOSECONDS / 30)) is None for f in range(4000)]
        )
        assert abs(lost[camera].mean() - 0.1) < 5 * np.sqrt(0.1 * 0.9 / 4000)
    assert (lost["top"] != lost["wrist"]).any()


def test_the_sheet_is_seen_late() -> None:
    """The pose that a policy gets is the one of its stamp, 50 ms ago or a little more."""
    world = LockStepWorld.build(SceneTier(nominal=late(camera_s=0.05)))
    world.reset(1)
    true = {}
    for _ in range(12):
        backend = world.simulator.backend
        true[world.simulator.stamp_ns] = backend.paper.position
        seen = world.observation
        assert seen.paper is not None and seen.paper_stamp_ns is not None
        age_s = (seen.stamp_ns - seen.paper_stamp_ns) / NANOSECONDS
        assert age_s == pytest.approx(2 / 30)  # the first policy tick after 50 ms
        if seen.paper_stamp_ns in true:
            np.testing.assert_array_equal(seen.paper.position, true[seen.paper_stamp_ns])
        backend.data.qvel[6:8] = [0.2, 0.1]  # the sheet slides
        world.step(hold(seen.stamp_ns, HOME_Q))
    assert np.ptp([position[0] for position in true.values()]) > 0.01


def test_what_is_seen_of_the_sheet_is_what_the_newest_image_shows() -> None:
    """Also where jitter spans several images: none overtakes another, for nobody."""
    config = late(camera_s=0.02, camera_jitter_s=0.15, image_loss=0.1)
    simulator = simulate(config)
    ages = []
    for _ in range(200):
        shown_ns = simulator.episode.reset_ns + simulator.image_moment("top").elapsed_ns
        assert shown_ns == simulator.paper_seen.stamp_ns
        ages.append(simulator.stamp_ns - shown_ns)
        simulator.advance()
    assert max(ages) > 4 * min(ages) > 0


def test_images_are_remembered_until_they_arrive_at_any_rate() -> None:
    """Half a second is 240 of them here."""
    rates = Rates(physics_hz=480, control_hz=480, policy_hz=480)
    simulator = simulate(replace(late(camera_s=0.5), rates=rates))
    simulator.advance(300)
    age_ns = simulator.stamp_ns - simulator.episode.reset_ns
    shown_ns = simulator.image_moment("wrist").elapsed_ns
    assert age_ns - shown_ns == pytest.approx(0.5 * NANOSECONDS, abs=1)


def test_an_episode_begins_when_there_is_something_to_answer_to() -> None:
    """With late joints and late images: both are there, and time has not been counted before."""
    config = late(joint_state_s=0.02, camera_s=0.1, camera_jitter_s=0.02, image_loss=0.3)
    world = LockStepWorld.build(SceneTier(nominal=config))
    for seed in range(10):
        episode = world.reset(seed)
        observation = world.observation
        assert observation.paper is not None
        assert observation.stamp_ns == episode.start_ns
        assert 0 <= episode.start_ns - episode.reset_ns < 0.5 * NANOSECONDS
        np.testing.assert_allclose(observation.joints.q, HOME_Q, atol=0.02)


def test_an_answer_is_used_when_it_has_been_thought() -> None:
    """Until then the arm goes on with what it does; at the next policy tick it is there."""
    world = LockStepWorld.build(SceneTier(nominal=late(inference_s=0.05)))
    world.reset(0)
    commanded = []
    for _ in range(5):
        stamp_ns = world.observation.stamp_ns
        times_s = np.arange(12) / 30.0
        answer = JointTrajectory(stamp_ns, times_s, np.tile(HOME_Q + 0.05, (12, 1)))
        commanded.append(world.step(answer).blend.total is not None)
    assert commanded == [False, False, True, True, True]


def test_wrong_zeros_are_measured_and_commanded_alike() -> None:
    """Who leads the arm by its own measurements does not notice."""
    zeros = np.radians([4.0, -3.0, 2.0, -1.0, 3.0, 1.0])
    config = SceneConfig(calibration=CalibrationConfig(joint_zeros=tuple(zeros)))
    simulator = simulate(config)
    np.testing.assert_allclose(simulator.joint_state.q - simulator.true_q, zeros)
    for _ in range(60):
        simulator.accept(hold(simulator.joint_state.stamp_ns, HOME_Q))
        simulator.advance(4)
    np.testing.assert_allclose(simulator.joint_state.q, HOME_Q, atol=0.02)
    np.testing.assert_allclose(simulator.true_q, HOME_Q - zeros, atol=0.02)


def test_backlash_is_crossed_before_a_joint_turns_round() -> None:
    """There and back leaves the gap between target and motor."""
    backlash = 0.04
    path = ServoPath(SceneConfig(joints=JointConfig(backlash=(backlash,) * 6)), np.zeros(6))
    there = np.linspace(0.0, 0.2, 40)[:, None] * np.ones(6)
    up, _ = path.follow(there)
    down, _ = path.follow(there[::-1])
    np.testing.assert_allclose(up[-1], 0.2 - 0.5 * backlash)
    np.testing.assert_allclose(down[-1], 0.0 + 0.5 * backlash)
    assert (np.abs(np.vstack([up - there, down - there[::-1]])) <= 0.5 * backlash + 1e-12).all()


@given(dead_ticks=st.integers(0, 20), max_speed=st.floats(0.5, 4.7))
@settings(deadline=None)
def test_a_servo_answers_after_its_dead_time_and_no_faster_than_it_can(
    dead_ticks: int, max_speed: float
) -> None:
    """Whatever is sent to it."""
    servo = ServoConfig(dead_time_s=dead_ticks / RATES.control_hz, max_speed=max_speed)
    path = ServoPath(SceneConfig(servo=servo), np.zeros(6))
    sent = np.ones((60, 6))
    targets, slowed = path.follow(sent)
    assert slowed.all()
    assert (targets[:dead_ticks] == 0.0).all() and (targets[dead_ticks:] > 0.0).all()
    assert np.diff(targets, axis=0).max() <= 1.001 * max_speed / RATES.control_hz


def test_the_nominal_scene_has_no_delay() -> None:
    """What arrives is what is."""
    simulator = simulate(SceneConfig())
    simulator.advance(4)
    observation = simulator.observation
    assert observation.stamp_ns == observation.paper_stamp_ns == simulator.stamp_ns
    assert simulator.episode.start_ns == simulator.episode.reset_ns


def test_one_seed_is_one_episode_whenever_it_begins() -> None:
    """Also with jitter and losses: they count from the reset."""
    config = late(joint_state_s=0.01, camera_s=0.05, camera_jitter_s=0.03, image_loss=0.2)
    config = replace(config, servo=ServoConfig(dead_time_s=0.02))
    world = LockStepWorld.build(SceneTier(nominal=config))
    runs = []
    for seed in (7, 8, 7):
        world.reset(seed)
        ages, states = [], []
        for _ in range(20):
            seen = world.observation
            ages.append(None if seen.paper is None else seen.stamp_ns - (seen.paper_stamp_ns or 0))
            world.step(hold(seen.stamp_ns, HOME_Q + 0.1))
            states.append(world.simulator.backend.state[1:])
        runs.append((ages, np.array(states)))
    assert runs[0][0] == runs[2][0] != runs[1][0]
    np.testing.assert_array_equal(runs[0][1], runs[2][1])
