"""``so101 scenes`` as a user meets it."""

from pathlib import Path

import pytest

from so101_ros.cli.main import run
from so101_ros.randomization.field_table import field_tables
from so101_ros.randomization.load import load_tier, tier_names


def test_every_scene_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it varies."""
    assert run(["scenes", "list"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in tier_names() if f" {name} " not in shown] == []
    assert "look 26" in shown and "calibration 6" in shown


@pytest.mark.parametrize("seed", [[], ["--seed", "7"]])
def test_what_is_shown_is_a_scene(
    seed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written into a file it is checked and plays as what it shows."""
    assert run(["scenes", "show", "hard", *seed]) == 0
    path = tmp_path / "shown.yaml"
    path.write_text(capsys.readouterr().out)
    assert run(["scenes", "check", str(path)]) == 0
    assert "draws 24 entries: calibration 6, contact 2" in capsys.readouterr().out
    assert load_tier(str(path)).sample(7) == load_tier("hard").sample(7)


def test_every_field_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """As the page has them."""
    assert run(["scenes", "fields"]) == 0
    assert capsys.readouterr().out == field_tables()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["check", "nowhere.yaml"], "scene 'nowhere.yaml' is unknown. Allowed: nominal, visual"),
        (["check", "bad.yaml"], "bad.yaml:2: contact.tip_friction must be a number, got 'high'"),
        (["check", "stone.yaml"], "the robot model lacks the joints"),
        (["show", "moon"], "scene 'moon' is unknown"),
        (["show", "hard", "--seed", "-1"], "--seed must be at least 0, got -1"),
        (["preview", "hard", "--seeds", "0"], "--seeds must be from 1 to 100, got 0"),
        (["preview", "hard", "--seed", "-1"], "--seed must be at least 0, got -1"),
        (["preview", "hard", "--out", "hard.gif"], "--out hard.gif must be a PNG"),
        (["preview", "hard", "--seeds", "1", "--out", "no/h.png"], "no/h.png cannot be written"),
    ],
)
def test_bad_input_is_one_line(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2 and what is allowed."""
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text("contact:\n  tip_friction: high\n")
    Path("stone.xml").write_text("<mujoco><worldbody><body/></worldbody></mujoco>")
    Path("stone.yaml").write_text("robot_model: stone.xml\n")
    assert run(["scenes", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("so101 scenes: error: ") and error.count("\n") == 1
    assert complaint in error


def test_a_preview_is_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of as many seeds as were asked for."""
    sizes = []
    for seeds in (1, 6):
        path = tmp_path / f"{seeds}.png"
        words = ["preview", "visual", "--seeds", f"{seeds}", "--seed", "3", "--out", str(path)]
        assert run(["scenes", *words]) == 0
        assert f"{path}: visual, seeds 3 to {seeds + 2}" in capsys.readouterr().out
        assert path.read_bytes().startswith(b"\x89PNG")
        sizes.append(path.stat().st_size)
    assert sizes[1] > 2 * sizes[0]
