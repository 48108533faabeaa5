from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from groot_checkpoints import ARM_HIGH, ARM_LOW, Range, robot, write_n15, write_n17

from so101_ros.arm import JOINT_NAMES
from so101_ros.groot.checks.checkpoint_metadata import read_checkpoint
from so101_ros.groot.checks.contract_check import check_contract
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.checks.range_check import nominal_arm
from so101_ros.groot.joint_map import JointMap, JointUnit
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange
from so101_ros.groot.profile import ActionMode, EmbodimentProfile
from so101_ros.groot.profile_file import load_profile, profile_names

PAPER_RETURN = load_profile("paper_return")
LEROBOT = load_profile("lerobot_so101")
_RANGES = {"arm_0": ValueRange(np.array(ARM_LOW), np.array(ARM_HIGH))}
TRAINED = replace(PAPER_RETURN.contract("a test"), state_range=_RANGES, action_range=_RANGES)


def _wrong(profile: EmbodimentProfile, contract: ModelContract) -> dict[str, Finding]:
    """Mismatches by what they are about."""
    return {
        each.subject: each
        for each in check_contract(profile, contract)
        if each.verdict is Verdict.MISMATCH
    }


def _trained_on(low: npt.ArrayLike, high: npt.ArrayLike) -> ModelContract:
    ranges = {"arm_0": ValueRange(np.array(low), np.array(high))}
    return replace(TRAINED, state_range=ranges, action_range=ranges)


def _verdicts(findings: Sequence[Finding]) -> dict[str, Verdict]:
    return {each.subject: each.verdict for each in findings}


def test_a_checkpoint_that_fits_has_no_mismatch(tmp_path: Path) -> None:
    """Every part was looked at, and only what the file does not tell is unknown."""
    checkpoint = read_checkpoint(write_n15(tmp_path / "checkpoint"), "new_embodiment")
    verdicts = _verdicts(check_contract(PAPER_RETURN, checkpoint))
    assert verdicts.pop("language key") is verdicts.pop("prompt") is Verdict.UNKNOWN
    assert set(verdicts) == {
        "generation",
        "embodiment tag",
        "horizon",
        "action mode",
        "video.image_cam_0",
        "video.image_cam_1",
        "state.arm_0",
        "action.arm_0",
        "state.arm_0 range",
        "action.arm_0 range",
    }
    assert set(verdicts.values()) == {Verdict.OK}


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_fits_its_own_contract(name: str) -> None:
    """As a server that imitates a model tells it."""
    profile = load_profile(name)
    assert _wrong(profile, profile.contract("a mock")) == {}


def test_a_later_checkpoint_is_told_from_an_earlier(tmp_path: Path) -> None:
    """By release and horizon; set right, everything else fits too."""
    contract = read_checkpoint(write_n17(tmp_path), "new_embodiment")
    wrong = _wrong(LEROBOT, contract)
    assert set(wrong) == {"generation", "horizon"}
    assert str(wrong["generation"]) == (
        "generation: got n15, expected n17 (set generation: n17 in the profile, and look at its "
        "keys anew)"
    )
    assert wrong["horizon"].fix == "set horizon: 40"
    assert _wrong(replace(LEROBOT, generation=Generation.N17, horizon=40), contract) == {}


@pytest.mark.parametrize(
    ("change", "subject", "expected", "fix"),
    [
        ({"embodiment_tag": "gr1"}, "embodiment tag", "gr1", "set embodiment_tag: gr1 in the prof"),
        ({"horizon": 50}, "horizon", "50", "set horizon: 50"),
        (
            {"language_keys": ("annotation.human.action.task_description",)},
            "language key",
            "annotation.human.action.task_description",
            "set language_key: annotation.human.action.task_description",
        ),
        (
            {"video": {"image_cam_0": (224, 224), "image_cam_1": (320, 240)}},
            "video.image_cam_1",
            "320x240 px",
            "set size: [320, 240]",
        ),
        ({"state": {"arm_0": 7}}, "state.arm_0", "7 values", "name 7 joints for state.arm_0"),
        ({"action": {"arm_0": 5}}, "action.arm_0", "5 values", "name 5 joints for action.arm_0"),
    ],
)
def test_each_difference_is_found(change: dict, subject: str, expected: str, fix: str) -> None:
    """One at a time, and nothing else with it."""
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, **change))
    assert set(wrong) == {subject}
    assert wrong[subject].expected == expected
    assert wrong[subject].fix.startswith(fix)


def test_a_key_without_its_prefix_is_found() -> None:
    """Both sides are named, and the one that was probably meant."""
    video = {"cam_0": (224, 224), "image_cam_1": (224, 224)}
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, video=video))
    assert set(wrong) == {"video.image_cam_0", "video.cam_0"}
    assert wrong["video.image_cam_0"].fix == "rename it to 'cam_0'"
    assert wrong["video.image_cam_0"].expected == "one of cam_0, image_cam_1"
    assert wrong["video.cam_0"].fix == "is it 'image_cam_0' of the profile?"


def test_a_source_that_writes_prefixes_is_found() -> None:
    """Keys of a contract are bare; a server's dialect takes them off."""
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, state={"state.arm_0": 6}))
    assert set(wrong) == {"state.arm_0", "state.state.arm_0"}
    fix = "the source writes a prefix, 'state.arm_0': its generation is probably another"
    assert {each.fix for each in wrong.values()} == {fix}


def test_a_key_that_the_model_needs_and_nobody_gives_is_found() -> None:
    """A third camera, which the profile does not have."""
    video = {"image_cam_0": (224, 224), "image_cam_1": (224, 224), "side": (224, 224)}
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, video=video))
    assert {subject: each.fix for subject, each in wrong.items()} == {
        "video.side": "add 'side' to video of the profile"
    }


def test_a_key_that_the_model_does_not_know_is_found() -> None:
    """One camera too many."""
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, video={"image_cam_0": (224, 224)}))
    assert {subject: each.fix for subject, each in wrong.items()} == {
        "video.image_cam_1": "leave 'image_cam_1' out of the profile"
    }


def test_another_data_sets_keys_are_found() -> None:
    """Every key of the profile of LeRobot's data sets, and every key of the checkpoint."""
    wrong = _wrong(LEROBOT, TRAINED)
    assert wrong["state.single_arm"].fix == "name the keys of state as the model does"
    assert {"video.front", "video.image_cam_0", "state.arm_0", "action.gripper"} <= set(wrong)


def test_swapped_dimensions_are_called_so() -> None:
    """Five values where one is expected, and the other way round."""
    swapped = {
        "single_arm": ("gripper",),
        "gripper": JOINT_NAMES[:5],
    }
    wrong = _wrong(replace(LEROBOT, state=swapped), LEROBOT.contract("a test"))
    assert wrong["state.single_arm"].fix == "swapped with state.gripper"
    assert wrong["state.gripper"].fix == "swapped with state.single_arm"


def test_swapped_width_and_height_are_called_so() -> None:
    """480 x 640 for 640 x 480."""
    contract = LEROBOT.contract("a test")
    contract = replace(contract, video={"front": (480, 640), "wrist": (640, 480)})
    wrong = _wrong(LEROBOT, contract)
    assert {subject: each.fix for subject, each in wrong.items()} == {
        "video.front": "width and height are swapped: set size: [480, 640]"
    }


def test_what_a_source_does_not_tell_is_unknown() -> None:
    """It is neither right nor wrong."""
    silent = ModelContract("a server", Generation.N15, None, {}, {"arm_0": None}, {"arm_0": None})
    verdicts = _verdicts(check_contract(PAPER_RETURN, silent))
    assert verdicts.pop("generation") is Verdict.OK
    assert set(verdicts.values()) == {Verdict.UNKNOWN}


def test_data_in_degrees_are_found() -> None:
    """A radian is inside -62 to 88 too: it is the span that no joint has in radians."""
    low, high = list(ARM_LOW), list(ARM_HIGH)
    low[2], high[2] = -62.0, 88.0
    wrong = _wrong(PAPER_RETURN, _trained_on(low, high))
    assert set(wrong) == {"state.arm_0 elbow_flex", "action.arm_0 elbow_flex"}
    state = wrong["state.arm_0 elbow_flex"]
    assert (state.given, state.expected) == ("0.375", "-62 to 88 in training")
    assert state.fix.startswith("unit: degree")
    assert state.fix.endswith("Set it for elbow_flex in the profile")


def test_a_profile_in_degrees_for_data_in_radians_is_found() -> None:
    """Every joint that is not near zero at home."""
    degrees = dict.fromkeys(JOINT_NAMES, JointMap(JointUnit.DEGREE))
    wrong = _wrong(replace(PAPER_RETURN, joints=degrees), TRAINED)
    assert wrong["state.arm_0 wrist_flex"].given == "85.08"
    assert {each.fix.partition("?")[0] for each in wrong.values()} == {"unit: radian"}


def test_a_gripper_in_percent_is_found() -> None:
    """0 to 100 is further than the jaw opens in radians."""
    wrong = _wrong(PAPER_RETURN, _trained_on((*ARM_LOW[:5], 1.0), (*ARM_HIGH[:5], 97.0)))
    assert set(wrong) == {"state.arm_0 gripper", "action.arm_0 gripper"}
    assert "unit: percent" in wrong["state.arm_0 gripper"].fix


def test_a_negated_gripper_is_found() -> None:
    """The jaw opens to the other side of zero."""
    wrong = _wrong(PAPER_RETURN, _trained_on((*ARM_LOW[:5], -1.2), (*ARM_HIGH[:5], 0.1)))
    assert set(wrong) == {"state.arm_0 gripper", "action.arm_0 gripper"}
    fix = "sign: -1? Set it for gripper in the profile"
    assert {each.fix for each in wrong.values()} == {fix}


def test_a_gripper_that_the_profile_opens_too_far_is_found() -> None:
    """Open and closed are the ends of the joint, whatever the range in the profile."""
    joints = {**PAPER_RETURN.joints, "gripper": JointMap(scale=3.0)}
    wrong = _wrong(replace(PAPER_RETURN, joints=joints), TRAINED)
    assert wrong["action.arm_0 gripper"].given == "-0.05818 to 0.5818 within the joint's limits"
    assert wrong["action.arm_0 gripper"].expected == "-0.1 to 1.2 in training"


def test_a_home_pose_that_was_never_seen_is_no_mismatch() -> None:
    """Nothing tells that a unit is wrong; the arm begins elsewhere."""
    low = (*ARM_LOW[:3], -1.6, *ARM_LOW[4:])
    high = (*ARM_HIGH[:3], 0.9, *ARM_HIGH[4:])
    findings = check_contract(PAPER_RETURN, _trained_on(low, high))
    (strange,) = [each for each in findings if each.subject == "state.arm_0 wrist_flex"]
    assert strange.verdict is Verdict.MISMATCH  # -1.485 would fit
    assert strange.fix.startswith("sign: -1?")
    low = (*ARM_LOW[:3], -1.0, *ARM_LOW[4:])
    findings = check_contract(PAPER_RETURN, _trained_on(low, high))
    (strange,) = [each for each in findings if each.subject == "state.arm_0 wrist_flex"]
    assert strange.verdict is Verdict.UNKNOWN
    assert strange.fix.startswith("the model has seen no such pose")


def test_joints_in_another_order_are_found() -> None:
    """The gripper first, as no SO-101 data set has it: the home pose fits after a shift."""
    order = [5, 0, 1, 2, 3, 4]
    narrow = 0.3
    middle = np.array([0.0, -0.3, 0.4, 1.4, 0.0, 0.3])[order]
    findings = check_contract(PAPER_RETURN, _trained_on(middle - narrow, middle + narrow))
    (found,) = [each for each in findings if each.subject == "state.arm_0 wrist_flex"]
    assert found.fix.startswith("the joints in another order? Compare")
    assert found.verdict is not Verdict.OK


def test_a_joint_that_never_moved_is_no_mismatch() -> None:
    """GR00T does not let the model see it."""
    low, high = list(ARM_LOW), list(ARM_HIGH)
    low[4] = high[4] = 77.0
    assert _wrong(PAPER_RETURN, _trained_on(low, high)) == {}


def test_offsets_are_not_compared_with_positions() -> None:
    """Relative actions have no place in the joint's range."""
    far = {"arm_0": ValueRange(np.full(6, -500.0), np.full(6, 500.0))}
    contract = replace(TRAINED, action_range=far)
    assert len(_wrong(PAPER_RETURN, contract)) == 6
    relative = replace(PAPER_RETURN, action_mode=ActionMode.RELATIVE)
    assert _wrong(relative, contract) == {}


def test_positions_that_a_profile_takes_for_offsets_are_found() -> None:
    """Fault of an earlier version: absolute targets were added to the present pose."""
    relative = replace(PAPER_RETURN, action_mode=ActionMode.RELATIVE)
    wrong = _wrong(relative, TRAINED)
    assert {subject: each.fix for subject, each in wrong.items()} == {
        "action mode": "set action_mode: absolute in the profile"
    }


def test_offsets_that_a_profile_takes_for_positions_are_found() -> None:
    """The arm would go to zero, and stay."""
    offsets = {"arm_0": ValueRange(np.full(6, -0.15), np.full(6, 0.2))}
    wrong = _wrong(PAPER_RETURN, replace(TRAINED, action_range=offsets))
    assert {subject: each.fix for subject, each in wrong.items()} == {
        "action mode": "set action_mode: relative in the profile"
    }


def test_later_releases_answer_positions_whatever_they_learned(tmp_path: Path) -> None:
    """Their policy adds the state to what the model says."""
    contract = read_checkpoint(write_n17(tmp_path), "new_embodiment")
    profile = replace(LEROBOT, generation=Generation.N17, horizon=40)
    assert _wrong(profile, contract) == {}
    wrong = _wrong(replace(profile, action_mode=ActionMode.RELATIVE), contract)
    assert set(wrong) == {"action mode"}


def test_lerobots_ranges_fit_its_profile(tmp_path: Path) -> None:
    """Degrees, and a gripper in percent, over most of what the arm can reach."""
    arm = nominal_arm()
    low, high = (0.9 * np.degrees(each[:5]) for each in (arm.lower, arm.upper))
    keys: dict[str, Range] = {"single_arm": (low.tolist(), high.tolist()), "gripper": ([1], [95])}
    size = {"front": (640, 480), "wrist": (640, 480)}
    checkpoint = write_n15(tmp_path / "a", {"new_embodiment": robot(size, keys, keys)})
    assert _wrong(LEROBOT, read_checkpoint(checkpoint, "new_embodiment")) == {}
