"""A lens that is known is found again, and what does not tell a lens is refused."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from board_pictures import PaperCamera, Place, places

from so101_ros.cameras.board import BoardView
from so101_ros.cameras.board_choice import BoardChoice
from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.cameras.check import check_calibration
from so101_ros.cameras.coverage import Coverage
from so101_ros.cameras.fit import MIN_VIEWS, fit_camera
from so101_ros.cameras.pictures import Picture, Sighting, find_boards, read_folder, read_video
from so101_ros.errors import CalibrationError
from so101_ros.recording.video_writer import VideoWriter

SIZE = (640, 480)
DISTORTION = (-0.28, 0.09, 0.001, -0.0005, 0.0)
MATRIX = np.array([[520.0, 0.0, 323.0], [0.0, 524.0, 236.0], [0.0, 0.0, 1.0]])
WIDE_SIZE = (320, 240)
WIDE = np.array([[120.0, 0.0, 162.0], [0.0, 121.0, 117.0], [0.0, 0.0, 1.0]])  # 90 degrees upright


@cache
def webcam() -> PaperCamera:
    """A webcam that looks at a ChArUco board."""
    return PaperCamera(BoardChoice().make(), SIZE, MATRIX, DISTORTION)


@cache
def seen() -> Sighting:
    """A careful session with the webcam."""
    pictures = [webcam().take(place, f"{i}") for i, place in enumerate(places(16, 1, 0.45))]
    return find_boards(pictures, BoardChoice().make(), "photos")


@cache
def seen_anew() -> Sighting:
    """Another one."""
    pictures = [webcam().take(place, f"{i}") for i, place in enumerate(places(5, 2, 0.45))]
    return find_boards(pictures, BoardChoice().make(), "photos")


def computed_views(
    poses: Sequence[Place], noise_px: float = 0.05, seed: int = 0
) -> list[BoardView]:
    """Views with corners from the lens model instead of a picture."""
    rng = np.random.default_rng(seed)
    row, column = np.indices((4, 6)).reshape(2, -1)
    points = 0.035 * np.stack([column + 1, row + 1, 0 * row], axis=1).astype(np.float32)
    views = []
    for index, place in enumerate(poses):
        rotation, position = webcam().pose(place)
        corners, _ = cv2.projectPoints(points, rotation, position, MATRIX, np.array(DISTORTION))
        noisy = corners.reshape(-1, 2) + rng.normal(0.0, noise_px, (len(points), 2))
        views.append(BoardView(f"view {index}", noisy.astype(np.float32), points))
    return views


def sighting(views: Sequence[BoardView], pictures: int | None = None) -> Sighting:
    """Views, as if found in pictures of the webcam."""
    return Sighting(SIZE, len(views) if pictures is None else pictures, tuple(views))


def test_a_webcam_is_found_again_from_pictures() -> None:
    """Focal length to 0.5 %, centre to 3 px, and the same rays to 1 px where the board was."""
    fit = fit_camera(seen(), "top")
    found = fit.calibration
    assert fit.rms < 0.25
    assert found.matrix[[0, 1], [0, 1]] == pytest.approx(MATRIX[[0, 1], [0, 1]], rel=0.005)
    assert found.matrix[:2, 2] == pytest.approx(MATRIX[:2, 2], abs=3.0)
    assert found.size == SIZE and found.name == "top"
    grid = np.stack(np.meshgrid(np.linspace(-0.45, 0.45, 9), np.linspace(-0.33, 0.33, 9)), -1)
    rays = np.concatenate([grid, np.ones((9, 9, 1))], axis=-1).reshape(-1, 1, 3)
    zero = np.zeros(3)
    true_pixels, _ = cv2.projectPoints(rays, zero, zero, MATRIX, np.array(DISTORTION))
    pixels, _ = cv2.projectPoints(rays, zero, zero, found.matrix, found.distortion)
    # A rotation of the camera cannot be told from a shift of its centre.
    shift = pixels - true_pixels
    assert np.abs(shift - shift.mean(axis=0)).max() < 1.0


def test_a_wide_camera_is_found_again_with_a_chessboard() -> None:
    """Like the one above the table: 320 x 240 px, 90 degrees upright."""
    board = BoardChoice("chessboard").make()
    camera = PaperCamera(board, WIDE_SIZE, WIDE, (-0.05, 0.002, 0.0005, 0.0003, 0.0))
    pictures = [camera.take(place, f"{i}") for i, place in enumerate(places(20, 3, 0.2))]
    fit = fit_camera(find_boards(pictures, board, "photos"), "top")
    assert fit.calibration.matrix[[0, 1], [0, 1]] == pytest.approx([120.0, 121.0], rel=0.01)
    assert fit.calibration.matrix[:2, 2] == pytest.approx(WIDE[:2, 2], abs=1.5)


def test_the_check_tells_a_right_calibration_from_a_wrong_one() -> None:
    """On views that neither was made from."""
    right = fit_camera(seen(), "top").calibration
    wrong = type(right).of_lens("top", *SIZE, right.matrix, np.zeros(5))
    good, bad = (check_calibration(lens, seen_anew()) for lens in (right, wrong))
    assert good.rms < 0.25
    assert bad.rms > 4.0 * good.rms
    assert set(good.errors) == {view.source for view in seen_anew().views}
    total = np.sqrt(np.mean([error**2 for error in good.errors.values()]))
    assert good.rms == pytest.approx(total, rel=0.2)  # views have different numbers of corners


def test_the_check_refuses_another_size() -> None:
    """A calibration holds for one size."""
    lens = fit_camera(seen(), "top").calibration
    other = Sighting((320, 240), 1, seen_anew().views)
    with pytest.raises(CalibrationError, match="320x240 pixels, the calibration is for 640x480"):
        check_calibration(lens, other)


def test_views_that_disagree_are_dropped_by_name() -> None:
    """Two views of a bent board do not spoil the lens."""
    views = computed_views(list(places(16, 1, 0.45)))
    bent = views[5].corners + np.array([[0.0, 6.0]]) * np.sin(np.arange(24))[:, np.newaxis]
    views[5] = BoardView("bent", bent.astype(np.float32), views[5].points)
    fit = fit_camera(sighting(views), "top")
    assert list(fit.dropped) == ["bent"]
    assert fit.dropped["bent"] > 1.0 and "bent" not in fit.errors
    assert fit.calibration.matrix[0, 0] == pytest.approx(520.0, rel=0.005)


def test_the_same_view_many_times_counts_once() -> None:
    """What is left out is counted."""
    views = computed_views([*places(12, 1, 0.45), *[next(places(1, 1, 0.45))] * 10], 0.0)
    fit = fit_camera(sighting(views), "top")
    assert fit.alike >= 10
    assert len(fit.errors) + fit.alike + len(fit.dropped) == 22


def test_k3_is_used_only_where_the_views_tell_it() -> None:
    """The lens has none: it must be exactly zero rather than noise."""
    fit = fit_camera(sighting(computed_views(list(places(16, 1, 0.45)))), "top")
    assert fit.calibration.distortion[4] == 0.0
    assert fit.calibration.distortion[:2] == pytest.approx(DISTORTION[:2], abs=0.02)


def test_too_few_views_are_refused() -> None:
    """With how many there are, and what to add."""
    views = computed_views(list(places(5, 1, 0.45)))
    message = f"only 5 of 9 pictures show the board; at least {MIN_VIEWS} are needed. Add some"
    with pytest.raises(CalibrationError, match=message):
        fit_camera(sighting(views, 9), "top")


def test_views_from_one_place_are_refused() -> None:
    """A tripod tells nothing new."""
    views = computed_views([Place(0.5, 0.5, 0.4, 0.2, 0.1)] * 20)
    with pytest.raises(CalibrationError, match="the 20 views are too alike: only 1 differ"):
        fit_camera(sighting(views), "top")


@pytest.mark.parametrize("lean", [0.0, 0.05, 0.5])
def test_a_board_that_was_always_held_alike_is_refused(lean: float) -> None:
    """Distance and focal length cannot be told apart, however small the error is."""
    alike = [Place(x, y, 0.5, lean, lean) for x in (0.3, 0.5, 0.7) for y in (0.3, 0.5, 0.7)]
    with pytest.raises(CalibrationError, match=r"tell the focal length only to .* tilted 20 to"):
        fit_camera(sighting(computed_views(alike)), "top")


def test_the_focal_length_is_as_certain_as_it_says() -> None:
    """Over many sessions its error is as large as the stated standard deviation."""
    poses = list(places(12, 1, 0.45))
    errors = []
    for session in range(30):
        fit = fit_camera(sighting(computed_views(poses, 0.1, session)), "top")
        errors.append((fit.calibration.matrix[0, 0] - 520.0) / fit.focal_spread[0])
    assert 0.6 < float(np.sqrt(np.mean(np.square(errors)))) < 1.5


def test_a_large_error_is_refused_with_the_worst_view() -> None:
    """Nothing is dropped below eight views, and a bad fit is not written."""
    views = computed_views(list(places(10, 1, 0.45)), noise_px=3.0)
    with pytest.raises(CalibrationError, match=r"error is .* px, at most 1 px .*\(worst: view \d"):
        fit_camera(sighting(views), "top")


def test_a_corner_that_was_never_shown_is_a_doubt() -> None:
    """It calibrates, but says where views are missing."""
    rng = np.random.default_rng(4)
    left = [
        Place(*rng.uniform((0.2, 0.25, 0.45), (0.4, 0.75, 0.7)), *rng.uniform(-0.6, 0.6, 2))
        for _ in range(16)
    ]
    (doubt,) = fit_camera(sighting(computed_views(left)), "top").doubts()
    assert "of the image was covered; add views" in doubt and "upper right" in doubt
    assert fit_camera(sighting(computed_views(list(places(40, 1, 0.45)))), "top").doubts() == []


def test_a_lens_that_folds_back_within_the_image_is_a_doubt() -> None:
    """There two rays meet in one pixel; the corner of this image is 0.77 from the centre."""
    fit = fit_camera(sighting(computed_views(list(places(40, 1, 0.45)))), "top")
    folded = CameraCalibration.of_lens("top", *SIZE, MATRIX, np.array([-0.6, 0.0, 0.0, 0.0, 0.0]))
    straight = CameraCalibration.of_lens("top", *SIZE, MATRIX, np.array([-0.2, 0, 0, 0, 0.0]))
    (doubt,) = replace(fit, calibration=folded).doubts()
    assert "the lens model folds back within the image" in doubt
    assert replace(fit, calibration=straight).doubts() == []


def test_coverage_names_the_emptiest_part_first() -> None:
    """A third of the image along each side has a name."""
    coverage = Coverage(600, 600)
    assert coverage.share == 0.0
    everywhere = np.stack(np.meshgrid(np.arange(50, 600, 100), np.arange(50, 600, 100)), -1)
    corners = everywhere.reshape(-1, 2).astype(float)
    coverage.add([corners[(corners[:, 0] > 200) | (corners[:, 1] < 400)]])
    assert coverage.neglected() == ["lower left"]
    coverage.add([corners, np.array([[-1.0, 5.0], [5.0, 600.0]])])
    assert coverage.share == 1.0 and coverage.neglected() == []


def test_pictures_of_different_size_are_refused() -> None:
    """Both are named."""
    pictures = [Picture("a.png", np.zeros((4, 6), np.uint8)), Picture("b.png", np.zeros((6, 4)))]
    with pytest.raises(CalibrationError, match=r"a\.png has 6x4, b\.png has 4x6\. A calibration"):
        find_boards(pictures, BoardChoice().make(), "photos")


def test_pictures_without_a_board_are_refused() -> None:
    """With what was looked for."""
    pictures = [Picture("a.png", np.zeros((40, 60), np.uint8))] * 3
    message = "none of the 3 pictures of photos shows the ChArUco, 7 x 5 squares of 35 mm"
    with pytest.raises(CalibrationError, match=message):
        find_boards(pictures, BoardChoice().make(), "photos")
    with pytest.raises(CalibrationError, match="photos holds no pictures"):
        find_boards([], BoardChoice().make(), "photos")


def test_a_folder_is_read_in_order_and_other_files_are_left_alone(tmp_path: Path) -> None:
    """Grey and coloured pictures alike."""
    for name, shape in (("b.JPG", (4, 6, 3)), ("a.png", (4, 6))):
        encoded = cv2.imencode(Path(name).suffix.lower(), np.full(shape, 200, np.uint8))[1]
        (tmp_path / name).write_bytes(encoded.tobytes())
    (tmp_path / "notes.txt").write_text("x")
    pictures = list(read_folder(tmp_path))
    assert [picture.name for picture in pictures] == ["a.png", "b.JPG"]
    assert all(
        picture.size == (6, 4) and abs(int(picture.gray[0, 0]) - 200) < 3 for picture in pictures
    )


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n cut off"])
def test_a_damaged_picture_is_named(tmp_path: Path, content: bytes) -> None:
    """It might have been the one that matters."""
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(CalibrationError, match=r"bad\.png is damaged, or no picture\. Remove it"):
        list(read_folder(tmp_path))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    """Or no folder at all."""
    with pytest.raises(CalibrationError, match=re.escape(f"{tmp_path} holds no pictures (.bmp,")):
        list(read_folder(tmp_path))
    with pytest.raises(CalibrationError, match=r"none is not a folder\. Give one with pictures"):
        list(read_folder(tmp_path / "none"))


def test_a_video_gives_four_pictures_a_second(tmp_path: Path) -> None:
    """Named after their time, as bright as they were."""
    path = tmp_path / "board.mp4"
    with VideoWriter(path, 64, 48, 30) as video:
        for _ in range(60):
            video.write(np.full((48, 64, 3), 180, np.uint8))
    pictures = list(read_video(path))
    assert [picture.name for picture in pictures[:3]] == ["0.00 s", "0.27 s", "0.53 s"]
    assert 7 <= len(pictures) <= 8
    assert pictures[0].size == (64, 48) and abs(int(pictures[0].gray.mean()) - 180) < 5


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    """In one line."""
    path = tmp_path / "board.mp4"
    with pytest.raises(CalibrationError, match=r"is not a file\. Give a video of the board"):
        list(read_video(path))
    path.write_bytes(b"no video")
    with pytest.raises(CalibrationError, match="cannot be read as a video") as caught:
        list(read_video(path))
    assert "\n" not in str(caught.value)
