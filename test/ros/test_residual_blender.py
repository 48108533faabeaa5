"""The blender as a process: from chunks and joint states to commands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from drivers import RATES, NodeBench, chunk, offset, settle
from harness import NodeProcess, Probe
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState as JointStateMsg
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import HOME_Q
from so101_ros.control.guard import GuardSettings
from so101_ros.nodes import convert, qos
from so101_ros.nodes.breakdown import TERMS
from so101_ros.nodes.diagnostics import ERROR, OK, STALE, WARN

NEAR = np.linspace(0.01, 0.04, 6)  # [rad], near enough that nothing is ramped
RAMP_STEP = GuardSettings().ramp_speed / RATES.control_hz
TOLERANCE = 1e-6  # [rad], stamps are rounded to nanoseconds

Start = Callable[..., NodeProcess]


class Bench(NodeBench):
    """A blender between stand-ins for the backend and the policies."""

    def __init__(self, probe: Probe) -> None:
        """Wait for the blender and connect to it."""
        super().__init__(probe, "residual_blender")
        self.commands = probe.collect(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
        self.breakdown = {
            term: probe.collect(JointStateMsg, f"blender/breakdown/{term}", qos.STATUS)
            for term in TERMS
        }
        self.ik = self._policy("policy/ik/action")
        self.groot = self._policy("policy/groot/action")
        self.residual = self._policy("policy/residual/offset")
        self.wait_until_heard()

    def _policy(self, topic: str) -> Publisher:
        return self.probe.publisher(JointTrajectoryMsg, topic, qos.POLICY_ACTION)

    def send_chunk(self, publisher: Publisher, q: np.ndarray, length_s: float = 0.0) -> None:
        """Answer the current tick with one pose."""
        publisher.publish(chunk(self.clock.stamp_ns, q, length_s))

    def command(self, q: np.ndarray = HOME_Q) -> np.ndarray:
        """Send the arm at the current tick; return the rows of the command that answers it."""
        stamp_ns = self.joints.send(q)
        self.probe.spin_until(lambda: self.command_stamps()[-1:] == [stamp_ns])
        return convert.trajectory_from_ros(self.commands[-1]).rows

    def next_command(self, q: np.ndarray = HOME_Q) -> np.ndarray:
        """Let one policy tick pass and return the rows of its command."""
        for _ in range(RATES.control_ticks_per_policy - 1):
            self.clock.tick += 1
            self.joints.send(q)
        self.clock.tick += 1
        return self.command(q)

    def command_stamps(self) -> list[int]:
        """Stamps of all commands so far, in [ns]."""
        return [convert.stamp_to_ns(message.header.stamp) for message in self.commands]

    def terms(self) -> dict[str, np.ndarray]:
        """The breakdown of the last command, by term."""
        stamp_ns = self.command_stamps()[-1]
        found: dict[str, np.ndarray] = {}

        def complete() -> bool:
            for term, messages in self.breakdown.items():
                for message in messages[-1:]:
                    if convert.stamp_to_ns(message.header.stamp) == stamp_ns:
                        found[term] = np.array(message.position)
            return len(found) == len(TERMS)

        self.probe.spin_until(complete)
        return found


def follow_home(bench: Bench) -> None:
    """Lead the arm out of its first ramp."""
    bench.send_chunk(bench.ik, HOME_Q)
    np.testing.assert_allclose(bench.command(), np.tile(HOME_Q, (12, 1)))


def test_two_bases_are_mixed_by_weight_and_every_term_is_published(start_node: Start, probe: Probe):
    """A quarter of GR00T, three of IK, and a breakdown that adds up."""
    start_node(
        "residual_blender",
        {"lock_step": True, "w_ik": 3.0, "w_groot": 1.0, "expect_residual": True},
    )
    bench = Bench(probe)
    bench.joints.send()
    bench.send_chunk(bench.groot, HOME_Q + NEAR)
    bench.send_chunk(bench.ik, HOME_Q)
    bench.residual.publish(offset(bench.clock.stamp_ns, np.full(6, -0.001)))
    bench.probe.spin_until(lambda: bench.commands)
    expected = HOME_Q + 0.25 * NEAR - 0.001
    rows = convert.trajectory_from_ros(bench.commands[-1]).rows
    np.testing.assert_allclose(rows, np.tile(expected, (12, 1)), atol=TOLERANCE)
    terms = bench.terms()
    np.testing.assert_allclose(terms["ik"], 0.75 * HOME_Q)
    np.testing.assert_allclose(terms["groot"], 0.25 * (HOME_Q + NEAR))
    np.testing.assert_allclose(terms["residual"], -0.001)
    np.testing.assert_allclose(terms["sum"], expected)
    np.testing.assert_allclose(terms["command"], rows[0])
    np.testing.assert_allclose(terms["guard"], 0.0, atol=1e-12)


def test_a_residual_is_capped_and_ends_when_it_is_stale(start_node: Start, probe: Probe):
    """A large correction moves the arm by the cap, an old one not at all."""
    start_node("residual_blender", {"residual_cap": [0.005] * 6, "residual_timeout_s": 0.05})
    bench = Bench(probe)
    follow_home(bench)
    bench.send_chunk(bench.ik, HOME_Q, length_s=1.0)
    bench.residual.publish(offset(bench.clock.stamp_ns, np.full(6, 0.5)))
    np.testing.assert_allclose(bench.next_command()[-1], HOME_Q + 0.005, atol=TOLERANCE)
    bench.next_command()
    np.testing.assert_allclose(bench.next_command()[-1], HOME_Q, atol=TOLERANCE)
    np.testing.assert_array_equal(bench.terms()["residual"], np.zeros(6))


def test_ik_takes_over_when_groot_stops(start_node: Start, probe: Probe):
    """The other base gets all weight, and the report names the one that is missing."""
    start_node("residual_blender", {"w_ik": 0.0, "w_groot": 1.0, "groot_timeout_s": 0.05})
    bench = Bench(probe)
    bench.send_chunk(bench.groot, HOME_Q + NEAR, length_s=1.0)
    bench.send_chunk(bench.ik, HOME_Q)
    np.testing.assert_allclose(bench.command()[-1], HOME_Q + NEAR, atol=TOLERANCE)
    for _ in range(3):
        bench.send_chunk(bench.ik, HOME_Q)
        rows = bench.next_command()
    np.testing.assert_allclose(rows[-1], HOME_Q, atol=TOLERANCE)
    bench.wait_for_report(WARN, "fallback to the other base: the groot action is 0.10 s old")
    assert bench.values()["weight_ik"] == "1"


def test_without_a_base_the_arm_holds_one_pose(start_node: Start, probe: Probe):
    """The measured pose drifts for a second; the held target does not."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    for _ in range(4):
        bench.next_command()
    for step in range(30):
        held = bench.next_command(HOME_Q - 0.01 * step)
        np.testing.assert_allclose(held, np.tile(HOME_Q, (12, 1)), atol=TOLERANCE)
    bench.wait_for_report(WARN, "holding: the ik action")


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda message: message.points[0].positions.__setitem__(2, float("nan")), "finite"),
        (lambda message: message.joint_names.__setitem__(0, "shoulder"), "unknown ['shoulder']"),
        (lambda message: message.points.clear(), "at least one point"),
    ],
)
def test_a_malformed_chunk_is_refused_whole_and_named(
    start_node: Start, probe: Probe, spoil: Callable, text: str
):
    """Nothing of it reaches the arm; the chunk before stays."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    message = chunk(bench.clock.stamp_ns, HOME_Q + NEAR)
    spoil(message)
    bench.ik.publish(message)
    np.testing.assert_allclose(bench.next_command(), np.tile(HOME_Q, (12, 1)), atol=TOLERANCE)
    refused = bench.values()["refused policy/ik/action"]
    assert refused.startswith("1 (last: ") and text in refused


def test_an_emergency_stop_lasts_until_it_is_resumed(start_node: Start, probe: Probe):
    """Neither policies nor a reset move the arm; a resume does, slowly."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    assert probe.trigger("blender/estop").success
    for _ in range(5):
        bench.send_chunk(bench.ik, HOME_Q + 0.5)
        rows = bench.next_command()
        np.testing.assert_allclose(rows, np.tile(HOME_Q, (12, 1)), atol=TOLERANCE)
    bench.wait_for_report(WARN, "stopped: stopped by blender/estop")
    bench.clock.tick += RATES.control_hz // 2
    bench.send_chunk(bench.ik, HOME_Q + 0.5)
    np.testing.assert_allclose(bench.command(), np.tile(HOME_Q, (12, 1)), atol=TOLERANCE)
    assert probe.trigger("blender/resume").success
    bench.clock.tick += RATES.control_ticks_per_policy
    bench.send_chunk(bench.ik, HOME_Q + 0.5)
    expected = HOME_Q + np.arange(1, 13)[:, None] * RAMP_STEP
    np.testing.assert_allclose(bench.command(), expected, atol=TOLERANCE)


def test_a_hold_keeps_the_commanded_pose(start_node: Start, probe: Probe):
    """An operator's hold wins over what the policies want."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    assert probe.trigger("blender/hold").success
    bench.send_chunk(bench.ik, HOME_Q + NEAR)
    rows = bench.next_command(HOME_Q - 0.02)
    np.testing.assert_allclose(rows, np.tile(HOME_Q, (12, 1)), atol=TOLERANCE)
    bench.wait_for_report(WARN, "holding: held by blender/hold")


def test_the_first_command_ramps_from_the_measured_pose(start_node: Start, probe: Probe):
    """A far target is approached in bounded steps, the first from where the arm is."""
    start_node("residual_blender")
    bench = Bench(probe)
    bench.send_chunk(bench.ik, HOME_Q + 0.5)
    expected = HOME_Q + np.arange(1, 13)[:, None] * RAMP_STEP
    np.testing.assert_allclose(bench.command(), expected, atol=TOLERANCE)
    bench.wait_for_report(OK, "ramping")


def test_a_gap_in_the_joint_states_drops_older_chunks(start_node: Start, probe: Probe):
    """After a reset an old target, though young enough in age, does not move the arm."""
    start_node("residual_blender", {"action_timeout_s": 10.0})
    bench = Bench(probe)
    follow_home(bench)
    bench.send_chunk(bench.ik, HOME_Q + NEAR, length_s=5.0)
    late = chunk(bench.clock.stamp_ns, HOME_Q + NEAR, length_s=5.0)
    bench.next_command()
    elsewhere = HOME_Q - 0.3
    bench.clock.tick += RATES.control_hz // 2
    np.testing.assert_allclose(bench.command(elsewhere), np.tile(elsewhere, (12, 1)))
    bench.ik.publish(late)
    np.testing.assert_allclose(
        bench.next_command(elsewhere), np.tile(elsewhere, (12, 1)), atol=TOLERANCE
    )
    assert "before the epoch" in bench.values()["refused policy/ik/action"]


def test_weights_change_live_and_nonsense_is_rejected(start_node: Start, probe: Probe):
    """A slider moves the blend; a value outside its range is refused with the reason."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    for name, weight in (("w_groot", 1.0), ("w_ik", 0.0)):
        assert probe.set_parameter("residual_blender", name, weight).successful
    bench.send_chunk(bench.ik, HOME_Q)
    bench.send_chunk(bench.groot, HOME_Q + NEAR)
    np.testing.assert_allclose(bench.next_command()[-1], HOME_Q + NEAR, atol=TOLERANCE)
    for name, value, text in (
        ("w_ik", -0.5, "range"),
        ("w_groot", 0.0, "w_ik and w_groot are both 0: give the base"),
        ("residual_cap", [0.1] * 5, "residual_cap must be 6 numbers"),
        ("action_timeout_s", 0.0, "action_timeout_s must be above 0 s"),
        ("rate_hz", 30, "read-only"),
    ):
        result = probe.set_parameter("residual_blender", name, value)
        assert not result.successful and text in result.reason
    bench.send_chunk(bench.groot, HOME_Q + NEAR)
    np.testing.assert_allclose(bench.next_command()[-1], HOME_Q + NEAR, atol=TOLERANCE)


def test_lock_step_commands_once_per_policy_tick(start_node: Start, probe: Probe):
    """Each command carries the stamp of its tick and waits for the answer to it."""
    start_node("residual_blender", {"lock_step": True})
    bench = Bench(probe)
    expected = []
    for _ in range(10):
        expected.append(bench.joints.send())
        bench.send_chunk(bench.ik, HOME_Q)
        probe.spin_until(lambda: bench.command_stamps()[-1:] == expected[-1:])
        bench.send_chunk(bench.ik, HOME_Q)  # an answer given twice is commanded once
        for _ in range(RATES.control_ticks_per_policy):
            bench.clock.tick += 1
            if bench.clock.tick % RATES.control_ticks_per_policy:
                bench.joints.send()
    assert bench.command_stamps() == expected


def test_lock_step_gives_a_lost_command_again(start_node: Start, probe: Probe):
    """A joint state that comes again asks for the same command, and moves nothing on."""
    start_node("residual_blender", {"lock_step": True})
    bench = Bench(probe)
    bench.send_chunk(bench.ik, HOME_Q + 0.5)
    first = bench.command()
    bench.commands.clear()
    np.testing.assert_array_equal(bench.command(), first)


def test_lock_step_goes_on_when_a_policy_has_no_answer(start_node: Start, probe: Probe):
    """An empty chunk says so; the arm holds and time passes."""
    start_node("residual_blender", {"lock_step": True})
    bench = Bench(probe)
    stamp_ns = bench.joints.send()
    bench.ik.publish(JointTrajectoryMsg(header=convert.header(stamp_ns)))
    probe.spin_until(lambda: bench.command_stamps() == [stamp_ns])
    rows = convert.trajectory_from_ros(bench.commands[-1]).rows
    np.testing.assert_allclose(rows, np.tile(HOME_Q, (12, 1)))


def test_a_second_publisher_silences_the_blender(
    start_node: Start, probe: Probe, make_probe: Callable[[str], Probe]
):
    """Nothing is sent while somebody else commands the arm; the report names who."""
    start_node("residual_blender")
    bench = Bench(probe)
    follow_home(bench)
    rival = make_probe("rival")
    rival.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
    bench.wait_for_report(ERROR, "['/rival'] publish on /joint_trajectory too")
    before = len(bench.commands)
    bench.send_chunk(bench.ik, HOME_Q)
    bench.clock.tick += 4
    bench.joints.send()
    bench.wait_for_report(ERROR, "nothing is sent until they stop")
    assert len(bench.commands) == before


def test_lock_step_goes_on_when_the_second_publisher_is_gone(
    start_node: Start, probe: Probe, make_probe: Callable[[str], Probe]
):
    """The tick that nobody could answer meanwhile is answered when it comes again."""
    start_node("residual_blender", {"lock_step": True})
    bench = Bench(probe)
    rival = make_probe("rival")
    publisher = rival.publisher(JointTrajectoryMsg, "joint_trajectory", qos.COMMAND)
    bench.wait_for_report(ERROR, "['/rival'] publish on /joint_trajectory too")
    bench.send_chunk(bench.ik, HOME_Q)
    bench.joints.send()
    settle(probe, "residual_blender")
    assert bench.commands == []
    rival.node.destroy_publisher(publisher)
    bench.wait_for_report(STALE, "no command yet")
    np.testing.assert_allclose(bench.command(), np.tile(HOME_Q, (12, 1)))


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"w_groot": -0.1}, "w_groot=-0.1 is not allowed"),
        ({"w_ik": 0.0}, "w_ik and w_groot are both 0"),
        ({"rate_hz": 50}, "rate_hz=50 must divide control_hz=120"),
        ({"rate_hz": -60}, "rate_hz=-60 is not allowed"),
        ({"ramp_speed": 0.0}, "ramp_speed must be above 0 rad/s, got 0.0"),
        ({"robot_model": "/nowhere/so101.xml"}, "robot_model='/nowhere/so101.xml' is not a file"),
    ],
)
def test_bad_parameters_end_the_node_with_one_line(start_node: Start, parameters: dict, text: str):
    """Exit code 2, and the reason without a traceback."""
    process = start_node("residual_blender", parameters)
    assert process.wait() == 2
    assert text in process.output and "Traceback" not in process.output
