"""What is chosen about an evaluation, and what its episodes must share."""

from importlib.metadata import version
from pathlib import Path

from so101_ros.assets import find_share_file
from so101_ros.evaluation.settings import EvaluationSettings


def _with_scene(path: Path, text: str) -> EvaluationSettings:
    path.write_text(text)
    return EvaluationSettings(("ik",), scene=str(path))


def test_the_scene_is_read_once(tmp_path: Path) -> None:
    """Whoever edits the file while episodes run changes none of them."""
    path = tmp_path / "scene.yaml"
    settings = _with_scene(path, "contact: {paper_table_friction: 0.1}")
    path.write_text("contact: {paper_table_friction: 0.5}")
    assert settings.tier.nominal.contact.paper_table_friction == 0.1
    assert settings.conditions["scene"]["nominal"]["contact"]["paper_table_friction"] == 0.1


def test_another_content_of_the_same_robot_model_is_another_condition(tmp_path: Path) -> None:
    """The path alone does not say what was simulated."""
    model = tmp_path / "arm.xml"
    text = find_share_file("assets/so101.xml").read_text()
    conditions = []
    for content in (text, text, text.replace("<mujoco", "<!-- heavier --><mujoco", 1)):
        model.write_text(content)
        conditions.append(_with_scene(tmp_path / "scene.yaml", f"robot_model: {model}").conditions)
    assert conditions[0] == conditions[1] != conditions[2]
    assert conditions[0]["scene"] == conditions[2]["scene"]


def test_all_software_that_moves_the_arm_is_a_condition() -> None:
    """Physics and the solvers of the IK policy: other versions give other numbers."""
    software = EvaluationSettings(("ik",)).conditions["software"]
    for name in ("mujoco", "numpy", "mink", "daqp"):
        assert software[name] == version(name)
