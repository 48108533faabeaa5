"""A demo's options, files and progress: everything of it that needs no graph."""

import argparse
import signal
from pathlib import Path

import pytest
from rich.console import Console

from so101_ros.cli.demo_display import DemoDisplay, describe_progress
from so101_ros.cli.demo_options import DemoOptions, add_demo_options, read_demo_options
from so101_ros.cli.main import run
from so101_ros.cli.stop_flag import StopFlag
from so101_ros.demo.files import DemoFiles
from so101_ros.demo.progress import EpisodeProgress
from so101_ros.errors import ConfigError
from so101_ros.randomization.load import load_tier
from so101_ros.task.measures import PaperMeasures

PROGRESS = EpisodeProgress(
    number=1,
    total=3,
    seed=7,
    elapsed_s=2.4,
    measures=PaperMeasures(distance_to_goal=0.087, yaw_error=0.7156, margin=-0.05),
    success=False,
    phase="drag",
    real_time_factor=0.998,
)


def _options(*line: str) -> DemoOptions:
    parser = argparse.ArgumentParser()
    add_demo_options(parser)
    return read_demo_options(parser.parse_args(line))


def test_the_defaults_are_the_demo_of_the_readme() -> None:
    """Three episodes from seed 0 in real time, with small images."""
    options = _options()
    assert options.seeds == [0, 1, 2]
    assert options.out == Path("out/demo")
    assert options.bring_up.camera_width == 320
    assert options.video


def test_options_reach_the_graph() -> None:
    """Size, seed and speed are handed to the bring-up."""
    options = _options("--camera-size", "640x480", "--seed", "9", "--real-time-factor", "0.5")
    bring_up = options.bring_up
    assert (bring_up.camera_width, bring_up.camera_height) == (640, 480)
    assert (bring_up.seed, bring_up.real_time_factor) == (9, 0.5)
    assert options.seeds == [9, 10, 11]


def test_perception_reaches_the_graph_and_the_summary() -> None:
    """By default the graph knows the truth."""
    seeing = _options("--perception", "camera")
    assert seeing.tracked and seeing.bring_up.perception == "camera"
    assert seeing.to_dict()["perception"] == "camera"
    assert not _options().tracked and _options().bring_up.perception == "truth"


def test_the_scene_reaches_every_node_that_needs_it_and_the_summary() -> None:
    """By default it is the nominal one."""
    hard = _options("--scene", "hard")
    assert hard.bring_up.tier == load_tier("hard")
    assert hard.to_dict()["scene"] == "hard"
    assert not _options().bring_up.tier.draws


def test_only_a_simulation_without_pace_runs_in_lock_step() -> None:
    """As fast as possible means as fast as the policy answers."""
    assert _options("--real-time-factor", "0").bring_up.lock_step
    assert not _options("--real-time-factor", "2").bring_up.lock_step


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--episodes", "0"], "--episodes must be at least 1, got 0"),
        (["--time-limit-s", "0"], "--time-limit-s must be above 0 and at most 13.3"),
        (["--time-limit-s", "nan"], "got nan"),
        (["--real-time-factor", "-1"], "real_time_factor=-1.0 is not allowed"),
        (["--camera-size", "0x240"], "camera_width=0 is not allowed"),
        (["--camera-size", "big"], "'big' is no size: give WIDTHxHEIGHT"),
        (["--seed", "-3"], "seed=-3 is not allowed"),
        (["--scene", "soft"], "scene 'soft' is unknown. Allowed: nominal, visual"),
        (["--perception", "guess"], "perception='guess' is not known. Allowed: truth, camera"),
        (["--perception", "camera", "--real-time-factor", "0"], "not possible in lock-step"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    line: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing starts and nothing is written when an option is out of range."""
    out = tmp_path / "out"
    try:
        code = run(["demo", "--out", str(out), *line])
    except SystemExit as ended:
        code = ended.code
    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """The help names every file that a demo leaves, and the exit codes."""
    with pytest.raises(SystemExit) as ended:
        run(["demo", "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    for name in ("summary.json", "demo.mp4", "demo.png", "bag/", "exit codes", "examples"):
        assert name in text


def test_the_files_of_an_earlier_demo_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    """A second demo begins with a clean folder; foreign files stay."""
    files = DemoFiles(tmp_path)
    files.bag.mkdir()
    (files.bag / "bag.mcap").write_bytes(b"old")
    (files.bag / "metadata.yaml").write_text("old")
    files.video.write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine")
    files.prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_is_no_bag_is_not_removed(tmp_path: Path) -> None:
    """What only happens to be called bag is somebody's."""
    files = DemoFiles(tmp_path)
    files.bag.mkdir()
    (files.bag / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(ConfigError, match="is no bag of an earlier demo"):
        files.prepare()
    assert (files.bag / "holiday.jpg").exists()


def test_the_output_must_be_a_folder(tmp_path: Path) -> None:
    """A file in the way is named."""
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="exists and is no folder"):
        DemoFiles(path).prepare()
    with pytest.raises(ConfigError, match="cannot be made: Not a directory"):
        DemoFiles(path / "below").prepare()
    assert path.read_text() == "mine"


def test_progress_is_one_line_with_units() -> None:
    """Episode, time, distance, turn, phase and speed, for humans."""
    assert describe_progress(PROGRESS) == (
        "episode 1/3  seed 7   2.4 s  distance  87 mm  yaw error 41 deg  drag  x1.00"
    )


def test_plain_output_is_thinned_out(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file gets a line now and then, not thirty per second."""
    with DemoDisplay(Console(force_terminal=False, width=100)) as display:
        for _ in range(50):
            display.show(PROGRESS)
    assert capsys.readouterr().out.count("episode 1/3") == 1


def test_ctrl_c_is_remembered_and_the_handlers_return() -> None:
    """Inside the block a signal is a wish; after it Python's own handler is back."""
    before = signal.getsignal(signal.SIGINT)
    with StopFlag() as stop:
        assert not stop.requested
        signal.raise_signal(signal.SIGINT)
        assert stop.requested
    assert signal.getsignal(signal.SIGINT) is before
