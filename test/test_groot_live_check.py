from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from groot_checkpoints import ARM_HIGH, ARM_LOW
from perception_views import ASIDE, open_views

from so101_ros.arm import HOME_Q
from so101_ros.benchmark.rendered_views import Layout, ViewRenderer
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.checks.live_check import LiveCheck
from so101_ros.groot.model_contract import ValueRange
from so101_ros.groot.profile_file import load_profile
from so101_ros.simulation.config import SceneConfig

PROFILE = load_profile("paper_return")
CONTRACT = replace(
    PROFILE.contract("a test"),
    state_range={"arm_0": ValueRange(np.array(ARM_LOW), np.array(ARM_HIGH))},
)
CHECK = LiveCheck(PROFILE, CONTRACT)


@pytest.fixture(scope="module")
def top() -> Iterator[np.ndarray]:
    """What the top camera sees: arm, sheet and tape."""
    views = open_views()
    for renderer in views:
        yield _render(renderer)


def _render(renderer: ViewRenderer) -> np.ndarray:
    return renderer.render(SceneConfig(), Layout([ASIDE], HOME_Q)).image


@pytest.fixture
def wrist() -> np.ndarray:
    """An image that is another: soft hills."""
    x, y = np.meshgrid(np.linspace(0, 7, 320), np.linspace(0, 5, 240))
    hills = 120 + 60 * np.sin(x) * np.cos(y)
    return np.repeat(hills[..., np.newaxis], 3, axis=2).astype(np.uint8)


def _wrong(findings: tuple[Finding, ...]) -> dict[str, str]:
    """What to do about mismatches, by what they are about."""
    return {each.subject: each.fix for each in findings if each.verdict is Verdict.MISMATCH}


def _look_at_state(*values: float) -> dict[str, str]:
    return _wrong(CHECK.look_at_state({"arm_0": np.array(values, np.float32)}))


def test_a_good_request_is_fine(top: np.ndarray, wrist: np.ndarray) -> None:
    """Every look is taken, and nothing is wrong."""
    findings = CHECK.look(PROFILE.request({"top": top, "wrist": wrist}, HOME_Q))
    assert {each.verdict for each in findings} == {Verdict.OK}
    assert [each.subject for each in findings] == [
        "prompt",
        "state.arm_0 range",
        "video.image_cam_0 size",
        "video.image_cam_0 image",
        "video.image_cam_0 colour",
        "video.image_cam_1 size",
        "video.image_cam_1 image",
        "video.image_cam_0 and image_cam_1",
    ]


def test_another_prompt_is_found(top: np.ndarray, wrist: np.ndarray) -> None:
    """Fault of an earlier version; a sentence is something this model never read."""
    request = PROFILE.request({"top": top, "wrist": wrist}, HOME_Q)
    assert _wrong(CHECK.look(replace(request, prompt="Return the paper"))) == {
        "prompt": "make requests with the profile"
    }


def test_a_state_of_zeros_is_found() -> None:
    """Fault of an earlier version: nobody filled it in."""
    assert _look_at_state(0, 0, 0, 0, 0, 0) == {"state": "nobody fills it in: look at joint_states"}


def test_zeros_are_found_behind_units_too() -> None:
    """A gripper of 0 rad is 9 %, and none the less nobody's measurement."""
    profile = load_profile("lerobot_so101")
    state = profile.tell(np.zeros(6))
    assert state["gripper"][0] > 5.0
    check = LiveCheck(profile, profile.contract("a test"))
    assert "state" in _wrong(check.look_at_state(state))


def test_a_negated_gripper_is_found() -> None:
    """Fault of an earlier version; the jaw cannot go there."""
    assert _look_at_state(*HOME_Q[:5], -HOME_Q[5]) == {
        "state.arm_0 gripper": "negated? Look at gripper of joint_states"
    }


def test_degrees_are_found() -> None:
    """joint_states are in radians; every joint that is not near zero tells."""
    wrong = _look_at_state(*np.degrees(HOME_Q))
    assert len(wrong) == 4
    assert all(fix.startswith("in degrees") for fix in wrong.values())


def test_a_gripper_in_percent_is_found() -> None:
    """60 rad is no opening."""
    wrong = _look_at_state(*HOME_Q[:5], 60.0)
    assert set(wrong) == {"state.arm_0 gripper"}
    assert "in percent" in wrong["state.arm_0 gripper"]


def test_joints_in_another_order_are_found() -> None:
    """Values that would be right for other joints."""
    wrong = _look_at_state(0.1, 1.4, 0.2, -0.9, 0.3, 0.2)
    assert set(wrong) == {"state.arm_0 shoulder_lift", "state.arm_0 wrist_flex"}
    order = "the joints in another order? Compare with the data set's names of state.arm_0"
    assert set(wrong.values()) == {order}


def test_a_pose_that_was_never_seen_is_found() -> None:
    """With where it is and what training had; a little beyond is still inside."""
    (found,) = CHECK.look_at_state({"arm_0": np.array([1.8, *HOME_Q[1:]], np.float32)})
    assert (found.given, found.expected) == ("1.8", "-1.2 to 1.2 in training")
    assert found.fix.startswith("the model has seen no such pose")
    assert _look_at_state(1.25, *HOME_Q[1:]) == {}


def test_a_state_of_another_form_is_found() -> None:
    """Missing, of another dimension or not finite."""
    for state in ({}, {"arm_0": np.zeros(5)}, {"arm_0": np.full(6, np.nan)}):
        assert "state.arm_0" in _wrong(CHECK.look_at_state(state))


def test_without_training_data_the_state_is_unknown() -> None:
    """Servers do not tell their statistics."""
    check = LiveCheck(PROFILE, PROFILE.contract("a server"))
    (found,) = check.look_at_state(PROFILE.tell(HOME_Q))
    assert found.verdict is Verdict.UNKNOWN


def test_one_camera_behind_both_keys_is_found(top: np.ndarray) -> None:
    """Fault of an earlier version; the noise between two of its images does not hide it."""
    noise = np.random.default_rng(0).integers(-6, 7, top.shape)
    again = np.clip(top + noise, 0, 255).astype(np.uint8)
    for images in ({"top": top, "wrist": top}, {"top": top, "wrist": again}):
        assert _wrong(CHECK.look_at_video(PROFILE.show(images))) == {
            "video.image_cam_0 and image_cam_1": (
                "both deliver the same image: is one camera behind both topics?"
            )
        }


def test_swapped_colours_are_found(top: np.ndarray, wrist: np.ndarray) -> None:
    """The tape is red, and nothing on the table is blue."""
    swapped = {"top": np.ascontiguousarray(top[..., ::-1]), "wrist": wrist}
    wrong = _wrong(CHECK.look_at_video(PROFILE.show(swapped)))
    assert set(wrong) == {"video.image_cam_0 colour"}
    assert wrong["video.image_cam_0 colour"].startswith("red and blue look swapped")


def _colour_finding(top: np.ndarray, wrist: np.ndarray) -> Finding:
    findings = CHECK.look_at_video(PROFILE.show({"top": top, "wrist": wrist}))
    (found,) = [each for each in findings if each.subject.endswith("colour")]
    return found


def test_colours_that_tell_nothing_are_unknown(top: np.ndarray, wrist: np.ndarray) -> None:
    """No tape in sight, a blue table, or as much blue as red."""
    gray = np.repeat(top.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    blue = np.where(top.max(axis=2, keepdims=True) > 0, [20, 30, 200], 0).astype(np.uint8)
    both = np.concatenate((top[:, :160], top[:, :160, ::-1]), axis=1)
    for image, doubt in (
        (gray, "cannot tell: nothing red or blue in sight"),
        (blue, "cannot tell: the table itself is red or blue"),
        (both, "cannot tell: as much red as blue in sight"),
    ):
        found = _colour_finding(image, wrist)
        assert (found.verdict, found.fix) == (Verdict.UNKNOWN, doubt)


@pytest.mark.parametrize(("level", "given"), [(0, "black"), (90, "one colour, level 90 of 255")])
def test_an_image_of_nothing_is_found(top: np.ndarray, level: int, given: str) -> None:
    """A cap that is on, or a driver that fills up."""
    images = {"top": top, "wrist": np.full((240, 320, 3), level, np.uint8)}
    findings = CHECK.look_at_video(PROFILE.show(images))
    (found,) = [each for each in findings if each.verdict is Verdict.MISMATCH]
    assert (found.subject, found.given) == ("video.image_cam_1 image", given)
    assert found.fix == "nothing comes from camera 'wrist': is it connected, is the cap off?"


def test_a_dark_image_is_found(top: np.ndarray, wrist: np.ndarray) -> None:
    """Something can be made out, and too little."""
    wrong = _wrong(CHECK.look_at_video(PROFILE.show({"top": top, "wrist": wrist // 8})))
    assert wrong["video.image_cam_1 image"].startswith("the image is dark: ")


def test_another_size_is_found(top: np.ndarray, wrist: np.ndarray) -> None:
    """As the model says, not as the profile does."""
    contract = replace(CONTRACT, video={"image_cam_0": (320, 240), "image_cam_1": (224, 224)})
    video = PROFILE.show({"top": top, "wrist": wrist})
    assert _wrong(LiveCheck(PROFILE, contract).look_at_video(video)) == {
        "video.image_cam_0 size": "set size: [320, 240] in the profile"
    }


def test_a_video_of_another_form_is_found(top: np.ndarray) -> None:
    """Missing, or no RGB image."""
    wrong = _wrong(CHECK.look_at_video({"image_cam_1": top.astype(np.float32)}))
    assert set(wrong) == {"video.image_cam_0", "video.image_cam_1"}
