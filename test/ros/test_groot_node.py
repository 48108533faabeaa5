"""The GR00T node between stand-ins: its chunks, its reasons for none, and who it waits for."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from drivers import RATES, NodeBench
from groot_servers import ANY_PORT, hold_server, our_server, profile_of
from harness import NodeProcess, Probe
from sensor_msgs.msg import Image
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMsg

from so101_ros.arm import HOME_Q
from so101_ros.groot.mock.faults import Fault, FaultTimes, FaultyProvider
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire.server import ServerOptions
from so101_ros.nodes import convert, convert_images, qos
from so101_ros.nodes.diagnostics import ERROR, OK, WARN
from so101_ros.nodes.policy_status import GROOT_TOPIC, TickReport, report_from_ros

Start = Callable[..., NodeProcess]

PROFILE = profile_of(Generation.N15)
OPTIONS = ServerOptions(ANY_PORT)
CAMERAS = ("top", "wrist")
Q = HOME_Q + np.array([0.1, 0.02, -0.03, 0.04, -0.2, 0.3])
TICK_S = 0.02  # [s], wall time between two policy ticks at least
PATIENCE_S = 30.0  # [s], longer than any test lets a model think

pytestmark = pytest.mark.timeout(60)


class Model(HoldProvider):
    """Holds the arm, when and how the test wants it.

    Attributes:
        may_answer: Cleared, questions wait for it.
        asked: How many questions have come.
        prompts: What it was told to do.
        fault: What is wrong with its answers.
    """

    def __init__(self) -> None:
        """Begin as one who answers at once."""
        super().__init__(PROFILE)
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked = 0
        self.prompts: list[str] = []
        self.fault: Fault | None = None

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer the present state, or something wrong."""
        self.asked += 1
        self.prompts.append(request.prompt)
        assert self.may_answer.wait(PATIENCE_S)
        if self.fault is None:
            return super().infer(request)
        inner = HoldProvider(PROFILE)
        return FaultyProvider(inner, self.fault, FaultTimes()).infer(request)


class OtherHorizon(HoldProvider):
    """Says that it answers more rows than it does."""

    def describe(self) -> ModelContract:
        """Tell what does not fit the profile."""
        return replace(super().describe(), horizon=40)


class Bench(NodeBench):
    """The node between stand-ins for the backend, the cameras and the blender.

    Attributes:
        cameras: Who takes images.
        image_stamps: Stamps of the images that were sent, in [ns].
    """

    def __init__(self, probe: Probe) -> None:
        """Wait for the node and connect to it."""
        super().__init__(probe, "groot_policy")
        self.actions: list[JointTrajectoryMsg] = probe.collect(
            JointTrajectoryMsg, "policy/groot/action", qos.POLICY_ACTION
        )
        self._statuses: list[DiagnosticStatus] = probe.collect(
            DiagnosticStatus, GROOT_TOPIC, qos.STATUS
        )
        self._images = {
            camera: probe.publisher(Image, f"camera/{camera}/image_raw", qos.SENSOR_IMAGE)
            for camera in CAMERAS
        }
        self._noise = np.random.default_rng(0)
        self.cameras: tuple[str, ...] = CAMERAS
        self.image_stamps: list[int] = []
        self.clock.tick += 1  # images are one control tick older than the policy ticks
        self.wait_until_heard()

    def tick(self) -> TickReport:
        """Play one policy tick, images first; returns what is said of it."""
        due_s = time.monotonic() + TICK_S
        self.clock.tick += RATES.control_ticks_per_policy - 2
        self.joints.send(Q)
        self._take_images()
        self.clock.tick += 1
        stamp_ns = self.joints.send(Q)
        self.clock.tick += 1
        self.joints.send(Q)
        self.probe.spin_until(lambda: self._report_of(stamp_ns) and time.monotonic() >= due_s)
        report = self._report_of(stamp_ns)
        assert report is not None
        return report

    def play(self, until: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Play policy ticks until something holds."""
        end_s = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < end_s, f"in vain: {self.reports[-1:]}"
            self.tick()

    def play_until_it_says(self, level: bytes, text: str) -> None:
        """Play until a new report says something."""
        self.reports.clear()
        self.play(lambda: self._says(level, text))

    def play_until_chunk(self) -> JointTrajectoryMsg:
        """Play until one more chunk has come, and return it."""
        count = len(self.actions)
        self.play(lambda: len(self.actions) > count)
        return self.actions[-1]

    def reset(self) -> None:
        """Let the gap of a reset pass."""
        self.clock.tick += RATES.control_hz

    def _says(self, level: bytes, text: str) -> bool:
        return any(each.level == level and text in each.message for each in self.reports)

    def _take_images(self) -> None:
        stamp_ns = self.clock.stamp_ns
        self.image_stamps.append(stamp_ns)
        for camera in self.cameras:
            pixels = self._noise.integers(0, 256, (120, 160, 3), np.uint8)
            message = convert_images.image_to_ros(pixels, stamp_ns, f"{camera}_optical_frame")
            self._images[camera].publish(message)

    def _report_of(self, stamp_ns: int) -> TickReport | None:
        reports = (report_from_ros(each) for each in reversed(self._statuses))
        return next((each for each in reports if each.stamp_ns == stamp_ns), None)


def stamp_of(chunk: JointTrajectoryMsg) -> int:
    """Stamp in [ns]."""
    return convert.stamp_to_ns(chunk.header.stamp)


def free_address() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def test_images_and_joint_states_become_chunks(start_node: Start, probe: Probe) -> None:
    """Stamped like the images, in radians by name, and the diagnostics measure all of it."""
    with hold_server() as server:
        start_node("groot_policy", {"provider": server.address, "seed": 5})
        bench = Bench(probe)
        bench.play(lambda: len(bench.actions) >= 4)
        for message in bench.actions:
            assert stamp_of(message) in bench.image_stamps
            chunk = convert.trajectory_from_ros(message)
            np.testing.assert_allclose(chunk.rows, np.tile(Q, (len(chunk.rows), 1)), atol=1e-5)
            assert chunk.times_s[-1] == pytest.approx(PROFILE.horizon / PROFILE.rate_hz)
        report = bench.tick()
        assert (report.level, report.seed) == (OK, 5)
        assert report.inference_s > 0.0 and report.target is not None
        np.testing.assert_allclose(report.target, Q, atol=1e-5)
        bench.play_until_it_says(OK, server.address)
        values = bench.values()
    assert float(values["inference_p50_ms"]) > 0.0
    assert float(values["observation_age_s"]) < 0.2
    assert float(values["chunk_age_s"]) < PROFILE.horizon / PROFILE.rate_hz
    assert float(values["seam_jump_rad"]) == pytest.approx(0.0, abs=1e-5)
    assert values["contract"] == server.address
    assert int(values["answers"]) >= 4 and values["failures"] == "0"


def test_a_server_may_come_after_the_node(start_node: Start, probe: Probe) -> None:
    """Until then the reason names the address and how to start one; then it goes on by itself."""
    address = free_address()
    node = start_node("groot_policy", {"provider": address, "timeout_s": 0.3})
    bench = Bench(probe)
    bench.wait_for_report(ERROR, address)
    bench.play_until_it_says(ERROR, "so101 groot mock")
    assert address in bench.tick().message
    assert bench.actions == []
    with hold_server(address=address):
        bench.play_until_chunk()
        bench.play_until_it_says(OK, address)
    assert "Traceback" not in node.output


@pytest.mark.parametrize("what", ["horizon", "dialect"])
def test_a_model_that_does_not_fit_ends_the_node(start_node: Start, what: str) -> None:
    """At first contact, with one line that says what does not fit."""
    provider = OtherHorizon(PROFILE) if what == "horizon" else HoldProvider(PROFILE)
    generation = Generation.N15 if what == "horizon" else Generation.N17
    with our_server(provider, replace(OPTIONS, generation=generation)) as server:
        node = start_node("groot_policy", {"provider": server.address})
        assert node.wait() == 2
    errors = [line for line in node.output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and server.address in errors[0]
    assert ("horizon" if what == "horizon" else "speaks n17") in errors[0]
    assert "Traceback" not in node.output


def test_a_model_that_does_not_fit_may_be_allowed(start_node: Start, probe: Probe) -> None:
    """The log still says what does not fit."""
    with our_server(OtherHorizon(PROFILE), OPTIONS) as server:
        node = start_node("groot_policy", {"provider": server.address, "allow_mismatch": True})
        bench = Bench(probe)
        bench.play_until_chunk()
        bench.play_until_it_says(OK, server.address)
        assert "horizon" in bench.values()["does not fit: horizon"]
    assert "allowed all the same: horizon" in node.output


def test_a_server_that_dies_is_found_again(start_node: Start, probe: Probe) -> None:
    """Meanwhile nothing is published, nor by another model in its place; the reason is given."""
    with hold_server() as server:
        node = start_node("groot_policy", {"provider": server.address, "timeout_s": 0.3})
        bench = Bench(probe)
        bench.play_until_chunk()
    bench.play_until_it_says(WARN, server.address)
    count = len(bench.actions)
    for _ in range(60):  # longer than any chunk and any wait between two questions
        bench.tick()
    assert len(bench.actions) == count
    report = bench.tick()
    assert report.level == WARN and server.address in report.message
    with our_server(OtherHorizon(PROFILE), replace(OPTIONS, address=server.address)):
        bench.play_until_it_says(WARN, "does not fit profile")
    assert len(bench.actions) == count
    with hold_server(address=server.address):
        bench.play_until_chunk()
        bench.play_until_it_says(OK, server.address)
    assert "Traceback" not in node.output


@pytest.mark.slow
def test_wrong_answers_move_nothing(start_node: Start, probe: Probe) -> None:
    """Each has its reason, which stays while the model is asked again and again."""
    model = Model()
    reasons = {
        Fault.NAN: "no finite numbers",
        Fault.WRONG_SHAPE: "(16, 7)",
        Fault.WRONG_HORIZON: "8",
        Fault.WRONG_KEY: "_renamed",
        Fault.ERROR: "told to fail",
        Fault.DEAD: "did not answer get_action within 0.5 s",
    }
    with our_server(model, OPTIONS) as server:
        node = start_node("groot_policy", {"provider": server.address, "timeout_s": 0.5})
        bench = Bench(probe)
        for fault, reason in reasons.items():
            model.fault = fault
            bench.play(lambda reason=reason: reason in bench.tick().message)
            count, asked = len(bench.actions), model.asked
            messages = set()
            while model.asked == asked:
                messages.add(bench.tick().message)
            messages |= {bench.tick().message for _ in range(3)}
            assert len(bench.actions) == count, fault
            assert all(reason in each for each in messages), (fault, messages)
            if fault is Fault.NAN:
                bench.play_until_it_says(WARN, reason)
            model.fault = None
            bench.play_until_chunk()
        assert int(bench.values()["failures"]) >= 2 * len(reasons)
    assert "Traceback" not in node.output


def test_no_model_is_asked_without_images(start_node: Start, probe: Probe) -> None:
    """Missing, of one camera alone, or old: the reason names the camera."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address})
        bench = Bench(probe)
        for cameras, missing in (((), "top"), (("top",), "wrist")):
            bench.cameras = cameras
            bench.play_until_it_says(WARN, f"none has come on camera/{missing}/image_raw")
        assert model.asked == 0 and bench.actions == []
        bench.cameras = CAMERAS
        bench.play_until_chunk()
        bench.cameras = ("wrist",)
        bench.play_until_it_says(WARN, "the newest of top is")
        asked, count = model.asked, len(bench.actions)
        for _ in range(30):
            bench.tick()
        assert (model.asked, len(bench.actions)) == (asked, count)
        assert "the newest of top is" in bench.tick().message
        bench.cameras = CAMERAS
        bench.play_until_chunk()


def test_images_that_do_not_belong_together_are_not_shown(start_node: Start, probe: Probe) -> None:
    """A camera that is a tenth of a second behind the other shows another moment."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address, "image_timeout_s": 1.0})
        bench = Bench(probe)
        bench.cameras = ()
        bench.play_until_it_says(WARN, "none has come on camera/top/image_raw")
        for bench.cameras in (("top",), (), (), (), ("wrist",), (), ()):
            report = bench.tick()
        assert "together: the newest of top is 0." in report.message
        assert model.asked == 0
        bench.cameras = CAMERAS
        bench.play_until_chunk()


def test_an_answer_from_before_a_reset_is_dropped(start_node: Start, probe: Probe) -> None:
    """It was asked about an arm that is no longer there; that it is late is not the reason."""
    model = Model()
    parameters = {"timing": "stop_and_go", "timeout_s": PATIENCE_S}
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address, **parameters})
        bench = Bench(probe)
        model.may_answer.clear()
        bench.play(lambda: model.asked == 1)
        bench.reset()
        first_after_ns = bench.tick().stamp_ns
        model.may_answer.set()
        bench.play_until_chunk()
    assert all(stamp_of(each) >= first_after_ns for each in bench.actions)
    assert model.asked >= 2


def test_the_node_does_not_wait_for_its_model(start_node: Start, probe: Probe) -> None:
    """While the model thinks every policy tick is reported; each waits for the one before."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address, "timeout_s": PATIENCE_S})
        bench = Bench(probe)
        model.may_answer.clear()
        bench.play(lambda: model.asked == 1)
        reports = [bench.tick() for _ in range(40)]
        bench.wait_until_heard()
        assert model.asked == 1 and bench.actions == []
        model.may_answer.set()
        bench.play_until_chunk()
    assert {each.level for each in reports} == {WARN}
    assert {each.message for each in reports} == {"the model has not answered yet"}


def test_an_answer_that_comes_too_late_is_not_used(start_node: Start, probe: Probe) -> None:
    """Time goes on while the model thinks: what is left of it is nothing, and the remedy named."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address, "timeout_s": PATIENCE_S})
        bench = Bench(probe)
        model.may_answer.clear()
        bench.play(lambda: model.asked == 1)
        for _ in range(PROFILE.horizon + 8):
            bench.tick()
        model.may_answer.set()
        bench.wait_for_report(WARN, "timing:=stop_and_go")
        assert bench.actions == []
        assert bench.values()["late_answers"] == "1"
        bench.play_until_chunk()


def test_an_arm_that_stops_can_wait_for_its_model(start_node: Start, probe: Probe) -> None:
    """Stop and go: no row is lost, and the next question waits until the arm has come to rest."""
    model = Model()
    parameters = {"timing": "stop_and_go", "timeout_s": PATIENCE_S}
    with our_server(model, OPTIONS) as server:
        start_node("groot_policy", {"provider": server.address, **parameters})
        bench = Bench(probe)
        for turn in range(2):
            model.may_answer.clear()
            bench.play(lambda turn=turn: model.asked == turn + 1)
            for _ in range(PROFILE.horizon + 8):
                bench.tick()
            now_ns = bench.clock.stamp_ns
            model.may_answer.set()
            bench.probe.spin_until(lambda turn=turn: len(bench.actions) == turn + 1)
            chunk = convert.trajectory_from_ros(bench.actions[-1])
            assert chunk.stamp_ns in bench.image_stamps
            assert chunk.stamp_ns + 1e9 * chunk.times_s[0] >= now_ns
            assert chunk.end_ns >= now_ns + 1e9 * (PROFILE.horizon - 1) / PROFILE.rate_hz
            if turn == 0:
                end_ns = chunk.end_ns
        assert bench.image_stamps and stamp_of(bench.actions[1]) > end_ns


def test_live_parameters(start_node: Start, probe: Probe) -> None:
    """What can change changes the next question; what cannot is refused with the reason."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        node = start_node("groot_policy", {"provider": server.address})
        bench = Bench(probe)
        bench.play_until_chunk()
        assert set(model.prompts) == {PROFILE.prompt}
        change = "groot_policy", "prompt", "put the paper back"
        assert probe.set_parameter(*change).successful
        bench.play(lambda: model.prompts[-1] == "put the paper back")
        for name, value, text in (
            ("execution_steps", PROFILE.horizon + 1, "execution_steps must be 1 to 16"),
            ("fade_s", 1.5, "fade_s"),
            ("sync_tolerance_s", 0.5, "must be at most image_timeout_s"),
            ("provider", free_address(), "read-only"),
        ):
            result = probe.set_parameter("groot_policy", name, value)
            assert not result.successful and text in result.reason, (name, result)
        for name, value in (("fade_s", 0.0), ("execution_steps", 1)):
            assert probe.set_parameter("groot_policy", name, value).successful
        bench.play_until_chunk()
        first = stamp_of(bench.play_until_chunk())
        assert (stamp_of(bench.play_until_chunk()) - first) / 1e9 < 4.5 / PROFILE.rate_hz
    assert node.is_running and "Traceback" not in node.output


def test_bad_parameters_end_the_node_with_one_line(start_node: Start) -> None:
    """Exit code 2, and the reason without a traceback."""
    cases = (
        ({"profile": "nowhere"}, "nowhere"),
        ({"provider": "carrier pigeon"}, "tcp://HOST:PORT"),
        ({"execution_steps": 99}, "execution_steps must be 1 to 16"),
        ({"timing": "whenever"}, "stop_and_go"),
    )
    nodes = [(start_node("groot_policy", parameters), text) for parameters, text in cases]
    for node, text in nodes:
        assert node.wait() == 2
        assert text in node.output and "Traceback" not in node.output


def test_a_node_whose_model_thinks_can_be_stopped(start_node: Start, probe: Probe) -> None:
    """At once, although its thread waits for the answer."""
    model = Model()
    with our_server(model, OPTIONS) as server:
        node = start_node("groot_policy", {"provider": server.address, "timeout_s": PATIENCE_S})
        bench = Bench(probe)
        model.may_answer.clear()
        bench.play(lambda: model.asked == 1)
        node.send_signal(signal.SIGINT)
        try:
            assert node.wait(10.0) == 0
        finally:
            model.may_answer.set()
    assert "Traceback" not in node.output
