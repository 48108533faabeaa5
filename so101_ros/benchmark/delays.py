"""How late a late graph is: what its scene asks for, beside what its own stamps say."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from so101_ros.benchmark.arrivals import Arrivals, lateness_ms
from so101_ros.benchmark.figure import Figure
from so101_ros.benchmark.graph import START_TIMEOUT_S, WARM_UP_S, check_running
from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.process_graph import OnLine, ProcessGraph
from so101_ros.graph import build_graph
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.delay_config import DelayConfig

DELAY = DelayConfig(
    joint_state_s=0.025, camera_s=0.05, camera_jitter_s=0.02, image_loss=0.1, inference_s=0.05
)
"""Whole control ticks, so that nothing is rounded."""

_SCENE = """\
delay:
  joint_state_s: {hidden: %(joint_state_s)g}
  camera_s: {hidden: %(camera_s)g}
  camera_jitter_s: {hidden: %(camera_jitter_s)g}
  image_loss: {hidden: %(image_loss)g}
  inference_s: {hidden: %(inference_s)g}
"""

_CLOCK = "/clock"
_IMAGE = "camera/top/image_raw"
_ACTION = "policy/ik/action"


def measure_delays(duration_s: float, on_line: OnLine) -> list[Figure]:
    """Run a late graph in real time and compare stamps with the time of arrival.

    Args:
        duration_s: Wall time to listen in [s].
        on_line: Takes the lines that the nodes write.

    Returns:
        Median lateness of joint states, images, poses and answers, with what was asked for.

    Raises:
        GraphError: If a node ends or stays silent.
    """
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder, "late.yaml")
        scene.write_text(_SCENE % {name: getattr(DELAY, name) for name in DELAY.__slots__})
        entries = build_graph(BringUp(scene=str(scene), cameras="top"))
        with ProcessGraph(entries, on_line=on_line) as graph:
            heard = _listen(lambda: check_running(graph), duration_s)
    return _judge(heard)


def _listen(check: Callable[[], None], duration_s: float) -> dict[str, Arrivals]:
    from so101_ros.nodes.graph_session import GraphSession
    from so101_ros.nodes.stamp_probe import probe_delays

    with closing(GraphSession("so101_bench", check)) as session:
        probe = probe_delays(session.ears, _IMAGE)
        session.on_turn.append(probe.drain)
        session.wait_until(lambda: not probe.silent(), START_TIMEOUT_S, "a topic stayed silent")
        session.run_for(WARM_UP_S)
        probe.clear()
        session.run_for(duration_s)
        return {topic: probe.arrivals(topic) for topic in probe.topics}


def _judge(heard: dict[str, Arrivals]) -> list[Figure]:
    clock = heard[_CLOCK]
    joints_ms, images_ms = 1e3 * DELAY.joint_state_s, 1e3 * DELAY.camera_s
    jittered_ms = images_ms + 0.5e3 * DELAY.camera_jitter_s
    # An answer waits for the next joint state that is not before it is due.
    answers_ms = joints_ms + 1e3 * DELAY.inference_s
    asked_ms = {
        "joint_states": joints_ms,
        _IMAGE: jittered_ms,
        "sim/paper_pose": jittered_ms,
        _ACTION: answers_ms,
    }
    figures = [
        _compare(topic, lateness_ms(heard[topic], clock), asked)
        for topic, asked in asked_ms.items()
    ]
    return [*figures, _count_lost(heard[_IMAGE])]


def _compare(topic: str, late_ms: np.ndarray, asked_ms: float) -> Figure:
    low, high = np.percentile(late_ms, [1, 99])
    note = f"asked: {asked_ms:g} ms; p1 to p99 {low:.0f} to {high:.0f} ms, of {len(late_ms)}"
    return Figure(f"lateness of {topic}, p50", float(np.median(late_ms)), "ms", note)


def _count_lost(images: Arrivals) -> Figure:
    span_s = (images.stamps_ns.max() - images.stamps_ns.min()) / NANOSECONDS
    expected = round(span_s * Rates().policy_hz) + 1
    share = 1.0 - len(images.stamps_ns) / expected
    note = f"asked: {100 * DELAY.image_loss:g} %, of {expected}"
    return Figure(f"lost {_IMAGE}", 100.0 * share, "%", note)
