"""``so101 eval`` as a user meets it."""

import csv
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from eval_process import start_eval, wait_while_running

from so101_ros.cli.main import run
from so101_ros.task.success import SuccessJudge

_MARK = "SO101_TEST_RUN"
"""Environment variable by which the processes of a command are known."""


def _evaluate(out: Path, *options: str) -> int:
    return run(["eval", "--out", str(out), "--no-videos", *options])


def _start(out: Path, *options: str) -> "subprocess.Popen[str]":
    return start_eval(out, *options, environment={_MARK: str(out)})


def _finished(out: Path) -> int:
    journal = out / "episodes.csv"
    return max(0, journal.read_text().count("\n") - 1) if journal.exists() else 0


def _rows(out: Path) -> list[dict[str, str]]:
    """Episodes by policy and seed, without what differs from run to run."""
    with (out / "episodes.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    clock = ("inference_mean_s", "inference_p50_s", "inference_p99_s", "wall_s")
    rows = [{name: text for name, text in row.items() if name not in clock} for row in rows]
    return sorted(rows, key=lambda row: (row["policy"], int(row["seed"])))


def test_two_policies_are_judged_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table, the figures, the rows, the pictures and the traces agree."""
    assert _evaluate(tmp_path, "--policy", "ik", "--policy", "zero", "--episodes", "4") == 0
    screen = capsys.readouterr().out
    assert "proof of the harness on the same seeds: oracle 4 of 4, zero 0 of 4" in screen
    results = json.loads((tmp_path / "results.json").read_text())
    ik, zero = results["policies"]
    assert (ik["policy"], ik["successes"], ik["episodes"]) == ("ik", 4, 4)
    assert (zero["policy"], zero["successes"], zero["episodes"]) == ("zero", 0, 4)
    (comparison,) = results["comparisons"]
    assert comparison["only_first"] == 4 and comparison["p_value"] == pytest.approx(2 / 2**4)
    rows = _rows(tmp_path)
    assert [row["policy"] for row in rows] == ["ik"] * 4 + ["oracle"] * 4 + ["zero"] * 4
    assert {row["ending"] for row in rows[:4]} == {"success"}
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {
        "success.png",
        "distance.png",
        "time_to_success.png",
        "final_poses.png",
    }
    with np.load(tmp_path / "traces" / "ik" / "seed_000002.npz") as trace:
        assert len(trace["q"]) == int(rows[2]["ticks"]) + 1


def test_what_is_finished_is_not_run_again_and_more_may_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """More episodes and another policy add to what is there, with the same rows as at once."""
    apart, at_once = tmp_path / "apart", tmp_path / "at_once"
    assert _evaluate(apart, "--episodes", "2") == 0
    journal = (apart / "episodes.csv").read_text()
    options = ["--policy", "ik", "--policy", "random", "--episodes", "3"]
    assert _evaluate(apart, *options) == 0
    assert "6 of 12 episodes are there already" in capsys.readouterr().out
    assert (apart / "episodes.csv").read_text().startswith(journal)
    assert _evaluate(at_once, *options) == 0
    assert _rows(apart) == _rows(at_once)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever ends it; the result is that of a run that nobody ended."""
    out, options = tmp_path / "ended", ["--episodes", "12", "--jobs", "2"]
    process = _start(out, *options)
    wait_while_running(process, lambda: _finished(out) >= 5)
    assert sum(_belongs_to(each, out) for each in Path("/proc").glob("[0-9]*")) >= 3
    process.send_signal(number)
    screen, complaint = process.communicate(timeout=60)
    assert process.returncode == (-9 if number == signal.SIGKILL else 130), complaint
    assert not (out / "results.json").exists()
    if number != signal.SIGKILL:
        assert "the same command goes on" in screen and "Traceback" not in complaint
    _wait_for_no_workers(out)
    assert 5 <= _finished(out) < 36
    assert _evaluate(out, *options) == 0
    assert _evaluate(tmp_path / "whole", *options) == 0
    assert _rows(out) == _rows(tmp_path / "whole")


def _wait_for_no_workers(out: Path) -> None:
    """Workers must not outlive the command."""
    end_s = time.monotonic() + 30.0
    while any(_belongs_to(process, out) for process in Path("/proc").glob("[0-9]*")):
        assert time.monotonic() < end_s, "a worker is left over"
        time.sleep(0.05)  # processes end when they end


def _belongs_to(process: Path, out: Path) -> bool:
    try:
        return f"{_MARK}={out}".encode() in (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended
        return False


def test_a_policy_that_fails_is_told_and_the_rest_go_on(tmp_path: Path) -> None:
    """Its episodes are errors with their message; there is no verdict, and the exit code tells."""
    name = "bad_policies:RaisesAtOddSeeds"
    process = _start(tmp_path, "--policy", name, "--policy", "ik", "--episodes", "4")
    screen, complaint = process.communicate(timeout=120)
    assert process.returncode == 1, complaint
    assert "no verdict: 2 of 4 episodes ended in a policy error" in screen
    assert "RuntimeError: out of memory" in screen
    endings = [row["ending"] for row in _rows(tmp_path) if row["policy"] == name]
    assert endings == ["time_limit", "policy_error"] * 2
    assert all(row["ending"] == "success" for row in _rows(tmp_path) if row["policy"] == "ik")
    tracebacks = [path.read_text() for path in (tmp_path / "errors").iterdir()]
    assert len(tracebacks) == 2 and all("bad_policies.py" in text for text in tracebacks)


def test_a_harness_that_fails_its_proof_judges_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a success test that nothing can pass."""
    monkeypatch.setattr(SuccessJudge, "judge", lambda *_, **__: False)
    assert _evaluate(tmp_path, "--episodes", "2") == 1
    complaint = capsys.readouterr().err
    assert "cannot be trusted, nobody is judged: the oracle" in complaint
    assert "failed in 2 of 2 episodes" in complaint and complaint.count("\n") == 1
    assert {row["policy"] for row in _rows(tmp_path)} == {"oracle", "zero"}
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--episodes", "0"], "--episodes must be at least 1, got 0"),
        (["--jobs", "0"], "--jobs must be at least 1, got 0"),
        (["--seed", "-1"], "--seed must be at least 0, got -1"),
        (["--policy", "nobody"], "policy 'nobody' is unknown"),
        (["--policy", "groot", "--groot-provider", "10.0.0.7"], "Allowed: tcp://HOST:PORT"),
        (["--policy", "residual"], "not available in this release"),
        (["--policy", "ik", "--policy", "ik"], "names one twice"),
        (["--scene", "moon"], "scene 'moon' is unknown"),
        (["--perception", "nose"], "--perception 'nose' is not allowed. Allowed: truth, camera"),
        (["--perception", "camera", "--through", "graph"], "cannot run in lock-step"),
        (["--through", "air"], "--through 'air' is not allowed. Allowed: env, graph"),
        (["--through", "graph", "--jobs", "2"], "leave --jobs and --engine out"),
        (["--engine", "slurm"], "--engine 'slurm' is not allowed"),
        (["--address", "auto"], "is for --engine ray only"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    """Exit code 2, and nothing was made."""
    assert _evaluate(tmp_path / "out", *options) == 2
    complaint = capsys.readouterr().err
    assert reason in complaint and complaint.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("through", ["env", "graph"])
def test_a_model_that_is_not_there_is_refused_before_anybody_is_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], through: str
) -> None:
    """No proof is run in vain, and no episode fails for a server that was not started."""
    options = ("--policy", "hybrid", "--groot-provider", "tcp://127.0.0.1:9", "--through", through)
    assert _evaluate(tmp_path, *options) == 2
    shown = capsys.readouterr()
    assert "no GR00T server answers at tcp://127.0.0.1:9" in shown.err
    assert shown.err.count("\n") == 1 and "oracle" not in shown.out


def test_a_folder_that_cannot_be_written_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is in the way."""
    (tmp_path / "out").write_text("")
    assert _evaluate(tmp_path / "out" / "eval") == 2
    assert re.search(r"--out .*out/eval cannot be written", capsys.readouterr().err)


def test_another_scene_does_not_mix_with_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused until the user says --fresh."""
    scene = tmp_path / "slippery.yaml"
    scene.write_text("contact: {paper_table_friction: 0.1}\n")
    assert _evaluate(tmp_path / "out", "--episodes", "1") == 0
    assert _evaluate(tmp_path / "out", "--episodes", "1", "--scene", str(scene)) == 2
    assert "paper_table_friction was 0.18, now 0.1" in capsys.readouterr().err
    assert _evaluate(tmp_path / "out", "--episodes", "1", "--scene", str(scene), "--fresh") == 0
    run_file = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run_file["scene"]["nominal"]["contact"]["paper_table_friction"] == 0.1


def test_a_policy_that_cannot_be_made_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line, though it shows only when the policy is made."""
    policy = "bad_policies:CannotBeMade"
    assert _evaluate(tmp_path, "--policy", policy, "--episodes", "1") == 2
    complaint = capsys.readouterr().err
    assert "so101 eval: error: policy 'bad_policies:CannotBeMade'" in complaint
    assert complaint.count("\n") == 1
    assert {row["policy"] for row in _rows(tmp_path)} == {"oracle", "zero"}
