"""The same policies in several scenes."""

import csv
import json
import signal
from pathlib import Path

import pytest
from eval_process import start_eval, wait_while_running

from so101_ros.cli.eval_sweep import command_of
from so101_ros.cli.main import run
from so101_ros.errors import ConfigError, RecordingError
from so101_ros.evaluation.settings import EvaluationSettings
from so101_ros.evaluation.sweep import SweepCell, SweepResults, plan_sweep, read_finished
from so101_ros.evaluation.sweep_files import draw_sweep
from so101_ros.evaluation.sweep_tables import sweep_markdown
from so101_ros.evaluation.wilson import wilson_interval
from so101_ros.groot.settings import GrootSettings
from so101_ros.randomization.load import tier_names
from so101_ros.task.success import SuccessJudge


def _sweep(out: Path, *options: str) -> int:
    return run(["eval", "--out", str(out), "--no-videos", "--episodes", "2", *options])


def _settings(out: Path) -> EvaluationSettings:
    return EvaluationSettings(("ik", "zero"), episodes=2, out=out)


def _cell(scene: str, policy: str, successes: int, time_s: float | None) -> SweepCell:
    return SweepCell(scene, policy, 10, successes, wilson_interval(successes, 10), time_s, errors=0)


def test_a_sweep_leaves_an_evaluation_per_scene_and_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the screen, as data, as rows, for a page, and as a picture."""
    assert _sweep(tmp_path, "--sweep", "nominal,physics", "--policy", "ik", "--policy", "zero") == 0
    shown = capsys.readouterr().out
    assert "scene physics (2 of 2)" in shown
    data = json.loads((tmp_path / "sweep.json").read_text())
    cells = {(cell["scene"], cell["policy"]): cell for cell in data["cells"]}
    assert list(cells) == [(s, p) for s in ("nominal", "physics") for p in ("ik", "zero")]
    for (scene, policy), cell in cells.items():
        results = json.loads((tmp_path / scene / "results.json").read_text())
        (summary,) = [each for each in results["policies"] if each["policy"] == policy]
        assert cell["successes"] == summary["successes"] == (2 if policy == "ik" else 0)
        assert cell["success_rate_wilson_95"] == summary["success_rate_wilson_95"]
    assert data["scenes"][1]["settings"]["conditions"]["scene"]["name"] == "physics"
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["success_rate"]) for row in rows] == [1.0, 0.0, 1.0, 0.0]
    assert rows[1]["mean_time_to_success_s"] == ""
    page = (tmp_path / "sweep.md").read_text()
    assert "| physics | 100.0 % (34.2 to 100.0), " in page
    assert "so101 eval --sweep nominal,physics --policy ik --policy zero --episodes 2" in page
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_a_finished_scene_is_not_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until something else is asked for."""
    assert _sweep(tmp_path, "--sweep", "nominal", "--policy", "zero") == 0
    results = tmp_path / "nominal" / "results.json"
    before = results.stat().st_mtime_ns
    capsys.readouterr()
    assert _sweep(tmp_path, "--sweep", "nominal,delay", "--policy", "zero", "--jobs", "2") == 0
    shown = capsys.readouterr().out
    assert "scene nominal (1 of 2) is finished" in shown
    assert "scene delay (2 of 2)\n" in shown
    assert results.stat().st_mtime_ns == before
    assert _sweep(tmp_path, "--sweep", "nominal", "--policy", "zero", "--seed", "5") == 0
    assert "is finished" not in capsys.readouterr().out
    assert json.loads(results.read_text())["settings"]["seed"] == 5


def test_a_scene_that_was_edited_is_not_mixed_with_what_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused like any other evaluation, with what differs."""
    scene = tmp_path / "mine.yaml"
    scene.write_text("contact: {tip_friction: {uniform: [1.0, 1.5]}}\n")
    options = ("--sweep", f"{scene}", "--policy", "zero")
    assert _sweep(tmp_path / "out", *options) == 0
    scene.write_text("contact: {tip_friction: {uniform: [1.0, 1.6]}}\n")
    assert _sweep(tmp_path / "out", *options) == 2
    assert "scene.draws.contact.tip_friction.uniform was [1.0, 1.5]" in capsys.readouterr().err
    assert _sweep(tmp_path / "out", *options, "--fresh") == 0


def test_ctrl_c_keeps_everything(tmp_path: Path) -> None:
    """The scene that is finished and the episodes that are; the same command goes on."""
    options = ["--episodes", "8", "--policy", "zero", "--sweep", "calibration,delay"]
    process = start_eval(tmp_path, *options)
    journal = tmp_path / "delay" / "episodes.csv"
    wait_while_running(process, lambda: journal.exists() and journal.read_text().count("\n") > 9)
    process.send_signal(signal.SIGINT)
    shown, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "the same command goes on" in " ".join(shown.split())
    assert not (tmp_path / "sweep.json").exists()
    kept = set(journal.read_text().splitlines())
    assert _sweep(tmp_path, *options) == 0
    assert kept <= set(journal.read_text().splitlines())
    assert len(json.loads((tmp_path / "sweep.json").read_text())["cells"]) == 2


def test_a_scene_whose_proof_fails_is_not_judged_and_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells."""
    assert _sweep(tmp_path, "--sweep", "nominal", "--policy", "zero") == 0
    monkeypatch.setattr(SuccessJudge, "judge", lambda *_, **__: False)
    assert _sweep(tmp_path, "--sweep", "nominal,delay", "--policy", "zero") == 1
    captured = capsys.readouterr()
    assert "the oracle, which moves the sheet itself, failed" in captured.err
    assert "| delay | not judged |" in (tmp_path / "sweep.md").read_text()
    assert "| nominal | 0.0 % (0.0 to 65.8) |" in (tmp_path / "sweep.md").read_text()


def test_all_scenes_are_planned_each_in_its_folder(tmp_path: Path) -> None:
    """In their order."""
    planned = plan_sweep("scenes", _settings(tmp_path))
    assert [each.tier.name for each in planned] == tier_names()
    assert [each.out for each in planned] == [tmp_path / name for name in tier_names()]
    some = plan_sweep("hard, nominal", _settings(tmp_path))
    assert [each.scene for each in some] == ["hard", "nominal"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--sweep", "nominal,moon"], "scene 'moon' is unknown. Allowed: nominal, visual"),
        (["--sweep", "hard,nominal,hard"], "--sweep names a scene twice: hard"),
        (["--sweep", ""], "scene '' is unknown"),
        (["--sweep", "scenes", "--policy", "dance"], "policy 'dance' is unknown"),
    ],
)
def test_bad_input_is_told_before_anything_runs(
    options: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and no folder."""
    assert _sweep(tmp_path / "out", *options) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_sweep_has_a_folder_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A single evaluation's files would stand among those of the scenes."""
    assert _sweep(tmp_path, "--policy", "zero") == 0
    assert _sweep(tmp_path, "--policy", "zero", "--sweep", "nominal") == 2
    assert "holds a single evaluation; give another path for a sweep" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        _sweep(tmp_path, "--scene", "hard", "--sweep", "nominal")


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"settings": 3}'])
def test_damaged_results_are_told(tmp_path: Path, text: str) -> None:
    """With what to do about them."""
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(RecordingError, match=r"holds no results.*remove it"):
        read_finished(_settings(tmp_path))


def test_a_page_shows_what_was_not_judged_and_what_never_succeeded(tmp_path: Path) -> None:
    """In the order of the scenes, whatever names the policies have."""
    evaluations = plan_sweep("nominal,hard", _settings(tmp_path))
    cells = [_cell("nominal", "ik", 10, 3.04), _cell("nominal", "zero", 0, None)]
    results = SweepResults("so101 eval", evaluations, [*cells, _cell("hard", "ik", 9, 5.0)])
    rows = [line for line in sweep_markdown(results).splitlines() if line.startswith("|")]
    assert rows == [
        "| scene | `ik` | `zero` |",
        "| --- | --- | --- |",
        "| nominal | 100.0 % (72.2 to 100.0), 3.0 s | 0.0 % (0.0 to 27.8) |",
        "| hard | 90.0 % (59.6 to 98.2), 5.0 s | not judged |",
    ]
    (axes,) = draw_sweep(results).axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["nominal", "hard"]


def test_the_command_runs_the_same_sweep_again(tmp_path: Path) -> None:
    """With everything that decides about the episodes, quoted for a shell."""
    settings = EvaluationSettings(
        ("ik", "random"), episodes=7, seed=3, perception="camera", jobs=2, out=tmp_path
    )
    assert command_of("my scene.yaml,hard", settings) == (
        "so101 eval --sweep 'my scene.yaml,hard' --policy ik --policy random --episodes 7 --seed 3 "
        "--perception camera --jobs 2"
    )


def test_the_command_names_the_model_that_was_asked(tmp_path: Path) -> None:
    """Another model would be another result."""
    groot = GrootSettings("lerobot_so101", "tcp://10.0.0.7:6000")
    settings = EvaluationSettings(("groot",), episodes=7, groot=groot, out=tmp_path)
    assert command_of("scenes", settings) == (
        "so101 eval --sweep scenes --policy groot --episodes 7 --groot-profile lerobot_so101 "
        "--groot-provider tcp://10.0.0.7:6000 --groot-timing aligned"
    )


def test_settings_are_checked_for_every_scene(tmp_path: Path) -> None:
    """A scene that names no robot model that exists stops all of them."""
    (tmp_path / "bad.yaml").write_text("contact: 3\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml:1: contact must be a mapping"):
        plan_sweep(f"nominal,{tmp_path / 'bad.yaml'}", _settings(tmp_path))
