"""The page about the environments says what is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from so101_ros.arm import JOINT_NAMES
from so101_ros.envs import IMAGE_ID, RESIDUAL_ID, STATE_ID, ResidualInfo
from so101_ros.task.reward import REWARD_TERMS
from so101_ros.task.state_vector import STATE_PARTS

PAGE = (Path(__file__).parent.parent / "docs" / "environment.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """Cells of the table below a heading."""
    section = PAGE.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_rewards_is_that_of_the_code() -> None:
    """Names, units, ranges and reasons, in the same order."""
    expected = [
        [f"`{term.name}`", term.unit, f"{term.low:g}", f"{term.high:g}", term.reason]
        for term in REWARD_TERMS
    ]
    assert rows("## The reward") == expected


def test_the_table_of_the_state_is_that_of_the_code() -> None:
    """Every part has its row, and the joints are named in their order."""
    table = rows("## The state")
    spans = [f"{part.start} to {part.stop - 1}" for part in STATE_PARTS.values()]
    assert [row[0] for row in table] == spans
    assert ", ".join(JOINT_NAMES) in table[0][1]


def test_every_key_of_the_info_is_explained() -> None:
    """No more and no fewer."""
    named = [key for row in rows("## info") for key in re.findall(r"`(\w+)`", row[0])]
    assert sorted(named) == sorted(ResidualInfo.__annotations__)


def test_every_id_is_listed() -> None:
    """The ids that are registered."""
    ids = re.findall(r"^\| `(so101_ros/\S+)`", PAGE, flags=re.MULTILINE)
    assert ids == [STATE_ID, IMAGE_ID, RESIDUAL_ID]


@pytest.mark.parametrize("code", EXAMPLES, ids=["stable-baselines3", "own base", "vector"])
def test_the_examples_run(code: str, tmp_path: Path) -> None:
    """As they stand on the page, in an interpreter of their own."""
    if "stable_baselines3" in code:
        pytest.importorskip("stable_baselines3")
    script = tmp_path / "example.py"
    script.write_text(code)
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=100, check=False
    )
    assert result.returncode == 0, result.stderr
