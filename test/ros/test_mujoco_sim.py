"""The simulator as a process: time, episodes, commands, pause, and bad input."""

import signal
from collections.abc import Callable

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from harness import NodeProcess, Probe
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState as JointStateMsg
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg
from trajectory_msgs.msg import JointTrajectoryPoint

from so101_ros.arm import HOME_Q
from so101_ros.epoch import RESET_GAP_S
from so101_ros.nodes import convert, convert_simulation, qos
from so101_ros.nodes.diagnostics import ERROR, OK, WARN
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.task.starts import PaperStarts
from so101_ros.trajectory import JointTrajectory, hold

StartNode = Callable[..., NodeProcess]

RATES = Rates()
EVERYTHING = QoSProfile(depth=1000)
"""Reliable, and deep enough for a test that looks away for a while."""

STILL = 0.03  # [rad], more than the arm sags at home
FAR_Q = HOME_Q + np.array([0.5, 0.0, 0.0, 0.0, 0.5, 0.5])


def _stamps(messages: list) -> np.ndarray:
    """Stamps of messages in [ns]. Shape (n,)."""
    return np.array([convert.stamp_to_ns(message.header.stamp) for message in messages])


def _positions(messages: list) -> np.ndarray:
    """Joint positions in [rad]. Shape (n, 6)."""
    return np.array([convert.joint_state_from_ros(message).q for message in messages])


def _track(messages: list, start_ns: int) -> np.ndarray:
    """Joints or positions of an episode, each stamp once. Shape (n, 6) or (n, 3)."""
    rows = {}
    for message in messages:
        if convert.stamp_to_ns(message.header.stamp) >= start_ns:
            rows[convert.stamp_to_ns(message.header.stamp)] = (
                convert.joint_state_from_ros(message).q
                if isinstance(message, JointStateMsg)
                else convert.pose_from_ros(message).position
            )
    return np.array(list(rows.values()))


def _values(status) -> dict[str, str]:
    return {value.key: value.value for value in status.values}


def _command(stamp_ns: int, q: np.ndarray = FAR_Q) -> JointTrajectoryMsg:
    return convert.trajectory_to_ros(hold(stamp_ns, q))


def test_one_clock_tick_per_control_tick_across_resets(start_node: StartNode, probe: Probe) -> None:
    """Time advances tick by tick, jumps forward at a reset, and never runs backwards."""
    clocks = probe.collect(Clock, "/clock", EVERYTHING)
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", EVERYTHING)
    start_node("mujoco_sim")
    probe.spin_until(lambda: len(states) > 60)
    response = probe.trigger("sim/reset")
    assert response.success and "episode 2 with seed 0" in response.message
    count = len(states)
    probe.spin_until(lambda: len(states) > count + 60 and len(clocks) > count + 60)

    steps_s = np.diff(_stamps(states)) / NANOSECONDS
    gaps_s = steps_s[steps_s > 1.5 / RATES.control_hz]
    assert len(gaps_s) == 1 and gaps_s[0] >= RESET_GAP_S
    assert (steps_s > 0.5 / RATES.control_hz).all()

    clock_ns = np.array([convert.stamp_to_ns(clock.clock) for clock in clocks])
    assert (np.diff(clock_ns) > 0).all()
    seen = _stamps(states)
    both = seen[(seen >= clock_ns[0]) & (seen <= clock_ns[-1])]
    np.testing.assert_array_equal(both, clock_ns[(clock_ns >= both[0]) & (clock_ns <= both[-1])])

    due = [stamp for stamp in seen if round(stamp * 30 / 1e9 * 4) % 4 == 0]
    assert len(poses) >= 30
    assert set(_stamps(poses)[1:-1]) <= set(due)


def test_state_is_that_of_the_joint_states(start_node: StartNode, probe: Probe) -> None:
    """Whoever renders sim/state sees the arm where joint_states say it is."""
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    physics = probe.collect(Float64MultiArray, "sim/state", qos.STATE)
    start_node("mujoco_sim")
    probe.spin_until(lambda: len(physics) > 10 and len(states) > 50)
    joints = dict(zip(_stamps(states).tolist(), _positions(states), strict=True))
    shared = [
        (joints[stamp_ns], state)
        for stamp_ns, state in map(convert_simulation.state_from_ros, physics)
        if stamp_ns in joints
    ]
    assert shared
    for q, state in shared:
        # MuJoCo's state begins with the time, then come the positions, the arm's first.
        np.testing.assert_array_equal(state[1:7], q)
        assert len(state) == len(MujocoBackend().state)


def test_same_seed_repeats_bit_for_bit_in_lock_step(start_node: StartNode, probe: Probe) -> None:
    """Two lock-step episodes of one seed are the same numbers; another seed is not."""
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", EVERYTHING)
    start_node("mujoco_sim", {"lock_step": True, "real_time_factor": 0.0, "seed": 5})
    publisher = probe.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)

    def play(seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Answer 15 policy ticks; return joints and sheet after each control and policy tick."""
        assert probe.set_parameter("mujoco_sim", "seed", seed).successful
        before_ns = _stamps(states)[-1]
        probe.trigger("sim/reset")
        probe.spin_until(lambda: _stamps(states)[-1] > before_ns)
        start_ns = int(_stamps(states)[-1])
        for tick in range(15):
            due_ns = start_ns + RATES.stamp_of_control_tick(4 * tick)
            probe.spin_until(lambda due_ns=due_ns: _stamps(states)[-1] == due_ns)
            wave = HOME_Q + 0.3 * np.sin(0.2 * tick)
            rows = JointTrajectory(due_ns, np.array([1 / 30]), wave[None])
            publisher.publish(convert.trajectory_to_ros(rows))
        end_ns = start_ns + RATES.stamp_of_control_tick(60)
        probe.spin_until(lambda: _stamps(states)[-1] == end_ns == _stamps(poses)[-1])
        return _track(states, start_ns), _track(poses, start_ns)

    probe.spin_until(lambda: len(states) > 0)
    first, again, other = play(5), play(5), play(6)
    assert (first[0].shape, first[1].shape) == ((61, 6), (16, 3))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert np.ptp(first[0], axis=0).max() > 0.1
    assert np.abs(first[1][0] - other[1][0]).max() > 1e-3


def test_lock_step_shows_an_unanswered_tick_again(start_node: StartNode, probe: Probe) -> None:
    """A controller that comes late still gets the tick that time waits for."""
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    start_node("mujoco_sim", {"lock_step": True})
    probe.spin_until(lambda: len(states) > 0)
    late = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    probe.spin_until(lambda: len(late) > 1)
    assert set(_stamps(states)) == set(_stamps(late)) == {NANOSECONDS}


def test_episode_follows_the_live_seed(start_node: StartNode, probe: Probe) -> None:
    """A reset lays the sheet where the seed says, as the environment would."""
    poses = probe.collect(PoseStamped, "ground_truth/paper_pose", EVERYTHING)
    start_node("mujoco_sim")
    assert probe.set_parameter("mujoco_sim", "seed", 9).successful
    assert "seed 9" in probe.trigger("sim/reset").message
    poses.clear()
    probe.spin_until(lambda: len(poses) > 2)
    expected = PaperStarts().sample(np.random.default_rng(9))
    np.testing.assert_allclose(
        convert.pose_from_ros(poses[-1]).position[:2], expected.xy, atol=1e-3
    )


def test_bad_live_changes_are_rejected_with_the_reason(start_node: StartNode, probe: Probe) -> None:
    """What is not allowed is named, and nothing changes."""
    start_node("mujoco_sim")
    negative = probe.set_parameter("mujoco_sim", "seed", -1)
    assert not negative.successful and "seed" in negative.reason
    fixed = probe.set_parameter("mujoco_sim", "real_time_factor", 2.0)
    assert not fixed.successful and "read-only" in fixed.reason
    assert "seed 0" in probe.trigger("sim/reset").message


def _one_point(stamp_ns: int, positions: list[float]) -> JointTrajectoryMsg:
    message = _command(stamp_ns)
    message.points = [JointTrajectoryPoint(positions=positions)]
    return message


def _nan(stamp_ns: int) -> JointTrajectoryMsg:
    return _one_point(stamp_ns, [float("nan"), *FAR_Q[1:].tolist()])


def _short(stamp_ns: int) -> JointTrajectoryMsg:
    return _one_point(stamp_ns, FAR_Q[:5].tolist())


def _misnamed(stamp_ns: int) -> JointTrajectoryMsg:
    message = _command(stamp_ns)
    message.joint_names = [f"joint_{index}" for index in range(6)]
    return message


@pytest.mark.parametrize(
    ("spoil", "kind", "reason"),
    [
        (_nan, "malformed", "must be finite"),
        (_short, "malformed", "point 0 of a command needs 6 positions, got 5"),
        (_misnamed, "malformed", "unknown ['joint_0'"),
        (lambda stamp_ns: _command(NANOSECONDS), "stale", "is from before the reset"),
        (lambda stamp_ns: _command(stamp_ns + 60 * NANOSECONDS), "stale", "is from the future"),
    ],
    ids=["nan", "short", "misnamed", "before-reset", "future"],
)
def test_bad_commands_never_move_the_arm(
    start_node: StartNode,
    probe: Probe,
    spoil: Callable[[int], JointTrajectoryMsg],
    kind: str,
    reason: str,
) -> None:
    """Refused whole, counted, named in diagnostics; a good command then still works."""
    reports = probe.collect_diagnostics("mujoco_sim")
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    start_node("mujoco_sim")
    publisher = probe.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
    probe.spin_until(lambda: len(states) > 0)
    probe.trigger("sim/reset")
    probe.spin_until(lambda: _stamps(states)[-1] > 2 * NANOSECONDS)

    def is_refused() -> bool:
        publisher.publish(spoil(int(_stamps(states)[-1])))
        return bool(reports) and reason in _values(reports[-1])["last_refusal"]

    probe.spin_until(is_refused)
    count = len(states)
    probe.spin_until(lambda: len(states) > count + 60)
    assert np.abs(_positions(states) - HOME_Q).max() < STILL
    values = _values(reports[-1])
    assert reports[-1].level == WARN and reason in reports[-1].message
    assert int(values[f"refused_{kind}"]) > 0
    assert values["accepted_commands"] == "0"

    def has_moved() -> bool:
        publisher.publish(_command(int(_stamps(states)[-1])))
        return bool(np.abs(_positions(states[-1:]) - FAR_Q).max() < STILL)

    probe.spin_until(has_moved)


def test_second_publisher_stops_the_arm(
    start_node: StartNode, probe: Probe, make_probe: Callable[[str], Probe]
) -> None:
    """While two nodes want the arm it holds, and diagnostics name both; alone, one is obeyed."""
    reports = probe.collect_diagnostics("mujoco_sim")
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    start_node("mujoco_sim")
    publisher = probe.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
    intruder = make_probe("intruder")
    second = intruder.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)

    def both_publish() -> None:
        for sender in (publisher, second):
            sender.publish(_command(int(_stamps(states)[-1])))

    def is_refused() -> bool:
        both_publish()
        return bool(reports) and int(_values(reports[-1])["refused_conflict"]) > 20

    probe.spin_until(lambda: len(states) > 0)
    probe.spin_until(lambda: bool(reports) and reports[-1].level == ERROR)
    probe.spin_until(is_refused)
    assert np.abs(_positions(states) - HOME_Q).max() < STILL
    assert "/intruder, /probe" in reports[-1].message and "stop all but one" in reports[-1].message

    intruder.node.destroy_publisher(second)

    def has_moved() -> bool:
        publisher.publish(_command(int(_stamps(states)[-1])))
        return bool(np.abs(_positions(states[-1:]) - FAR_Q).max() < STILL)

    probe.spin_until(has_moved)
    reports.clear()
    probe.spin_until(lambda: bool(reports) and reports[-1].level == OK)


def test_pause_stops_time_and_step_runs_one_policy_tick(
    start_node: StartNode, probe: Probe
) -> None:
    """Paused, nothing happens but what is asked for; resumed, time goes on without a jump."""
    reports = probe.collect_diagnostics("mujoco_sim")
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    start_node("mujoco_sim")
    probe.spin_until(lambda: len(states) > 10)
    refused = probe.trigger("sim/step")
    assert not refused.success and "call sim/pause" in refused.message

    def wait_for_two_reports() -> None:
        reports.clear()
        probe.spin_until(lambda: len(reports) >= 2)

    assert probe.set_bool("sim/pause", True).success
    wait_for_two_reports()
    count = len(states)
    assert reports[-1].message == "paused"
    for steps in (1, 2):
        assert probe.trigger("sim/step").success
        wait_for_two_reports()
        stamp_ns = int(_stamps(states)[-1])
        begun = RATES.policy_tick_at(stamp_ns)
        assert stamp_ns == RATES.stamp_of_control_tick(4 * begun)
        assert count < len(states) <= count + 4 * steps
    assert probe.set_bool("sim/pause", False).success
    probe.spin_until(lambda: len(states) > count + 60)
    assert np.diff(_stamps(states)).max() < 1.5 / RATES.control_hz * NANOSECONDS


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"real_time_factor": -1.0}, "real_time_factor=-1.0 is not allowed: it must be"),
        ({"real_time_factor": 1}, "a number with a decimal point"),
        ({"robot_model": "/nowhere/arm.xml"}, "robot_model='/nowhere/arm.xml' is not a file"),
        ({"seed": -3}, "seed=-3 is not allowed: it must be an integer, at least 0"),
        ({"scene": "moon"}, "scene 'moon' is unknown. Allowed: nominal, visual"),
        ({"physics_hz": 100}, "physics_hz=100 must be a multiple of control_hz=120"),
        ({"control_hz": 0}, "control_hz=0 is not allowed"),
        ({"command_timeout_s": 0.0}, "command_timeout_s=0.0 is not allowed"),
    ],
)
def test_bad_parameters_end_with_one_clear_line(
    start_node: StartNode, parameters: dict[str, object], reason: str
) -> None:
    """Exit code 2 and one line that names the value and what is allowed."""
    process = start_node("mujoco_sim", parameters)
    assert process.wait() == 2
    lines = process.output.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert reason in lines[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_quietly_when_asked(
    start_node: StartNode, probe: Probe, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM are no errors: exit code 0, no traceback."""
    states = probe.collect(JointStateMsg, "joint_states", EVERYTHING)
    process = start_node("mujoco_sim")
    probe.spin_until(lambda: len(states) > 0)
    process.send_signal(number)
    assert process.wait() == 0
    assert process.output == ""


def test_moves_into_a_namespace(start_node: StartNode, probe: Probe) -> None:
    """All topics but the clock follow the namespace."""
    states = probe.collect(JointStateMsg, "left/joint_states", EVERYTHING)
    clocks = probe.collect(Clock, "/clock", EVERYTHING)
    start_node("mujoco_sim", remappings={"__ns": "/left"})
    probe.spin_until(lambda: len(states) > 0 and len(clocks) > 0)
    assert probe.trigger("left/sim/reset").success
