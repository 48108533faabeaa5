"""The demo over real DDS: complete files, honest exit codes, no process left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
from harness import children

from so101_ros.recording.bag_reader import BagReader

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 100.0  # [s], a busy machine needs a while to start six Python processes

pytestmark = pytest.mark.timeout(180)


class Demo:
    """``so101 demo`` in a process of its own."""

    def __init__(self, out: Path, domain_id: int, *line: str) -> None:
        """Start it."""
        self.out = out
        out.parent.mkdir(parents=True, exist_ok=True)
        self._stdout = (out.parent / "stdout.txt").open("w+")
        self._stderr = (out.parent / "stderr.txt").open("w+")
        environment = {**os.environ, "ROS_DOMAIN_ID": str(domain_id), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "so101_ros.cli", "demo", "--out", str(out), *line]
        self.process = subprocess.Popen(
            command, env=environment, stdout=self._stdout, stderr=self._stderr
        )

    @property
    def stdout(self) -> str:
        """What it showed so far."""
        return Path(self._stdout.name).read_text()

    @property
    def stderr(self) -> str:
        """What it complained of so far."""
        return Path(self._stderr.name).read_text()

    def nodes(self) -> dict[str, int]:
        """Process ids of the nodes that it started and that still run, by executable."""
        return children(self.process.pid)

    def wait_until(self, predicate: Callable[[], object]) -> None:
        """Wait for something to happen while the demo runs."""
        end_s = time.monotonic() + PATIENCE_S
        while not predicate():
            assert self.process.poll() is None, self.stderr
            assert time.monotonic() < end_s, self.stdout
            time.sleep(0.05)

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(PATIENCE_S)

    def summary(self) -> dict:
        """The figures that it left."""
        return json.loads((self.out / "summary.json").read_text())

    def close(self) -> None:
        """Leave nothing running."""
        pids = self.nodes().values()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self._stdout.close()
        self._stderr.close()


@pytest.fixture
def start_demo(domain_id: int, tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Start a small demo; every process is gone when the test ends."""
    demos: list[Demo] = []

    def start(*line: str) -> Demo:
        demos.append(Demo(tmp_path / "demo", domain_id, "--camera-size", "64x48", *line))
        return demos[-1]

    yield start
    for demo in demos:
        demo.close()


def test_a_demo_leaves_a_complete_record(start_demo: Callable[..., Demo]) -> None:
    """Summary, video, plot and bag agree with each other, and all nodes are gone."""
    demo = start_demo("--episodes", "2", "--time-limit-s", "1.5", "--seed", "5")
    assert demo.wait() == 0, demo.stderr
    assert demo.nodes() == {}
    summary = demo.summary()
    assert [episode["seed"] for episode in summary["episodes"]] == [5, 6]
    assert [episode["success"] for episode in summary["episodes"]] == [False, False]
    assert all(episode["final_margin_m"] < 0.0 for episode in summary["episodes"])
    assert summary["real_time_factor"] > 0.0
    assert summary["topics"]["/joint_states"]["received"] > 100
    with av.open(str(demo.out / "demo.mp4")) as video:
        frames = sum(1 for _ in video.decode(video=0))
    simulated_s = sum(episode["duration_s"] for episode in summary["episodes"])
    assert frames == pytest.approx(30 * simulated_s, abs=12)
    assert (demo.out / "demo.png").stat().st_size > 10_000
    assert "0 of 2 episodes succeeded" in demo.stdout


def test_the_camera_alone_leads_the_arm(start_demo: Callable[..., Demo]) -> None:
    """The policy sees the sheet only in images; truth and task monitor agree that it came home."""
    demo = start_demo(
        *("--perception", "camera", "--camera-size", "320x240", "--episodes", "1", "--seed", "3")
    )
    assert demo.wait() == 0, demo.stderr
    summary = demo.summary()
    (episode,) = summary["episodes"]
    assert episode["success"] and episode["reported_success"], episode
    assert episode["tracker"]["pose_share"] > 0.0
    assert episode["tracker"]["median_error_m"] < 0.003
    assert summary["topics"]["/paper_pose"]["received"] > 10
    with BagReader(demo.out / "bag") as bag:
        counts = bag.counts
    for topic in ("/frame_pose", "/paper_tracker/pose_with_covariance"):
        assert counts[topic] > 10, topic
    assert counts["/paper_tracker/image/compressed"] > 10
    assert "/paper_tracker/image" not in counts
    with av.open(str(demo.out / "demo.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) > 30


def test_two_readers_agree_on_the_bag(start_demo: Callable[..., Demo]) -> None:
    """The bag holds the graph's topics without raw images; two readers count the same."""
    reader_module = pytest.importorskip("mcap.reader")
    demo = start_demo("--episodes", "1", "--time-limit-s", "0.5", "--no-video")
    assert demo.wait() == 0, demo.stderr
    assert not (demo.out / "demo.mp4").exists()
    with BagReader(demo.out / "bag") as bag:
        counts = bag.counts
    (file,) = (demo.out / "bag").glob("*.mcap")
    with file.open("rb") as stream:
        summary = reader_module.make_reader(stream).get_summary()
    witnessed = {
        channel.topic: summary.statistics.channel_message_counts.get(number, 0)
        for number, channel in summary.channels.items()
    }
    assert witnessed == counts
    for topic in ("/clock", "/joint_states", "/joint_trajectory", "/policy/ik/action"):
        assert counts[topic] > 0, topic
    assert counts["/sim/scene"] >= 1
    assert counts["/camera/top/image_raw/compressed"] > 0
    assert "/camera/top/image_raw" not in counts


def test_ctrl_c_finishes_the_files(start_demo: Callable[..., Demo]) -> None:
    """The first episode is kept, the bag opens, and no node survives."""
    demo = start_demo("--episodes", "50", "--time-limit-s", "0.5")
    demo.wait_until(lambda: "episode 1/50  seed 0  no success" in demo.stdout)
    assert len(demo.nodes()) == 5
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait() == 130, demo.stderr
    assert demo.nodes() == {}
    summary = demo.summary()
    assert summary["interrupted"]
    assert 1 <= summary["episodes_finished"] < 50
    with BagReader(demo.out / "bag") as bag:
        assert bag.counts["/joint_states"] > 0
    assert (demo.out / "demo.mp4").exists()


def test_ctrl_c_before_the_first_episode_leaves_a_valid_bag(
    start_demo: Callable[..., Demo],
) -> None:
    """Stopping while the nodes start is as clean as later."""
    demo = start_demo()
    demo.wait_until(lambda: demo.nodes())
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait() == 130, demo.stderr
    assert demo.nodes() == {}
    assert demo.summary()["episodes_finished"] == 0
    with BagReader(demo.out / "bag"):
        pass


def test_a_dead_node_fails_the_demo(start_demo: Callable[..., Demo]) -> None:
    """The node is named with its end; the others are stopped; exit code 1."""
    demo = start_demo("--episodes", "50")
    demo.wait_until(lambda: "episode 1/50" in demo.stdout)
    os.kill(demo.nodes()["residual_blender"], signal.SIGKILL)
    assert demo.wait() == 1
    assert "residual_blender was ended by SIGKILL" in demo.stderr
    assert demo.nodes() == {}
    assert demo.summary()["failure"] == "residual_blender was ended by SIGKILL"
    with BagReader(demo.out / "bag") as bag:
        assert bag.counts["/joint_states"] > 0


def test_a_node_that_refuses_its_input_is_quoted(start_demo: Callable[..., Demo]) -> None:
    """A camera that no renderer can make: exit code 2 and the node's own words."""
    demo = start_demo("--camera-size", "100000x100000")
    assert demo.wait() == 2
    assert "sim_cameras ended with exit code 2" in demo.stderr
    assert "100000" in demo.stderr
    assert demo.nodes() == {}


def test_an_output_that_is_a_file_is_refused(start_demo: Callable[..., Demo]) -> None:
    """Nothing starts and the file is untouched."""
    first = start_demo("--help")
    assert first.wait() == 0
    first.out.write_text("mine")
    demo = start_demo()
    assert demo.wait() == 2
    assert "exists and is no folder" in demo.stderr
    assert first.out.read_text() == "mine"
