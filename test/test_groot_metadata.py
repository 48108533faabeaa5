import copy
import json
from pathlib import Path
from typing import Any

import pytest
from groot_checkpoints import ARM_HIGH, ARM_LOW, paper_return_robot, write_n15, write_n17

from so101_ros.errors import GrootError
from so101_ros.groot.checks.checkpoint_metadata import read_checkpoint
from so101_ros.groot.model_contract import Generation

TAG = "new_embodiment"


def test_a_checkpoint_of_n15_says_what_it_needs(tmp_path: Path) -> None:
    """Everything but the key of the prompt, which is not in the file."""
    contract = read_checkpoint(write_n15(tmp_path / "checkpoint"), TAG)
    assert contract.source == str(tmp_path / "checkpoint" / "experiment_cfg" / "metadata.json")
    assert contract.generation is Generation.N15
    assert contract.embodiment_tag == TAG
    assert dict(contract.video) == {"image_cam_0": (224, 224), "image_cam_1": (224, 224)}
    assert dict(contract.state) == dict(contract.action) == {"arm_0": 6}
    assert contract.horizon == 16
    assert contract.language_keys == ()
    assert tuple(contract.state_range["arm_0"].low) == ARM_LOW
    assert tuple(contract.action_range["arm_0"].high) == ARM_HIGH


def test_without_a_config_the_horizon_is_unknown(tmp_path: Path) -> None:
    """It is not made up."""
    assert read_checkpoint(write_n15(tmp_path / "checkpoint", horizon=None), TAG).horizon is None


@pytest.mark.parametrize(
    ("written_by", "generation"),
    [("Gr00tN1d6Processor", Generation.N16), ("Gr00tN1d7Processor", Generation.N17)],
)
@pytest.mark.parametrize("folder", [".", "processor"])
def test_later_checkpoints_say_what_their_processor_needs(
    tmp_path: Path, written_by: str, generation: Generation, folder: str
) -> None:
    """Everything but sizes of images: those releases take any."""
    write_n17(tmp_path / folder, written_by)
    contract = read_checkpoint(tmp_path, TAG)
    assert contract.generation is generation
    assert dict(contract.video) == {"front": None, "wrist": None}
    assert dict(contract.state) == dict(contract.action) == {"single_arm": 5, "gripper": 1}
    assert contract.language_keys == ("annotation.human.task_description",)
    assert contract.horizon == 40
    assert contract.state_range["gripper"].high.tolist() == [60.0]


def test_without_statistics_later_dimensions_are_unknown(tmp_path: Path) -> None:
    """Only they tell how many values a key has."""
    (write_n17(tmp_path) / "statistics.json").unlink()
    contract = read_checkpoint(tmp_path, TAG)
    assert dict(contract.state) == {"single_arm": None, "gripper": None}
    assert dict(contract.state_range) == {}


@pytest.mark.parametrize("write", [write_n15, write_n17])
def test_another_robots_checkpoint_is_refused(tmp_path: Path, write: Any) -> None:
    """With the robots that are in it, and what to set."""
    checkpoint = write(tmp_path / "checkpoint")
    expected = "has no robot 'gr1'. It has: new_embodiment; set embodiment_tag in the profile"
    with pytest.raises(GrootError) as refusal:
        read_checkpoint(checkpoint, "gr1")
    assert expected in str(refusal.value)
    assert str(refusal.value).startswith(f"{checkpoint}")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Before anything is looked for in it."""
    with pytest.raises(GrootError, match=r"/none is no folder\. Give that of a checkpoint"):
        read_checkpoint(tmp_path / "none", TAG)


def test_a_folder_without_a_contract_is_refused(tmp_path: Path) -> None:
    """With both names of the file, and who else could tell."""
    with pytest.raises(GrootError) as refusal:
        read_checkpoint(tmp_path, TAG)
    assert str(refusal.value) == (
        f"{tmp_path} has neither experiment_cfg/metadata.json (N1.5) nor processor_config.json "
        "(N1.6, N1.7). Copy it from the training run, or check a server that runs the model, with "
        "--server"
    )


def test_a_training_run_names_its_checkpoints(tmp_path: Path) -> None:
    """Whoever gives the folder above is told which are below."""
    for step in (5000, 10000):
        write_n15(tmp_path / f"checkpoint-{step}")
    with pytest.raises(GrootError, match="but checkpoint-10000, checkpoint-5000 in it has one"):
        read_checkpoint(tmp_path, TAG)


def test_a_checkpoint_of_lerobot_is_called_so(tmp_path: Path) -> None:
    """Its statistics are elsewhere, and GR00T does not load it."""
    (tmp_path / "config.json").write_text(json.dumps({"type": "groot"}), encoding="utf-8")
    with pytest.raises(GrootError, match="is a checkpoint in LeRobot's format"):
        read_checkpoint(tmp_path, TAG)


def test_an_unknown_release_is_left_to_its_server(tmp_path: Path) -> None:
    """Nothing is guessed from a file of another form."""
    write_n17(tmp_path, "Gr00tN2Processor")
    expected = r"processor_class is 'Gr00tN2Processor'. Known: .*; only a server that runs"
    with pytest.raises(GrootError, match=expected):
        read_checkpoint(tmp_path, TAG)


def _changed(path: str, value: Any) -> dict[str, Any]:
    """A robot one entry of which is another, or absent."""
    robot = copy.deepcopy(paper_return_robot())
    *above, last = path.split("/")
    entry = robot
    for name in above:
        entry = entry[name]
    if value is None:
        del entry[last]
    else:
        entry[last] = value
    return {TAG: robot}


_WRONG = [
    (
        "statistics/state/arm_0/q99",
        None,
        "new_embodiment.statistics.state.arm_0 lacks q99, and GR00T N1.5 loads no checkpoint "
        "without them. Copy experiment_cfg from the training run",
    ),
    (
        "statistics/action/arm_0",
        None,
        "new_embodiment.statistics.action lacks 'arm_0'; it has n",
    ),
    ("statistics", None, "new_embodiment lacks 'statistics'; it has modalities, embodiment_tag"),
    ("modalities/video", None, "new_embodiment.modalities lacks 'video'; it has state, action"),
    ("modalities/state", [1], "new_embodiment.modalities.state must be a mapping, got '[1]'"),
    (
        "modalities/video/image_cam_0/resolution",
        [224],
        "new_embodiment.modalities.video.image_cam_0.resolution must be [width, height], got [224]",
    ),
    (
        "modalities/state/arm_0/shape",
        ["six"],
        "new_embodiment.modalities.state.arm_0.shape must be a list of finite numbers, got",
    ),
    (
        "statistics/state/arm_0/min",
        [0.0] * 5,
        "new_embodiment.statistics.state.arm_0.min has 5 numbers, but the shape says 6",
    ),
    (
        "statistics/state/arm_0/max",
        [float("nan")] * 6,
        "new_embodiment.statistics.state.arm_0.max must be a list of finite numbers, got",
    ),
    (
        "statistics/state/arm_0/min",
        [9.0] * 6,
        "new_embodiment.statistics.state.arm_0 has a min above its max. Export the checkpoint anew",
    ),
]


@pytest.mark.parametrize(("path", "value", "message"), _WRONG)
def test_damaged_metadata_are_refused(tmp_path: Path, path: str, value: Any, message: str) -> None:
    """With file and entry."""
    checkpoint = write_n15(tmp_path / "checkpoint", _changed(path, value))
    with pytest.raises(GrootError) as refusal:
        read_checkpoint(checkpoint, TAG)
    file = checkpoint / "experiment_cfg" / "metadata.json"
    assert str(refusal.value).startswith(f"{file}: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"new_embodiment":\n', "metadata.json:2: no JSON: Expecting value. Download the"),
        (b"\xff\xfe", "metadata.json: no JSON: 'utf-8' codec can't decode"),
        (b"[" * 100_000, "metadata.json: no JSON: "),
        (b"[1]", "metadata.json: the file must be a mapping, got '[1]'"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """As after a download that was cut off."""
    checkpoint = write_n15(tmp_path / "checkpoint")
    (checkpoint / "experiment_cfg" / "metadata.json").write_bytes(content)
    with pytest.raises(GrootError) as refusal:
        read_checkpoint(checkpoint, TAG)
    assert message in str(refusal.value)
