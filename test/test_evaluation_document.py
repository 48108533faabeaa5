"""What docs/evaluation.md says is true."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from so101_ros.cli.main import run

_PAGE = Path(__file__).parent.parent / "docs" / "evaluation.md"


def _example() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return code


@pytest.fixture
def my_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's policy in a module of its own, and its name."""
    (tmp_path / "my_policy.py").write_text(_example())
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("my_policy", None)
    return "my_policy:TurnTowardsTheSheet"


def test_the_policy_of_the_page_is_evaluated_and_leaves_the_files(
    tmp_path: Path, my_policy: str
) -> None:
    """It fails at the task, without an error, and every file of the table is there."""
    out = tmp_path / "out"
    assert run(["eval", "--policy", my_policy, "--episodes", "2", "--out", str(out)]) == 0
    text = _PAGE.read_text(encoding="utf-8")
    for pattern in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE):
        if not pattern.startswith("errors"):
            assert list(out.glob(pattern.replace("POLICY", "*"))), pattern


def test_the_arrays_of_a_trace_are_as_described(tmp_path: Path) -> None:
    """Names and shapes."""
    out = tmp_path / "out"
    assert run(["eval", "--episodes", "1", "--out", str(out), "--no-videos"]) == 0
    with np.load(out / "traces" / "ik" / "seed_000000.npz") as trace:
        ticks, terms = trace["rewards"].shape
        shapes = {name: trace[name].shape for name in trace.files}
    assert shapes == {
        "q": (ticks + 1, 6),
        "measured_q": (ticks + 1, 6),
        "paper": (ticks + 1, 7),
        "actions": (ticks, 6),
        "commands": (ticks, 6),
        "rewards": (ticks, terms),
        "inference_s": (ticks,),
        "reward_names": (terms,),
        "policy_hz": (),
    }
    text = _PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in shapes)
