"""Rehearse the task, then find one's place in what was rehearsed."""

from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import HOME_Q, MAX_JOINT_SPEED
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.errors import ConfigError, GrootError, PolicyUnavailable
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.rehearsal.eye import SheetEye
from so101_ros.groot.rehearsal.prompter import Prompter
from so101_ros.groot.rehearsal.provider import RehearsalProvider
from so101_ros.groot.rehearsal.script import Script
from so101_ros.groot.rehearsal.stage import LOW, Stage
from so101_ros.groot.request import GrootRequest
from so101_ros.groot.video_map import VideoFit, VideoMap
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.camera_rig import CameraRig
from so101_ros.task.measures import measure

SHEET = PlanarPose(0.30, 0.02, 0.1)
REACH_S = 16 / 30  # of an answer
LATE_TICKS = 6  # 200 ms


@lru_cache
def _stage() -> Stage:
    return Stage()


@lru_cache
def _script() -> Script:
    return _stage().rehearse(HOME_Q, SHEET)


@lru_cache
def _provider(name: str = "paper_return") -> RehearsalProvider:
    return RehearsalProvider(load_profile(name))


def _prompter() -> Prompter:
    """One that has begun with the sheet."""
    prompter = Prompter(_stage(), REACH_S)
    prompter.follow(HOME_Q, SHEET)
    return prompter


def _q(place: float) -> np.ndarray:
    return _script().q_at(np.array([place]))[0]


def _place_in_drag() -> float:
    """Where the sheet is about half-way, in ticks."""
    x = _script().sheets[:, 1]
    return float(np.argmin(np.abs(x - 0.5 * (x[0] + x[-1]))))


def _view(sheet: PlanarPose) -> np.ndarray:
    backend = MujocoBackend()
    backend.reset(sheet)
    rig = CameraRig(backend.config, 320, 240)
    rig.show(backend.state)
    image = rig.render("top", 0)
    rig.close()
    return image


def _request(name: str, image: np.ndarray, q: np.ndarray = HOME_Q) -> GrootRequest:
    return load_profile(name).request({"top": image, "wrist": image}, q)


def test_a_rehearsal_returns_the_sheet() -> None:
    """As surely as the IK policy does it for everybody to see."""
    assert measure(_script().sheet_at(0.0)).margin < -0.1
    assert measure(_script().sheet_at(_script().end)).margin > 0.008


def test_a_rehearsal_begins_with_a_rest_and_jumps_nowhere() -> None:
    """A first answer is late: what it has lost by then must not have been a motion."""
    script = _script()
    np.testing.assert_array_equal(script.targets[:LATE_TICKS], [HOME_Q] * LATE_TICKS)
    steps = np.abs(np.diff(script.targets, axis=0))
    assert 0.01 < steps.max() < MAX_JOINT_SPEED / script.rate_hz


def test_a_hand_on_the_sheet_is_lifted_before_it_travels() -> None:
    """Or it would take the sheet along to where it wants to press."""
    place = _place_in_drag()
    low_q, sheet = _q(place), _script().sheet_at(place)
    kinematics = ArmKinematics()
    script = _stage().rehearse(low_q, sheet)
    heights = np.array([kinematics.site_position(q, PRESS)[2] for q in script.q])
    assert heights[0] < LOW
    lifted = int(np.argmax(heights > LOW))
    assert 0 < lifted < 12
    assert np.linalg.norm(script.sheets[: lifted + 1, :2] - sheet.xy, axis=1).max() < 0.003
    assert measure(script.sheet_at(script.end)).margin > 0.008


def test_a_sheet_out_of_reach_is_refused_with_the_reason() -> None:
    """There is nothing to rehearse."""
    with pytest.raises(PolicyUnavailable, match="no press within reach"):
        _stage().rehearse(HOME_Q, PlanarPose(0.9, 0.0, 0.0))
    with pytest.raises(GrootError, match="no press within reach"):
        Prompter(_stage(), REACH_S).follow(HOME_Q, PlanarPose(0.9, 0.0, 0.0))


@given(st.floats(0.0, 500.0), st.integers(1, 6))
def test_a_script_is_continuous_and_ends_with_its_last_target(place: float, rows: int) -> None:
    """Between two ticks lies what is between them."""
    targets = np.arange(6.0 * rows).reshape(rows, 6)
    script = Script(targets, targets, targets[:, :3], 30.0)
    expected = 6.0 * min(place, rows - 1.0) + np.arange(6.0)
    np.testing.assert_allclose(script.targets_at(np.array([place]))[0], expected, atol=1e-9)


@pytest.mark.parametrize("step", [4.0, 8.0, 13.0])
def test_the_place_follows_the_arm(step: float) -> None:
    """Whatever the pace of the questions, and also where the arm rests between two motions."""
    prompter = _prompter()
    for place in np.arange(step, _script().end, step):
        prompter.follow(_q(place), None)
        assert abs(prompter.place - place) <= 6.0
    assert abs(prompter.place - place) <= 3.0


def test_an_arm_that_is_held_keeps_its_place() -> None:
    """Time passes, but not in the script."""
    prompter, held = _prompter(), _place_in_drag()
    for place in np.arange(8.0, held, 8.0):
        prompter.follow(_q(place), None)
    for _ in range(10):
        prompter.follow(_q(held), None)
    assert abs(prompter.place - held) <= 1.5


def test_time_goes_on_while_the_arm_rests() -> None:
    """Its joints cannot tell how long it has rested; what is answered must still come to move."""
    prompter = _prompter()
    prompter.follow(HOME_Q, SHEET)
    assert LATE_TICKS <= prompter.place <= 10.0


def test_the_place_never_runs_ahead_of_what_was_answered() -> None:
    """Nobody can have told the arm more than the last answer."""
    prompter = _prompter()
    prompter.follow(_q(_script().end), None)
    assert prompter.place <= REACH_S * _script().rate_hz


def test_a_hidden_sheet_changes_nothing() -> None:
    """The arm hides it most of the time."""
    prompter, rehearsals = _prompter(), _stage().rehearsals
    for place in np.arange(8.0, _script().end, 8.0):
        prompter.follow(_q(place), None)
    assert _stage().rehearsals == rehearsals


def test_an_image_may_be_older_than_the_joints() -> None:
    """A camera is slower than an encoder; meanwhile the sheet was dragged on."""
    prompter, rehearsals = _prompter(), _stage().rehearsals
    for place in np.arange(8.0, _script().end, 8.0):
        prompter.follow(_q(place), _script().sheet_at(max(0.0, place - 5.0)))
    assert _stage().rehearsals == rehearsals


def test_an_arm_that_is_led_astray_is_rehearsed_from_where_it_is() -> None:
    """Once two observations agree."""
    prompter = _prompter()
    elsewhere = HOME_Q + np.array([0.6, 0.0, 0.0, 0.0, 0.0, 0.0])
    first = prompter.follow(elsewhere, SHEET)
    script = prompter.follow(elsewhere, SHEET)
    assert script is not first
    np.testing.assert_array_equal(script.q[0], elsewhere)


def test_an_arm_that_somebody_else_leads_is_not_fought() -> None:
    """What is asked for is the present pose, until the arm rests; then there is a new plan."""
    prompter, turn = _prompter(), np.array([0.45, 0.0, 0.0, 0.0, 0.0, 0.0])
    led = [HOME_Q + (1 + step) * turn for step in range(3)]
    prompter.follow(led[0], SHEET)
    for q in led[1:]:
        script = prompter.follow(q, SHEET)
        np.testing.assert_array_equal(script.targets_at(np.arange(16.0)), np.tile(q, (16, 1)))
    for _ in range(2):
        script = prompter.follow(led[-1], SHEET)
    assert not script.is_still


def test_an_arm_that_comes_back_late_to_where_it_was_asked_to_stand_is_not_led() -> None:
    """Or it would go to and fro between two poses for ever."""
    prompter, turn = _prompter(), np.array([0.45, 0.0, 0.0, 0.0, 0.0, 0.0])
    poses = [HOME_Q + turn, HOME_Q + 2.0 * turn] * 3
    scripts = [prompter.follow(q, SHEET) for q in poses]
    assert scripts[1].is_still
    assert not scripts[-1].is_still


def test_a_sheet_that_was_taken_away_is_rehearsed_anew_from_where_it_is() -> None:
    """Once two images agree: one may err."""
    prompter, moved = _prompter(), PlanarPose(0.30, -0.06, 0.1)
    prompter.follow(_q(8.0), SHEET)
    prompter.follow(_q(16.0), SHEET)
    first = prompter.script
    assert prompter.follow(_q(24.0), moved) is first
    script = prompter.follow(_q(32.0), moved)
    assert script is not first
    assert (script.sheet_at(0.0).x, script.sheet_at(0.0).y) == pytest.approx(moved.xy, abs=1e-4)
    assert prompter.place == 0.0


def test_an_arm_that_is_home_again_begins_a_new_episode() -> None:
    """Nobody says so: a model is not told about resets."""
    prompter, place = _prompter(), _place_in_drag()
    for each in np.arange(8.0, place, 8.0):
        prompter.follow(_q(each), None)
    first = prompter.script
    with pytest.raises(GrootError, match="not seen"):
        prompter.follow(HOME_Q, None)
    assert prompter.follow(HOME_Q, SHEET) is not first
    assert prompter.place == 0.0


def test_a_sheet_that_was_not_brought_home_is_returned_once_more() -> None:
    """Wherever the rehearsal had it at the end."""
    prompter, end = _prompter(), _script().end
    for place in np.arange(8.0, end, 8.0):
        prompter.follow(_q(place), None)
    x, y, yaw = _script().sheets[-1]
    outside = PlanarPose(x, y - 0.018, yaw)  # less than what counts as astray on the way
    assert measure(outside).margin < 0.0
    for _ in range(4):
        script = prompter.follow(_q(end), outside)
    assert script.sheet_at(0.0).y == pytest.approx(outside.y, abs=1e-4)


@pytest.mark.parametrize("size", [(224, 224), (320, 240), (640, 480)])
def test_the_eye_finds_the_sheet_in_the_model_s_image(size: tuple[int, int]) -> None:
    """Squashed or enlarged, in the first image."""
    eye = SheetEye(MujocoBackend())
    paper = eye.look(VideoMap("top", size).to_model(_view(SHEET))).paper
    assert paper is not None
    assert np.linalg.norm(paper.pose.xy - SHEET.xy) < 0.004
    assert abs(wrap_to_half_pi(paper.pose.yaw - SHEET.yaw)) < np.radians(2.0)


@pytest.mark.parametrize("name", ["paper_return", "lerobot_so101"])
def test_answers_are_what_the_profile_expects(name: str) -> None:
    """In its units, with a first row that is close to where the arm is."""
    profile, provider = load_profile(name), _provider(name)
    targets = profile.targets(provider.infer(_request(name, _view(SHEET))), HOME_Q)
    assert targets.shape == (profile.horizon, 6)
    np.testing.assert_allclose(targets[0], HOME_Q, atol=1e-3)
    assert np.abs(targets[-1] - HOME_Q).max() > 0.1
    contract = provider.describe()
    assert asdict(contract) == asdict(profile.contract(contract.source))


def test_rows_are_for_the_times_that_the_profile_says() -> None:
    """The first row is for the observation itself, or for one step later."""
    profile, rows = load_profile("paper_return"), []
    for first_step in (0, 1):
        shifted = replace(profile, first_step=first_step)
        answer = RehearsalProvider(shifted).infer(_request("paper_return", _view(SHEET)))
        rows.append(shifted.targets(answer, HOME_Q))
    assert np.abs(rows[0][-1] - rows[0][-2]).max() > 0.01
    np.testing.assert_allclose(rows[1][:-1], rows[0][1:], atol=1e-6)


def test_without_a_sheet_there_is_no_answer_but_a_reason() -> None:
    """The arm must hold, not guess."""
    provider = RehearsalProvider(load_profile("paper_return"))
    black = np.zeros((240, 320, 3), np.uint8)
    with pytest.raises(GrootError, match=r"no answer: the sheet is not seen: .*dark"):
        provider.infer(_request("paper_return", black))
    provider.close()


def test_a_model_that_sees_less_than_the_whole_table_is_refused() -> None:
    """What is cut off cannot be put back."""
    profile = load_profile("paper_return")
    wrist = VideoMap("wrist", (224, 224))
    with pytest.raises(ConfigError, match=r"needs the top camera; .* has wrist"):
        RehearsalProvider(replace(profile, video={"image_cam_0": wrist}))
    cropped = {"image_cam_0": VideoMap("top", (224, 224), VideoFit.CROP), "image_cam_1": wrist}
    with pytest.raises(ConfigError, match=r"fit must be squash, or its size have the aspect 4:3"):
        RehearsalProvider(replace(profile, video=cropped))
