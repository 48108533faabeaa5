"""The benchmark measures what it says; how fast this machine is, no test may judge."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from so101_ros.benchmark.arrivals import Arrivals, jitter_ms, latencies_ms, real_time_factor
from so101_ros.benchmark.environment import measure_environment, record_actions
from so101_ros.benchmark.figure import Figure, percentile_figures
from so101_ros.benchmark.ik import measure_ik
from so101_ros.benchmark.physics import measure_physics
from so101_ros.benchmark.recorded_episode import build_simulator, record_episode
from so101_ros.benchmark.renderer import measure_rendering
from so101_ros.benchmark.success import measure_success
from so101_ros.cli.main import run
from so101_ros.envs.paper_return import PaperReturnEnv
from so101_ros.errors import PolicyUnavailable, RecordingError, RenderError
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.lock_step_world import LockStepWorld

MILLISECOND = NANOSECONDS // 1000


def test_a_recorded_episode_replays_to_the_same_states() -> None:
    """Commands lead to the recorded states again: both loops of a ratio do the same work."""
    episode = record_episode(seed=3, ticks=6)
    simulator = build_simulator(episode.seed)
    for command, state in zip(episode.commands, episode.states, strict=True):
        simulator.accept(command)
        simulator.advance(simulator.rates.control_ticks_per_policy)
        np.testing.assert_array_equal(simulator.backend.state, state)
    assert episode.q_targets.shape == (6 * simulator.rates.control_ticks_per_policy, 6)
    assert not np.array_equal(episode.states[0], episode.states[-1])


def test_the_ratio_of_the_physics_is_that_of_its_rates() -> None:
    """The figures are consistent with each other, on any machine."""
    bare, inside, ratio, speed = measure_physics(ticks=4, repeats=1)
    assert ratio.value == pytest.approx(inside.value / bare.value)
    assert speed.value == pytest.approx(inside.value / 480.0)
    assert bare.unit == "steps/s"


def test_the_environment_is_compared_with_the_same_steps() -> None:
    """Its replay commands the servo targets of the bare loop, and the figures agree."""
    env = PaperReturnEnv(LockStepWorld.build())
    env.reset(seed=0)
    for action, state in zip(record_actions(6), record_episode(0, 6).states, strict=True):
        env.step(action)
        np.testing.assert_array_equal(env.world.simulator.backend.state[1:], state[1:])  # 0 is time
    bare, inside, ratio, speed, image = measure_environment(ticks=4, repeats=1)
    assert ratio.value == pytest.approx(16.0 * inside.value / bare.value)
    assert speed.value == pytest.approx(inside.value / 30.0)
    assert image.value > 0.0


def test_images_of_drawn_scenes_are_compared_with_nominal_ones() -> None:
    """The ratio is that of the two times; all of them are possible."""
    try:
        nominal, visual, ratio, change = measure_rendering(episodes=2, images=2, size=(64, 48))
    except RenderError as err:
        pytest.skip(str(err))
    assert ratio.value == pytest.approx(visual.value / nominal.value)
    assert min(nominal.value, visual.value, change.value) > 0.0
    assert (nominal.name, nominal.unit) == ("image of the nominal scene, 64x48", "ms")


def test_ik_times_are_positive_and_ordered() -> None:
    """A median is not above its 99th percentile."""
    figures = measure_ik(ticks=5)
    values = [figure.value for figure in figures]
    assert len(values) == 4
    assert 0.0 < values[0] <= values[1]
    assert 0.0 < values[2] <= values[3]


def test_the_success_rate_comes_with_its_interval() -> None:
    """Three solved episodes are not yet 100 %."""
    rate, mean_s, longest_s, margin = measure_success(episodes=3)
    assert rate.value == 100.0
    assert rate.note == "3 of 3 seeds; 95 % interval 43.9 to 100.0 %"
    assert 0.0 < mean_s.value <= longest_s.value
    assert margin.value > 0.0


def test_percentiles_name_their_sample() -> None:
    """A percentile without the number of samples says nothing."""
    median, tail = percentile_figures("IK step", np.arange(101.0), "ms")
    assert (median.name, median.value, median.note) == ("IK step, p50", 50.0, "of 101")
    assert (tail.name, tail.value) == ("IK step, p99", 99.0)


def test_latency_pairs_by_stamp() -> None:
    """Lost, late and reordered messages never pair with a stranger."""
    causes = Arrivals(np.array([10, 20, 30, 40]), np.array([1, 2, 3, 4]) * MILLISECOND)
    effects = Arrivals(np.array([40, 20, 99]), np.array([9, 5, 6]) * MILLISECOND)
    np.testing.assert_allclose(latencies_ms(causes, effects), [3.0, 5.0])


def test_latency_needs_an_answer() -> None:
    """No pair is an error, not a latency of zero."""
    silent = Arrivals(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    with pytest.raises(RecordingError, match="no effect carries the stamp of a cause"):
        latencies_ms(Arrivals(np.array([1]), np.array([1])), silent)


def test_jitter_is_the_distance_from_the_nominal_period() -> None:
    """Early and late arrivals count alike."""
    received = np.array([0, 10, 18, 30]) * MILLISECOND
    np.testing.assert_allclose(jitter_ms(Arrivals(received, received), 100.0), [0.0, 2.0, 2.0])


def test_the_real_time_factor_compares_both_clocks() -> None:
    """Half a simulated second in one wall second is 0.5."""
    arrivals = Arrivals(np.array([0, 1, 2]) * 250 * MILLISECOND, np.array([5, 6, 7]) * MILLISECOND)
    assert real_time_factor(arrivals) == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ["--only", "physics,speed"],
            "unknown 'speed'. Allowed: physics, ik, success, environment, rendering, perception",
        ),
        (["--seconds", "0"], "--seconds must be at least 1, got 0"),
        (["--seconds", "nan"], "got nan"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    line: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured when an option is not allowed."""
    assert run(["bench", *line]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_output_must_be_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the way is named, before anything is measured."""
    path = tmp_path / "file"
    path.write_text("mine")
    assert run(["bench", "--only", "ik", "--out", str(path)]) == 2
    assert "cannot be made: File exists" in capsys.readouterr().err


def test_a_failed_measurement_does_not_take_the_others_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured before it is kept, and the reason is one line."""

    def fail(*_: object) -> list[Figure]:
        raise PolicyUnavailable("none of 1 episodes succeeded")

    monkeypatch.setattr("so101_ros.cli.bench_run.measure_success", fail)
    assert run(["bench", "--only", "ik,success", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "so101 bench: error: none of 1 episodes succeeded\n"
    assert len(json.loads((tmp_path / "bench.json").read_text())["figures"]) == 4


def test_figures_reach_screen_and_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One table for people and one file for programs, with the machine's facts."""
    assert run(["bench", "--only", "ik", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "bench.json").read_text(), parse_constant=pytest.fail)
    shown = capsys.readouterr().out
    assert report["machine"]["cores"] >= 1
    assert len(report["figures"]) == 4
    for figure in report["figures"]:
        assert figure["name"] in shown
        assert math.isfinite(figure["value"])
