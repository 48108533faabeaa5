"""The page about photos says what is true."""

import re
import subprocess
import sys
from pathlib import Path

from so101_ros.adaptation.filter_text import OPTIONS
from so101_ros.adaptation.image_features import GROUPS
from so101_ros.adaptation.network_contract import NetworkContract

PAGE = (Path(__file__).parent.parent / "docs" / "photos.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Text below a heading."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_example_runs(tmp_path: Path) -> None:
    """As it stands on the page, in an interpreter of its own."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(code + "print(observation['image'].shape)\n")
    ended = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == "(224, 224, 3)\n", ended.stderr


def test_every_filter_and_option_is_explained() -> None:
    """No more and no fewer."""
    named = section("A filter is named by one text")
    rows = dict(re.findall(r"^\| `(\w+):\w+([^`]*)` \|", named, flags=re.MULTILINE))
    found = {kind: tuple(re.findall(r"(\w+)=", options)) for kind, options in rows.items()}
    assert found == OPTIONS


def test_every_group_of_features_has_its_size() -> None:
    """And they add up to all."""
    rows = re.findall(r"^\| `(\w+)` \((\d+)\) \|", PAGE, flags=re.MULTILINE)
    expected = {name: where.stop - where.start for name, where in GROUPS.items()}
    total = expected.pop("all")
    assert {name: int(size) for name, size in rows} == expected
    assert f"by {total} numbers" in PAGE


def test_every_entry_of_a_contract_is_explained() -> None:
    """No more and no fewer."""
    rows = re.findall(r"^\| (`[a-z].*?) \|", section("A learned network"), flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(NetworkContract.__dataclass_fields__)
