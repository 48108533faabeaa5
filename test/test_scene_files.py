"""Scenes by name and by file, and what is refused with its line."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from so101_ros.errors import AssetError, ConfigError
from so101_ros.randomization.distributions import Choice, Hidden, Integer, LogUniform, Normal
from so101_ros.randomization.load import load_tier, tier_names
from so101_ros.randomization.scene_text import describe_draws, episode_to_yaml, to_yaml
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig

TIERS = ("nominal", "visual", "physics", "calibration", "delay", "hard", "full")


def _load(folder: Path, text: str, name: str = "scene.yaml") -> SceneTier:
    path = folder / name
    path.write_text(text)
    return load_tier(str(path))


def test_every_tier_of_the_project_is_there() -> None:
    """From the plain one to the hardest; each says what it is."""
    assert tuple(tier_names()[: len(TIERS)]) == TIERS
    for name in TIERS:
        tier = load_tier(name)
        assert tier.name == name and tier.description
        assert tier.nominal == SceneConfig()


def test_nominal_is_the_default() -> None:
    """The scene that nothing is said about, nor drawn in."""
    assert load_tier("nominal") == SceneTier()


def test_a_file_of_values_is_one_scene(tmp_path: Path) -> None:
    """Everything else stays nominal, and policies know it."""
    tier = _load(tmp_path, "contact: {paper_table_friction: 0.05}\n")
    assert tier.nominal.contact.paper_table_friction == 0.05
    assert tier.nominal.servo == SceneConfig().servo
    assert tier.sample(3) == tier.nominal and not tier.draws
    assert _load(tmp_path, "") == _load(tmp_path, "# nothing\n")
    assert _load(tmp_path, "").nominal == SceneConfig()


def test_every_distribution_is_read(tmp_path: Path) -> None:
    """With degrees, per number, and as a whole."""
    tier = _load(
        tmp_path,
        """
        joints:
          backlash: [0, 0.1, {uniform: [0 deg, 2 deg]}, 0, 0, 0]
          damping_scale: {log_uniform: [5e-1, 2]}
        contact:
          tip_friction: {within: [0.9, 1.8], normal: [1.3, 0.2]}
        look:
          lamps: {integer: [1, 3]}
          table_texture: {choice: [wood, weave]}
          table_colour: {choice: [[0.5, 0.4, 0.3], [0.3, 0.3, 0.3]]}
        delay: {command_s: {hidden: 0.08}}
        """,
    )
    parts = {draw.path: draw.parts for draw in tier.draws}
    assert parts["joints.damping_scale"] == (LogUniform(0.5, 2.0),) * 6
    assert parts["contact.tip_friction"] == (Normal(1.3, 0.2, 0.9, 1.8),)
    assert parts["look.lamps"] == (Integer(1, 3),)
    assert parts["look.table_colour"] == (Choice(((0.5, 0.4, 0.3), (0.3, 0.3, 0.3))),)
    assert parts["delay.command_s"] == (Hidden(0.08),)
    backlash = [tier.sample(seed).joints.backlash for seed in range(50)]
    assert {each[:2] + each[3:] for each in backlash} == {(0.0, 0.1, 0.0, 0.0, 0.0)}
    assert 0.0 < max(each[2] for each in backlash) <= math.radians(2.0)
    assert tier.nominal.joints.backlash[1] == 0.1
    colours = {tier.sample(seed).look.table_colour for seed in range(50)}
    assert colours == {(0.5, 0.4, 0.3), (0.3, 0.3, 0.3)}


def test_the_start_is_a_range_or_a_number(tmp_path: Path) -> None:
    """What is left out is the task's."""
    starts = _load(tmp_path, "start: {x: 0.3, yaw: [-10 deg, 10 deg]}").starts
    assert starts.x == (0.3, 0.3)
    assert starts.y == SceneTier().starts.y
    assert starts.yaw == pytest.approx((-math.radians(10.0), math.radians(10.0)))


def test_includes_are_taken_over_and_overruled(tmp_path: Path) -> None:
    """By name or beside the file; the later one counts, and the file's own word before all."""
    (tmp_path / "first.yaml").write_text(
        "contact: {tip_friction: 1.0, arm_friction: 0.4}\nstart: {x: 0.3}\n"
    )
    (tmp_path / "second.yaml").write_text("contact: {tip_friction: {uniform: [0.8, 1.2]}}\n")
    tier = _load(tmp_path, "include: [first.yaml, second.yaml, delay]\ndelay: {command_s: 0.02}\n")
    assert tier.nominal.contact.arm_friction == 0.4
    assert tier.nominal.delay.command_s == 0.02
    assert "contact.tip_friction" in tier.varied and "delay.camera_s" in tier.varied
    assert "delay.command_s" not in tier.varied
    assert tier.starts.x == (0.3, 0.3)
    other = _load(tmp_path, "include: [second.yaml, first.yaml]\n")
    assert other.nominal.contact.tip_friction == 1.0 and not other.draws


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("contact:\n  paper_friction: 0.3", 2, "contact has no 'paper_friction'. Allowed: paper_"),
        ("contact: {}\nfriction: 1", 2, "a scene has no 'friction'. Allowed: description, include"),
        ("contact:\n  tip_friction: -1", 2, "contact: tip_friction must be above 0"),
        ("contact:\n  tip_friction: high", 2, "contact.tip_friction must be a number, got 'high'"),
        ("contact:\n  tip_friction: '1'", 2, "contact.tip_friction must be a number, got"),
        ("contact:\n  tip_friction: .nan", 2, "contact.tip_friction must be a number, got '.nan'"),
        ("contact:\n  tip_friction: 1e999", 2, "contact.tip_friction must be a number"),
        ("contact:\n  tip_friction: [1]", 2, "contact.tip_friction must be a number, got '[1]'"),
        ("contact: 3", 1, "contact must be a mapping, got '3'"),
        ("robot_model: 3", 1, "robot_model must be a text, got '3'"),
        ("robot_model: {choice: [a.xml, b.xml]}", 1, "robot_model is compiled in and cannot be"),
        ("rates:\n  policy_hz: {choice: [30, 60]}", 2, "rates.policy_hz is compiled in"),
        ("rates:\n  policy_hz: 7", 2, "must be a multiple of policy_hz=7"),
        ("- 1\n- 2", 1, "a scene must be a mapping"),
        ("contact:\n  {", 2, "no YAML"),
        ("contact: {}\ncontact: {}", 2, "contact is there twice"),
        (
            "contact:\n  tip_friction: 1\n  tip_friction: 2",
            3,
            "contact.tip_friction is there twice",
        ),
        ("paper:\n  curl_corner: 1.5", 2, "paper.curl_corner must be a whole number, got '1.5'"),
        ("paper:\n  curl_corner: {uniform: [0, 3]}", 2, "one of integer, choice, hidden"),
        ("paper:\n  mass: {integer: [1, 2]}", 2, "one of uniform, log_uniform, normal with within"),
        ("paper:\n  mass: {unifrom: [1, 2]}", 2, "got '{unifrom: [1, 2]}'"),
        ("paper:\n  mass: {uniform: [1, 2], choice: [1]}", 2, "paper.mass must have one of"),
        ("paper:\n  mass: {normal: [1, 2]}", 2, "normal with within"),
        ("paper:\n  mass: {}", 2, "paper.mass must have one of"),
        ("paper:\n  mass: {uniform: 3}", 2, "paper.mass.uniform must be [low, high], got '3'"),
        ("paper:\n  mass: {uniform: [2, 1]}", 2, "paper.mass: uniform must be [low, high] with"),
        ("paper:\n  mass: {uniform: [0, 1]}", 2, "mass must be from 0.0001 to 1, got 0.0"),
        ("paper:\n  curl: {uniform: [0, 1]}", 2, "curl must be from 0 to 0.01, got 1.0"),
        ("paper:\n  mass: {log_uniform: [0, 1]}", 2, "log_uniform must begin above 0"),
        ("paper:\n  mass: {choice: []}", 2, "choice must have at least one option, got none"),
        ("paper:\n  mass: {choice: [0.005, wood]}", 2, "paper.mass.choice must be a number"),
        ("paper:\n  mass: {normal: [1, -1], within: [0, 2]}", 2, "deviation above 0"),
        ("look:\n  table_texture: {choice: [wood, tartan]}", 2, "table_texture must be one of"),
        ("look:\n  table_texture: true", 2, "look.table_texture must be a text"),
        ("joints:\n  backlash: 0.1", 2, "joints.backlash must be 6 numbers, got '0.1'"),
        ("joints:\n  backlash: [0, 0]", 2, "joints.backlash must be 6 numbers"),
        ("joints:\n  backlash: [0, 0, 0, 0, 0, {uniform: [0, 9]}]", 2, "backlash must be from 0"),
        ("start:\n  z: 1", 2, "start has no 'z'. Allowed: x, y, yaw"),
        ("start:\n  x: [2, 1]", 2, "start.x must be [low, high] with low <= high"),
        ("start:\n  x: {uniform: [0, 1]}", 2, "start.x must be [low, high], got"),
        ("start:\n  x: [0.2, 0.75]", 2, "is not wholly on the table, which ends at +-0.8 m"),
        ("start:\n  yaw: [-1e308, 1e308]", 2, "start yaw must be (low, high), from -10 to 10"),
        ("start:\n  x: [0.5, 0.6]", 2, "is out of the arm's reach, 0.33 m from its base"),
        ("start:\n  x: [0.0, 0.3]", 2, "lies under the arm's foot"),
        ("start: {x: 0.275, y: 0.175, yaw: 90 deg}", 1, "every start in PaperStarts"),
        ("include: [nowhere]", 1, "include: scene 'nowhere' is unknown. Allowed: nominal, visual"),
        (
            "include:\n- delay\n- scene.yaml",
            3,
            "include goes in a circle: scene.yaml includes scene",
        ),
        ("include: ~nobody/scene.yaml", 1, "include: scene '~nobody/scene.yaml' is unknown"),
        ("description: [a]", 1, "description must be a text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    """File, line, what was given and what is allowed, in one line."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'scene.yaml'}:{line}: "), message
    assert reason in message
    assert "\n" not in message


def test_what_is_wrong_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    """The line that has to be changed."""
    (tmp_path / "broken.yaml").write_text("\n\npaper: {weight: 1}\n")
    with pytest.raises(ConfigError, match=r"broken\.yaml:3: paper has no 'weight'"):
        _load(tmp_path, "include: broken.yaml\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xff\xfe\x00", "scene.yaml:1: no text"), (b"[" * 20_000, "nested too deeply")],
)
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Whatever somebody gives by mistake."""
    (tmp_path / "scene.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=reason):
        load_tier(str(tmp_path / "scene.yaml"))


def test_unknown_scenes_and_models_are_refused(tmp_path: Path) -> None:
    """A name that is none, a folder, and a robot model that is not there."""
    with pytest.raises(ConfigError, match=r"scene 'moon' is unknown\. Allowed: nominal, visual"):
        load_tier("moon")
    with pytest.raises(ConfigError, match="is unknown"):
        load_tier(str(tmp_path))
    for model in ("/nowhere.xml", "~nobody/arm.xml"):
        with pytest.raises(AssetError, match=f"{model}' is not a file"):
            _load(tmp_path, f"robot_model: {model}")


@pytest.mark.parametrize("name", TIERS)
def test_a_tier_that_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    """To the last bit of every range."""
    tier = load_tier(name)
    again = _load(tmp_path, to_yaml(tier), f"{name}.yaml")
    assert again == tier and again.description == tier.description


@settings(max_examples=20)
@given(name=st.sampled_from(TIERS), seed=st.integers(0, 2**32))
def test_an_episode_that_is_written_is_the_same_scene(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    """With its start, whatever seed it is then played with; and policies know as little."""
    tier = load_tier(name)
    again = _load(tmp_path_factory.mktemp("scene"), episode_to_yaml(tier, seed))
    assert again.sample(seed + 1) == tier.sample(seed)
    assert again.nominal == tier.nominal
    assert again.starts.x[0] == again.starts.x[1]


def test_draws_are_counted_for_a_table() -> None:
    """Part by part."""
    assert describe_draws(load_tier("nominal")) == "-"
    assert describe_draws(load_tier("calibration")) == "calibration 6"
