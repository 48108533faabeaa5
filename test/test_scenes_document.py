"""What docs/scenes.md says is true."""

import re
from pathlib import Path

from so101_ros.randomization.entry_reader import KINDS
from so101_ros.randomization.field_table import field_notes, field_tables
from so101_ros.randomization.load import load_tier, tier_names
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.config_reader import entries

_ROOT = Path(__file__).parent.parent
_PAGE = (_ROOT / "docs" / "scenes.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    section = _PAGE.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_tier_is_listed_as_its_file_describes_it() -> None:
    """In the order of ``so101 scenes list``."""
    expected = [[f"`{name}`", load_tier(name).description] for name in tier_names()]
    assert _rows("## The tiers") == expected


def test_every_entry_is_explained_as_in_the_code() -> None:
    """``so101 scenes fields`` writes these tables; paste them when one differs."""
    assert field_tables() in _PAGE


def test_no_entry_goes_without_an_explanation() -> None:
    """Each field of each part is in the docstring of its class."""
    scene = SceneConfig()
    for part in (
        scene,
        *(getattr(scene, name) for name in entries(scene) if name != "robot_model"),
    ):
        notes = field_notes(part)
        assert list(notes) == list(entries(part))
        assert all(notes.values()), (type(part), notes)


def test_every_distribution_is_explained() -> None:
    """No more and no fewer than there are."""
    named = {re.findall(r"`(\w+)", row[0])[0] for row in _rows("## Writing one")}
    assert named == {kind for kinds in KINDS.values() for kind in kinds}


def test_the_example_is_a_scene(tmp_path: Path) -> None:
    """As it stands on the page; it uses every distribution."""
    (text,) = re.findall(r"```yaml\n(.*?)```", _PAGE, flags=re.DOTALL)
    path = tmp_path / "scene.yaml"
    path.write_text(text)
    tier = load_tier(str(path))
    assert "calibration.joint_zeros" in tier.varied and len(tier.draws) > 8
    assert all(f"{kind}:" in text for kinds in KINDS.values() for kind in kinds)


def test_every_range_has_a_reason() -> None:
    """Above the entry, beside it, or above the part whose ranges are all chosen."""
    for name in ("physics", "calibration", "delay"):
        lines = (_ROOT / "config" / "scenes" / f"{name}.yaml").read_text().splitlines()
        drawn = [i for i, line in enumerate(lines) if re.match(r"  \w+:", line)]
        assert drawn
        for index in drawn:
            above = index - 1
            while re.match(r"  \w+:", lines[above]):  # entries in a row share their reason
                above -= 1
            assert "#" in lines[above], (name, lines[index])
