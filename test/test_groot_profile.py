import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from so101_ros.arm import GRIPPER, HOME_Q, JOINT_NAMES
from so101_ros.assets import find_share_file
from so101_ros.errors import ConfigError, GrootError, ObservationError
from so101_ros.groot.checks.range_check import nominal_arm
from so101_ros.groot.joint_map import JointMap, JointUnit
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile import ActionMode, EmbodimentProfile
from so101_ros.groot.profile_file import load_profile, profile_names
from so101_ros.groot.video_map import ColourOrder, VideoFit

PAPER_RETURN = load_profile("paper_return")
LEROBOT = load_profile("lerobot_so101")

MIXED = replace(
    LEROBOT,
    name="mixed",
    # An order that is not the arm's, in state and action.
    state={"gripper": ("gripper",), "single_arm": tuple(reversed(JOINT_NAMES[:-1]))},
    action={"rest": JOINT_NAMES[3:], "first": ("elbow_flex", "shoulder_pan", "shoulder_lift")},
    joints={
        "shoulder_pan": JointMap(JointUnit.DEGREE, sign=-1, offset_rad=0.2),
        "shoulder_lift": JointMap(JointUnit.NORMALIZED, range_rad=(-1.7, 1.8)),
        "elbow_flex": JointMap(scale=1.1),
        "wrist_flex": JointMap(JointUnit.DEGREE),
        "wrist_roll": JointMap(JointUnit.DEGREE, offset_rad=math.pi / 2),
        "gripper": JointMap(JointUnit.PERCENT, range_rad=(-0.2, 1.7), action_bias_rad=-0.1),
    },
)
PROFILES = (PAPER_RETURN, LEROBOT, MIXED, replace(MIXED, action_mode=ActionMode.RELATIVE))

profiles = st.sampled_from(PROFILES)
positions = hnp.arrays(np.float64, 6, elements=st.floats(-3.0, 3.0))
rows = hnp.arrays(np.float64, (16, 6), elements=st.floats(-3.0, 3.0))


def _images(profile: EmbodimentProfile, size: tuple[int, int] = (320, 240)) -> dict:
    rng = np.random.default_rng(0)
    return {
        camera: rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        for camera in profile.cameras
    }


def test_two_profiles_come_with_the_package() -> None:
    """By the names of their files."""
    assert profile_names() == ["lerobot_so101", "paper_return"]
    assert [load_profile(name).name for name in profile_names()] == profile_names()


def test_the_profile_of_the_target_checkpoint() -> None:
    """Cameras, keys, units and prompt are those that it was trained with."""
    assert PAPER_RETURN.generation is Generation.N15
    assert PAPER_RETURN.prompt == "None"
    assert PAPER_RETURN.cameras == ("top", "wrist")
    assert list(PAPER_RETURN.video) == ["image_cam_0", "image_cam_1"]
    for video in PAPER_RETURN.video.values():
        assert (video.size, video.fit, video.colour) == (
            (224, 224),
            VideoFit.SQUASH,
            ColourOrder.RGB,
        )
    request = PAPER_RETURN.request(_images(PAPER_RETURN), HOME_Q)
    assert request.state["arm_0"] == pytest.approx(HOME_Q)  # radians, the gripper too
    assert PAPER_RETURN.first_step == 1


def test_the_profile_of_lerobots_data_sets() -> None:
    """Degrees, a gripper in percent of the model's limits, and the front camera above."""
    arm = nominal_arm()
    assert LEROBOT.joints["gripper"].range_rad == pytest.approx(
        (arm.lower[GRIPPER], arm.upper[GRIPPER]), abs=1e-6
    )
    assert {key: each.camera for key, each in LEROBOT.video.items()} == {
        "front": "top",
        "wrist": "wrist",
    }
    request = LEROBOT.request(_images(LEROBOT), np.array([0.1, 0.2, 0.3, 0.4, 0.5, arm.upper[-1]]))
    assert request.state["single_arm"] == pytest.approx(np.degrees([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert request.state["gripper"] == pytest.approx([100.0], abs=1e-3)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_request_has_the_models_types_and_sizes(profile: EmbodimentProfile) -> None:
    """One type of number, always; the cameras' order is the profile's."""
    request = profile.request({**_images(profile), "spare": np.zeros(3)}, HOME_Q)
    assert list(request.video) == list(profile.video)
    for key, pixels in request.video.items():
        width, height = profile.video[key].size
        assert (pixels.shape, pixels.dtype) == ((height, width, 3), np.uint8)
    assert {key: values.shape for key, values in request.state.items()} == {
        key: (len(names),) for key, names in profile.state.items()
    }
    assert all(values.dtype == np.float32 for values in request.state.values())
    assert request.prompt == profile.prompt


@given(profiles, positions)
def test_a_request_can_be_read_back(profile: EmbodimentProfile, q: np.ndarray) -> None:
    """Images of the model's size come back pixel by pixel, joints as exact as float32 is."""
    images = {
        camera: np.full((video.size[1], video.size[0], 3), (1, 2, 3), np.uint8)
        for video in profile.video.values()
        for camera in [video.camera]
    }
    read_images, read_q = profile.read_request(profile.request(images, q))
    assert read_q == pytest.approx(q, abs=1e-5)
    assert set(read_images) == set(images)
    assert all(np.array_equal(read_images[camera], images[camera]) for camera in images)


@given(profiles, rows, positions)
def test_an_answer_can_be_made_and_read(
    profile: EmbodimentProfile, targets: np.ndarray, q: np.ndarray
) -> None:
    """In every unit, order and mode."""
    answer = profile.answer(targets, q)
    assert {key: np.shape(each) for key, each in answer.items()} == {
        key: (16, len(names)) for key, names in profile.action.items()
    }
    assert profile.targets(answer, q) == pytest.approx(targets, abs=1e-5)


def test_relative_answers_begin_where_the_arm_is() -> None:
    """Zeros are no motion, and a degree is a degree from there."""
    profile = replace(LEROBOT, action_mode=ActionMode.RELATIVE)
    still = {"single_arm": np.zeros((16, 5)), "gripper": np.zeros((16, 1))}
    assert profile.targets(still, HOME_Q) == pytest.approx(np.tile(HOME_Q, (16, 1)))
    still["single_arm"][:, 1] = 10.0
    moved = profile.targets(still, HOME_Q)
    assert moved[:, 1] - HOME_Q[1] == pytest.approx(np.full(16, math.radians(10.0)))


def test_the_bias_is_added_to_targets_and_not_to_measurements() -> None:
    """The gripper squeezes more; where it is, is where it is."""
    squeezing = replace(
        PAPER_RETURN,
        joints={**PAPER_RETURN.joints, "gripper": JointMap(action_bias_rad=-0.05)},
    )
    images = _images(squeezing)
    assert squeezing.request(images, HOME_Q).state["arm_0"][-1] == pytest.approx(HOME_Q[-1])
    answer = {"arm_0": np.tile(HOME_Q, (16, 1))}
    change = squeezing.targets(answer, HOME_Q) - PAPER_RETURN.targets(answer, HOME_Q)
    assert change == pytest.approx(np.tile([0.0, 0.0, 0.0, 0.0, 0.0, -0.05], (16, 1)))


def test_a_squeezed_gripper_is_accepted() -> None:
    """Releases before September 2025 answer (16,) for a key of one joint."""
    answer = LEROBOT.answer(np.tile(HOME_Q, (16, 1)), HOME_Q)
    squeezed = {**answer, "gripper": answer["gripper"][:, 0]}
    assert LEROBOT.targets(squeezed, HOME_Q) == pytest.approx(LEROBOT.targets(answer, HOME_Q))


_ROWS = np.zeros((16, 6))
_NAN = _ROWS.copy()
_NAN[3, 2] = math.nan
_EXPECTS = "profile 'paper_return' expects arm_0 (16, 6)"


@pytest.mark.parametrize(
    ("answer", "reason", "came"),
    [
        ({}, "its keys are not the profile's", "nothing"),
        ({"single_arm": _ROWS[:, :5]}, "its keys are not the profile's", "single_arm (16, 5)"),
        (
            {"arm_0": _ROWS, "arm_1": _ROWS},
            "its keys are not the profile's",
            "arm_0 (16, 6), arm_1 (16, 6)",
        ),
        ({"arm_0": _ROWS[:, :5]}, "the shape of 'arm_0' is not the profile's", "arm_0 (16, 5)"),
        ({"arm_0": _ROWS[:8]}, "the shape of 'arm_0' is not the profile's", "arm_0 (8, 6)"),
        ({"arm_0": _ROWS[:, 0]}, "the shape of 'arm_0' is not the profile's", "arm_0 (16,)"),
        ({"arm_0": _NAN}, "'arm_0' has values that are no finite numbers", "arm_0 (16, 6)"),
        (
            {"arm_0": np.full((16, 6), "a")},
            "'arm_0' has values that are no finite numbers",
            "arm_0 (16, 6)",
        ),
        (
            {"arm_0": np.full((16, 6), math.inf)},
            "'arm_0' has values that are no finite numbers",
            "arm_0 (16, 6)",
        ),
    ],
)
def test_an_answer_that_is_another_is_refused(answer: dict, reason: str, came: str) -> None:
    """With what came, and what the profile expects."""
    with pytest.raises(GrootError) as refusal:
        PAPER_RETURN.targets(answer, HOME_Q)
    assert str(refusal.value) == (
        f"the model's answer is refused: {reason}. It has {came}; {_EXPECTS}"
    )


def test_an_incomplete_observation_is_refused() -> None:
    """Nothing is filled in: not a camera, not a joint."""
    images = _images(PAPER_RETURN)
    with pytest.raises(ObservationError, match=r"no image of the camera wrist: .* got top$"):
        PAPER_RETURN.request({"top": images["top"]}, HOME_Q)
    with pytest.raises(ObservationError, match="joint positions must be 6 finite numbers"):
        PAPER_RETURN.request(images, np.zeros(5))
    with pytest.raises(ObservationError, match="joint positions must be 6 finite numbers"):
        PAPER_RETURN.request(images, np.array([0.0, 0.0, math.nan, 0.0, 0.0, 0.0]))


def test_a_foreign_request_is_refused() -> None:
    """Those who stand in for a model insist on its sizes, as the model does."""
    request = PAPER_RETURN.request(_images(PAPER_RETURN), HOME_Q)
    with pytest.raises(GrootError) as refusal:
        LEROBOT.read_request(request)
    assert str(refusal.value) == (
        "the request is refused: it has video.image_cam_0 (224, 224, 3), "
        "video.image_cam_1 (224, 224, 3), state.arm_0 (6,); profile 'lerobot_so101' expects "
        "video.front (480, 640, 3), video.wrist (480, 640, 3), state.single_arm (5,), "
        "state.gripper (1,)"
    )
    blind = replace(request, state={"arm_0": np.full(6, math.nan, np.float32)})
    with pytest.raises(GrootError, match="its state has values that are not finite"):
        PAPER_RETURN.read_request(blind)


def test_a_joint_that_no_request_tells_is_not_made_up() -> None:
    """A profile may leave one out of the state; nobody then knows where it is."""
    profile = replace(PAPER_RETURN, state={"arm_0": JOINT_NAMES[:5]})
    request = profile.request(_images(profile), HOME_Q)
    with pytest.raises(GrootError, match="'paper_return' do not tell where gripper is"):
        profile.read_request(request)


def test_the_contract_of_a_profile_is_its_own() -> None:
    """What a server that imitates a model says of itself."""
    contract = LEROBOT.contract("a mock")
    assert contract.source == "a mock"
    assert dict(contract.video) == {"front": (640, 480), "wrist": (640, 480)}
    assert dict(contract.state) == dict(contract.action) == {"single_arm": 5, "gripper": 1}
    assert contract.language_keys == ("annotation.human.task_description",)
    assert contract.horizon == 16


_PAPER_RETURN_TEXT = find_share_file("config/groot/paper_return.yaml").read_text(encoding="utf-8")

# What is replaced, by what, the first line with which text is blamed, and for what.
_WRONG_ENTRIES = [
    ("n15", "n18", "n18", "generation must be one of n15, n16, n17, got 'n18'"),
    ("rate_hz: 30", "rate_hz: 0", "rate_hz", "rate_hz must be above 0 to 1000, got 0"),
    ("rate_hz: 30", "rate_hz: fast", "rate_hz", "rate_hz must be a number, got 'fast'"),
    ("rate_hz: 30", "rate: 30", "rate:", "a profile has no 'rate'. Allowed: generation, "),
    ("horizon: 16", "horizon: 1.5", "horizon", "horizon must be a whole number, got '1.5'"),
    ("horizon: 16", "horizon: 0", "horizon", "horizon must be 1 to 1000, got 0"),
    ("steps: 8", "steps: 17", "steps: 17", "execution_steps must be 1 to the horizon, 16, got 17"),
    ("step: 1", "step: -1", "step: -1", "first_step must be 0 to the horizon, 16, got -1"),
    ("absolute", "delta", "delta", "action_mode must be one of absolute, relative, got 'delta'"),
    (
        "annotation.human.task_description",
        "task",
        "language_key",
        "language_key of n15 must contain 'annotation', got 'task'",
    ),
    ("camera: wrist", "camera: top", "image_cam_0", "video shows the camera 'top' under two keys"),
    (
        "camera: wrist",
        "camera: side",
        "camera: side",
        "video.image_cam_1.camera 'side' is unknown. Allowed: top, wrist",
    ),
    ("[224, 224]", "[9]", "[9]", "video.image_cam_0.size must be [width, height], got '[9]'"),
    ("[224, 224]", "[99, 9]", "[99, 9]", "video.image_cam_0.size must be [width, height] of 16"),
    ("[224, 224]", "[320, 240]", "image_cam_0", "video must have one size for all keys of n15"),
    ("squash,", "all,", "fit: all", "video.image_cam_0.fit must be one of squash, pad, crop, got"),
    ("colour: rgb", "color: rgb", "color:", "video.image_cam_0 has no 'color'. Allowed: camera,"),
    ("  image_cam_0", "  video.a", "video.a:", "video has the key 'video.a': write keys bare, "),
    ("[shoulder_pan,", "[pan,", "[pan,", "state has no joint 'pan'. Allowed: shoulder_pan, "),
    ("[shoulder_pan,", "[gripper,", "[gripper,", "state has the joint 'gripper' twice"),
    ("radian}", "turn}", "turn}", "joints.shoulder_pan.unit must be one of radian, degree, "),
    ("radian}", "percent}", "percent}", "joints.shoulder_pan.range_rad is missing: percent is"),
    ("unit: radian}", "sign: 1}", "sign: 1}", "joints.shoulder_pan lacks unit"),
    ("radian}", "radian, sign: 2}", "sign: 2", "joints.shoulder_pan.sign must be 1 or -1, got 2"),
    (
        "  elbow_flex:",
        "  elbow:",
        "shoulder_pan: {",
        "joints has no joint 'elbow'. Allowed: should",
    ),
    ("  elbow_flex: {unit: radian}\n", "", "shoulder_pan: {", "joints lacks elbow_flex; it must "),
]


@pytest.mark.parametrize(("old", "new", "blamed", "message"), _WRONG_ENTRIES)
def test_a_wrong_entry_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, blamed: str, message: str
) -> None:
    """File, line, what was given and what is allowed."""
    text = _PAPER_RETURN_TEXT.replace(old, new, 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    line = next(number for number, line in enumerate(text.splitlines(), 1) if blamed in line)
    with pytest.raises(ConfigError) as refusal:
        load_profile(str(path))
    assert str(refusal.value).startswith(f"{path}:{line}: {message}")


def test_every_joint_needs_an_action(tmp_path: Path) -> None:
    """A command has six targets."""
    text = _PAPER_RETURN_TEXT.replace("wrist_roll, gripper]", "wrist_roll]")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r":\d+: action lacks gripper; it must have all six joi"):
        load_profile(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ":1: a profile must be a mapping with the entries generation, "),
        ("- 1", ":1: a profile must be a mapping with the entries generation, "),
        ("horizon: 16", ":1: a profile lacks generation, embodiment_tag, prompt, "),
        ("a: [", ":1: no YAML: "),
    ],
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, content: str, message: str) -> None:
    """Before anything in it is looked at."""
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_profile(str(path))
    assert str(refusal.value).startswith(f"{path}{message}")


def test_an_unknown_profile_is_refused() -> None:
    """With the names that there are."""
    expected = r"^profile 'papr' is unknown. Allowed: lerobot_so101, paper_return, or the path of"
    with pytest.raises(ConfigError, match=expected):
        load_profile("papr")


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """Its name is the file's; degrees are understood where angles are meant."""
    text = _PAPER_RETURN_TEXT.replace("offset_rad: 0.0", "offset_rad: 90 deg").replace(
        '"None"', "Fold it"
    )
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    profile = load_profile(str(tmp_path / "mine.yaml"))
    assert (profile.name, profile.prompt) == ("mine", "Fold it")
    assert profile.joints["wrist_roll"].offset_rad == pytest.approx(math.pi / 2)
