"""Somebody who follows the hints calibrates a camera."""

from pathlib import Path

import numpy as np
import pytest
from board_pictures import PaperCamera, Place

from so101_ros.cameras.board_choice import BoardChoice
from so101_ros.cameras.coverage import Coverage
from so101_ros.cameras.device import CameraDevice
from so101_ros.cameras.fit import fit_camera
from so101_ros.cameras.guidance import next_hint
from so101_ros.cameras.live_session import LiveSession, free_folder
from so101_ros.cameras.pictures import find_boards, read_folder
from so101_ros.cameras.viewpoint import Viewpoint, choose_spread
from so101_ros.errors import CalibrationError

SIZE = (320, 240)
MATRIX = np.array([[260.0, 0.0, 161.0], [0.0, 261.0, 118.0], [0.0, 0.0, 1.0]])
PATIENCE = 150  # pictures; the hand needs two for each view
WORDS = {"left": 0.22, "right": 0.78, "upper": 0.25, "lower": 0.75}
_VARIETY = (0.06, 0.06, 0.03, 0.15, 0.15)  # of a place: image widths, heights, [m], [rad], [rad]


class Hand:
    """Holds the board where it is told to, as steady as told."""

    def __init__(self, tremor: float = 0.0) -> None:
        self._rng = np.random.default_rng(7)
        self._tremor = tremor
        self._place = Place(0.5, 0.5, 0.55, 0.0, 0.0)
        self._camera = PaperCamera(BoardChoice().make(), SIZE, MATRIX, (-0.1, 0.02, 0.0, 0.0, 0.0))

    def follow(self, hint: str) -> None:
        """Do what a line of text says, never twice alike."""
        words = hint.split()
        facing = {"left": (-0.5, 0.0), "right": (0.5, 0.0), "up": (0.0, -0.5), "down": (0.0, 0.5)}
        lean = next((facing[word] for word in words if "face" in words and word in facing), (0, 0))
        # Faces the middle of the image from the side, so that the page stays in view.
        x, y = 0.5, 0.5
        if "move" in words:
            x = next((WORDS[word] for word in words if word in ("left", "right")), 0.5)
            y = next((WORDS[word] for word in words if word in ("upper", "lower")), 0.5)
        if "further," in words:
            lean = self._rng.choice([(0.6, 0.0), (-0.6, 0.0), (0.0, 0.6), (0.0, -0.6)])
        near = 0.29 if {"nearer", "near"} & set(words) else 0.5
        wanted = np.array([x, y, near, *lean])
        self._place = Place(*wanted + self._rng.uniform(-1.0, 1.0, 5) * _VARIETY)

    def read(self) -> np.ndarray:
        """Photograph the board."""
        x, y = self._rng.normal(0.0, self._tremor, 2) if self._tremor else (0.0, 0.0)
        place = self._place
        moved = Place(place.x + x, place.y + y, place.distance, place.face_right, place.face_down)
        return self._camera.take(moved).gray


class Slides:
    """Shows pictures one after the other, then the last one for ever."""

    def __init__(self, *pictures: np.ndarray) -> None:
        self._pictures = list(pictures)

    def read(self) -> np.ndarray:
        """Show the next picture."""
        return self._pictures.pop(0) if len(self._pictures) > 1 else self._pictures[0]


def test_following_the_hints_leads_to_a_calibration(tmp_path: Path) -> None:
    """It ends by itself; what it kept on disk gives the same lens."""
    hand, board = Hand(), BoardChoice().make()
    session = LiveSession(hand, board, tmp_path / "views")
    shown = 0
    while not session.done:
        progress = session.step()
        shown += 1
        assert shown < PATIENCE, progress
        if (progress.kept or shown % 3 == 0) and progress.hint is not None:
            hand.follow(progress.hint)
    assert len(session.sighting.views) >= 20
    fit = fit_camera(session.sighting, "top")
    assert fit.coverage.neglected() == []
    assert fit.calibration.matrix[[0, 1], [0, 1]] == pytest.approx([260.0, 261.0], rel=0.01)
    again = fit_camera(find_boards(read_folder(session.folder), board, "views"), "top")
    # OpenCV sums in threads: the last digits differ.
    assert again.calibration.matrix == pytest.approx(fit.calibration.matrix, rel=1e-9)
    assert list(again.errors) == list(fit.errors)


def test_a_moving_board_is_not_kept(tmp_path: Path) -> None:
    """Its corners are blurred; it is seen all the same."""
    session = LiveSession(Hand(tremor=0.05), BoardChoice().make(), tmp_path / "views")
    seen = [session.step() for _ in range(6)]
    assert any(progress.seen for progress in seen)
    assert not any(progress.still or progress.kept for progress in seen)
    assert not list(session.folder.iterdir())


def test_the_same_view_is_kept_once(tmp_path: Path) -> None:
    """And an image without a board is said to be one."""
    hand = Hand()
    picture, empty = hand.read(), np.full(SIZE[::-1], 90, np.uint8)
    camera = Slides(empty, empty, picture, picture, picture, picture)
    session = LiveSession(camera, BoardChoice().make(), tmp_path / "views")
    seen = [session.step() for _ in range(5)]
    assert [progress.seen for progress in seen] == [False, True, True, True, True]
    assert [progress.kept for progress in seen] == [False, False, True, False, False]
    assert [path.name for path in session.folder.iterdir()] == ["view_001.png"]
    assert session.sighting.pictures == 5 and len(session.sighting.views) == 1


def test_the_pictures_of_an_earlier_session_stay(tmp_path: Path) -> None:
    """Another one gets another folder."""
    wanted = tmp_path / "top_views"
    assert free_folder(wanted) == wanted
    wanted.mkdir()
    (tmp_path / "top_views_2").mkdir()
    assert free_folder(wanted) == tmp_path / "top_views_3"
    with pytest.raises(CalibrationError, match="top_views cannot be made: File exists"):
        LiveSession(Slides(np.zeros((4, 4), np.uint8)), BoardChoice().make(), wanted)


def viewpoint(face_right: float, face_down: float) -> Viewpoint:
    """See the board facing somewhere."""
    camera, board = PaperCamera(BoardChoice().make(), SIZE, MATRIX, [0.0] * 5), BoardChoice().make()
    view = board.find(camera.take(Place(0.5, 0.5, 0.45, face_right, face_down)).gray, "")
    assert view is not None
    return Viewpoint.of_view(view, *SIZE)


@pytest.mark.parametrize("angle", [-0.5, 0.5])
def test_the_tilt_is_told_apart_by_side(angle: float) -> None:
    """To a tenth, although the lens is only guessed."""
    right, down = viewpoint(angle, 0.0), viewpoint(0.0, angle)
    assert (right.tilt_x, right.tilt_y) == pytest.approx((np.sin(angle), 0.0), abs=0.1)
    assert (down.tilt_x, down.tilt_y) == pytest.approx((0.0, np.sin(angle)), abs=0.1)


def covered(width: int = 60, hide: tuple[int, int] = (0, 0)) -> Coverage:
    """Everything was shown but so many columns and rows of the upper left."""
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(width)), -1).reshape(-1, 2)
    coverage = Coverage(width, width)
    coverage.add([grid[(grid >= hide).any(axis=1)]])
    return coverage


def test_the_hints_come_in_the_order_of_what_is_missing() -> None:
    """Places, then tilts, then distance, then number."""
    sides = ((1, 0), (-1, 0), (0, 1), (0, -1))
    all_tilts = [Viewpoint(0.5, 0.5, 0.6, 0.4 * x, 0.4 * y) for x, y in sides for _ in range(2)]
    far = [Viewpoint(0.5, 0.5, 0.2, one.tilt_x, one.tilt_y) for one in all_tilts]
    no_upper_left = covered(hide=(20, 20))
    assert next_hint([], covered()) == "show the board to the camera"
    assert next_hint(all_tilts, no_upper_left) == "move the board to the upper left of the image"
    assert next_hint(all_tilts[1:], covered()) == "tilt the board to face the right of the image"
    assert next_hint(all_tilts[:-1], covered()) == "tilt the board to face up"
    assert next_hint(far, covered()) == "bring the board nearer"
    assert next_hint(all_tilts, covered()) == "show the board in any new way"
    assert next_hint(all_tilts * 3, covered()) is None


def test_chosen_views_differ_and_the_farthest_come_first() -> None:
    """The largest begins."""
    line = [Viewpoint(0.05 * step, 0.5, 0.3, 0.0, 0.0) for step in range(20)]
    line[4] = Viewpoint(0.2, 0.5, 0.31, 0.0, 0.0)
    chosen = choose_spread(line, 40)
    assert 4 in chosen and 19 in chosen
    gaps = np.diff([line[index].x for index in chosen])
    assert gaps.min() >= 0.11 and gaps.max() <= 0.25
    assert choose_spread(line, 2) == [4, 19]
    assert choose_spread([], 5) == []


def test_a_missing_camera_is_named() -> None:
    """With what to check."""
    with pytest.raises(
        CalibrationError, match=r"camera 987 cannot be opened\. Check that /dev/vid"
    ):
        CameraDevice(987)


class _Capture:
    """OpenCV's camera, without one; coloured, of one size."""

    delivers = True

    def __init__(self, number: int) -> None:
        self.released = False

    def isOpened(self) -> bool:
        return True

    def set(self, entry: int, value: float) -> bool:
        return False

    def read(self) -> tuple[bool, np.ndarray]:
        return self.delivers, np.full((48, 64, 3), (0, 0, 255), np.uint8)

    def release(self) -> None:
        self.released = True


def test_a_camera_delivers_grey_or_says_that_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is unplugged, or has another size than was asked for."""
    monkeypatch.setattr("so101_ros.cameras.device.cv2.VideoCapture", _Capture)
    device = CameraDevice(0, (64, 48))
    assert device.read().shape == (48, 64) and device.read()[0, 0] == 76  # 0.299 of red
    with pytest.raises(CalibrationError, match="camera 0 was asked for 320x240 and delivers 64x48"):
        CameraDevice(0, (320, 240))
    monkeypatch.setattr(_Capture, "delivers", False)
    with pytest.raises(CalibrationError, match=r"camera 0 delivers no pictures\. Plug it in"):
        device.read()
