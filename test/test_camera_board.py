"""Boards, and the page that they are printed on."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from so101_ros.cameras.board import CalibrationBoard
from so101_ros.cameras.board_choice import BoardChoice
from so101_ros.cameras.board_page import board_origin, render_page, write_page
from so101_ros.errors import ConfigError

KINDS = ("charuco", "chessboard")
A4_PDF = (297.0 / 25.4 * 72.0, 210.0 / 25.4 * 72.0)  # [pt]


def page_as_png(board: CalibrationBoard, folder: Path) -> tuple[np.ndarray, float]:
    """Write a page as PNG; return it with its resolution in [px/m], as the file says it."""
    path = folder / "board.png"
    write_page(board, path)
    data = path.read_bytes()
    start = data.index(b"pHYs") + 4
    assert data[start + 8] == 1  # the unit is the metre
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert gray is not None
    return gray, float(int.from_bytes(data[start : start + 4], "big"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_printed_squares_have_the_size_that_was_asked_for(kind: str, tmp_path: Path) -> None:
    """Every corner is found where the page has it, to 0.2 mm over the whole board."""
    board = BoardChoice(kind).make()
    page, per_metre = page_as_png(board, tmp_path)
    page, per_metre = cv2.resize(page, None, fx=0.4, fy=0.4), 0.4 * per_metre
    view = board.find(page, "page")
    assert view is not None
    assert len(view.corners) == (board.columns - 1) * (board.rows - 1)
    on_page = (view.corners + 0.5) / per_metre - board_origin(board)
    expected = view.points[:, :2]
    if kind == "chessboard" and np.linalg.norm(on_page[0] - expected[0]) > 0.01:
        expected = expected[::-1]  # a chessboard looks the same upside down
    assert np.abs(on_page - expected).max() < 2e-4


def test_the_ruler_is_100_mm_long(tmp_path: Path) -> None:
    """The longest black line below the board."""
    board = BoardChoice().make()
    page, per_metre = page_as_png(board, tmp_path)
    below = page[int((board_origin(board)[1] + board.height + 0.005) * per_metre) :]
    longest = max(
        (end - start)
        for row in below < 128
        for start, end in np.flatnonzero(np.diff(np.r_[0, row, 0])).reshape(-1, 2)
    )
    assert longest / per_metre == pytest.approx(0.1, abs=2e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("per_square", [30, 160])
def test_corners_are_counted_from_the_first_pixels_centre(kind: str, per_square: int) -> None:
    """In small and large pictures, with every version of OpenCV; squares end between pixels."""
    board = BoardChoice(kind).make()
    view = board.find(board.draw(per_square), "drawn")
    assert view is not None
    expected = per_square / board.square * view.points[:, :2] + per_square - 0.5
    assert np.abs((view.corners - expected).mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("turned", [False, True])
def test_a_pdf_is_a_page_of_a4(turned: bool, tmp_path: Path) -> None:
    """It lies like the board."""
    path = tmp_path / "board.pdf"
    columns, rows = (5, 7) if turned else (7, 5)
    write_page(BoardChoice("charuco", columns, rows).make(), path)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", path.read_bytes())
    assert box is not None
    size = tuple(map(float, box.groups()))
    assert size == pytest.approx(A4_PDF[::-1] if turned else A4_PDF, abs=0.01)


def test_part_of_a_charuco_board_will_do() -> None:
    """What is seen is seen at the right places; of a chessboard nothing is."""
    for kind, is_found in (("charuco", True), ("chessboard", False)):
        board = BoardChoice(kind).make()
        page = render_page(board, 80.0)
        whole, half = board.find(page, ""), board.find(page[:, : page.shape[1] // 2], "")
        assert whole is not None
        assert (half is not None) == is_found
        if half is not None:
            assert 8 <= len(half.corners) < len(whole.corners)
            expected = [whole.corners[(whole.points == p).all(axis=1)][0] for p in half.points]
            assert np.abs(half.corners - expected).max() < 0.05


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("brightness", [0, 128, 255])
def test_nothing_is_found_where_nothing_is(kind: str, brightness: int) -> None:
    """Neither a view nor an error."""
    board = BoardChoice(kind).make()
    assert board.find(np.full((120, 160), brightness, np.uint8), "empty") is None


def test_a_board_of_another_size_is_not_taken_for_this_one() -> None:
    """One column more or less moves every marker."""
    page = render_page(BoardChoice().make(), 100.0)
    for columns in (6, 8):
        assert BoardChoice("charuco", columns, 5).make().find(page, "") is None


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        (BoardChoice("dots"), "unknown board 'dots'. Allowed: charuco, chessboard"),
        (BoardChoice("charuco", 2, 5), "a board needs at least 3 columns, got 2"),
        (BoardChoice("chessboard", 10, -1), "a board needs at least 3 rows, got -1"),
        (BoardChoice("chessboard", 3, 3), "3 x 3 squares has too few inner corners"),
        (BoardChoice(square=0.0), "the squares need a size above 0, got 0 mm"),
        (BoardChoice(square=float("nan")), "the squares need a size above 0, got nan mm"),
        (BoardChoice(marker=0.035), "a marker must be smaller than its square of 35 mm"),
        (BoardChoice(marker=0.001), "the markers of 1 mm are too small to be found in squares of"),
        (BoardChoice("charuco", 12, 9), "needs 54 markers; there are 50. Take fewer squares"),
        (BoardChoice("chessboard", marker=0.02), "a chessboard has no markers; leave --marker-mm"),
    ],
)
def test_impossible_boards_are_refused(choice: BoardChoice, complaint: str) -> None:
    """With what is possible."""
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        choice.make()


def test_an_opencv_without_the_detector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Distributions ship older ones; a chessboard works there."""
    monkeypatch.delattr(cv2.aruco, "CharucoDetector")
    with pytest.raises(ConfigError, match=r"has no ChArUco detector; 4\.8 or newer has one"):
        BoardChoice().make()
    assert BoardChoice("chessboard").make().columns == 10


def test_what_does_not_fit_on_a4_is_refused(tmp_path: Path) -> None:
    """With the room that there is, and nothing is written."""
    board = BoardChoice("chessboard", 10, 7, 0.03).make()
    with pytest.raises(ConfigError, match="is 300 x 210 mm; A4 has room for 281 x 178 mm"):
        write_page(board, tmp_path / "board.pdf")
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    """Only what prints in true size."""
    with pytest.raises(ConfigError, match=r"board\.svg must end in \.pdf or \.png"):
        write_page(BoardChoice().make(), tmp_path / "board.svg")
