"""What docs/groot.md says of profiles is true."""

import re
from pathlib import Path

import numpy as np
import pytest

from so101_ros.arm import HOME_Q, JOINT_NAMES
from so101_ros.groot.joint_map import JointUnit
from so101_ros.groot.mock.faults import Fault
from so101_ros.groot.profile_file import load_profile, profile_names
from so101_ros.groot.wire.dialect import N15, N16, N17, UNSAFE_PICKLE

_ROOT = Path(__file__).parent.parent
_PAGE = (_ROOT / "docs" / "groot.md").read_text(encoding="utf-8")
_PROFILE = (_ROOT / "config" / "groot" / "lerobot_so101.yaml").read_text(encoding="utf-8")


def _names(heading: str) -> set[str]:
    """First cells of the tables below a heading."""
    section = re.split(r"\n##", _PAGE.partition(f"{heading}\n")[2])[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


def test_every_profile_and_every_entry_is_explained() -> None:
    """No more and no fewer than there are."""
    entries = set(re.findall(r"^(\w+):", _PROFILE, flags=re.MULTILINE))
    assert len(entries) > 10
    assert _names("## Profiles") == {*profile_names(), *entries}


def test_every_unit_is_explained() -> None:
    """With its range."""
    assert {"unit", "sign", "offset_rad", "scale", "range_rad", "action_bias_rad"} == _names(
        "### Units of a joint"
    )
    assert all(f"`{unit.value}`" in _PAGE for unit in JointUnit)


def test_the_joints_of_the_page_are_a_profiles(tmp_path: Path) -> None:
    """They replace those of a profile as they stand, and mean what the text says."""
    (joints,) = re.findall(r"```yaml\n(joints:.*?)```", _PAGE, flags=re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(_PROFILE.partition("joints:")[0] + joints, encoding="utf-8")
    profile = load_profile(str(path))
    assert list(profile.joints) == list(JOINT_NAMES)
    assert profile.joints["wrist_flex"].to_rad(0.0) == pytest.approx(np.pi / 2)


def test_the_examples_run() -> None:
    """And give back the pose that they put in."""
    examples = re.findall(r"```python\n(.*?)```", _PAGE, flags=re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        names: dict = {}
        exec(compile(example, "docs/groot.md", "exec"), names)
        assert names["targets"] == pytest.approx(np.tile(HOME_Q, (16, 1)))


def test_every_dialect_and_every_fault_is_named() -> None:
    """With who speaks it, and for the mock."""
    dialects = {each.name for each in (N15, N16, N17, UNSAFE_PICKLE)}
    assert dialects == _names("## Servers and the mock")
    mock = _PAGE.partition("### The mock\n")[2]
    assert all(f"`{fault.value}`" in mock for fault in Fault)
