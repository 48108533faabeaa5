"""``so101 camera`` as its users meet it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from board_pictures import PaperCamera, places

from so101_ros.cameras.board_choice import BoardChoice
from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.cli import camera_calibrate_run, main
from so101_ros.errors import CalibrationError

ROOT = Path(__file__).parent.parent
SIZE = (320, 240)
MATRIX = np.array([[260.0, 0.0, 161.0], [0.0, 261.0, 118.0], [0.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """Photos of the default board."""
    camera = PaperCamera(BoardChoice().make(), SIZE, MATRIX, (-0.1, 0.02, 0.0, 0.0, 0.0))
    return [camera.take(place, f"{i}").gray for i, place in enumerate(places(18, 5, 0.45))]


@pytest.fixture
def photos(tmp_path: Path, pictures: list[np.ndarray], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with them, beside which the commands work."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{index:02d}.png"), picture)
    return folder


def run(*words: str) -> int:
    """Run the command in this process."""
    return main.run(["camera", *words])


def test_from_photos_to_a_checked_calibration(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is what ROS reads, and the report has what a user must know."""
    assert run("calibrate", "--images", "photos", "--out", "top.yaml", "--name", "top") == 0
    shown = capsys.readouterr().out
    assert "the board is in " in shown and "px RMS; " in shown and " of the image was" in shown
    assert "top.yaml is written, for 320x240 px only" in shown
    assert "07.png" in shown  # every view with its error
    content = yaml.safe_load(Path("top.yaml").read_text())
    assert content["camera_name"] == "top"
    assert content["camera_matrix"]["data"][0] == pytest.approx(260.0, rel=0.01)
    assert run("check", "--calibration", "top.yaml", "--images", "photos") == 0
    assert "fits: error 0." in capsys.readouterr().out


def test_a_calibration_that_does_not_fit_is_exit_code_one(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For scripts."""
    wrong = np.array([[400.0, 0.0, 100.0], [0.0, 200.0, 100.0], [0.0, 0.0, 1.0]])
    CameraCalibration.of_lens("top", *SIZE, wrong, np.zeros(5)).save(Path("wrong.yaml"))
    assert run("check", "--calibration", "wrong.yaml", "--images", "photos") == 1
    assert "does not fit: error " in capsys.readouterr().out


def test_a_file_is_replaced_only_on_request(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused before any picture is read."""
    Path("top.yaml").write_text("mine")
    assert run("calibrate", "--images", "none", "--out", "top.yaml") == 2
    assert "top.yaml exists. Give another name, or --force" in capsys.readouterr().err
    assert Path("top.yaml").read_text() == "mine"
    assert run("calibrate", "--images", "photos", "--out", "top.yaml", "--force") == 0
    assert CameraCalibration.load(Path("top.yaml")).size == SIZE


def test_a_board_is_printed_and_says_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the options that belong to it."""
    monkeypatch.chdir(tmp_path)
    assert run("board", "--out", "board.png", "--board", "chessboard", "--square-mm", "20") == 0
    shown = capsys.readouterr().out
    assert "board.png: chessboard, 10 x 7 squares of 20 mm" in shown
    assert "--board chessboard --columns 10 --rows 7 --square-mm 20\n" in shown
    gray = cv2.imread("board.png", cv2.IMREAD_GRAYSCALE)
    assert gray is not None and gray.min() == 0 and gray.max() == 255
    assert run("board", "--out", "board.png") == 2


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("calibrate --out a.yaml", "one of the arguments --images --video --device is required"),
        ("calibrate --images photos --video x.mp4", "not allowed with argument"),
        ("calibrate --images nowhere", "nowhere is not a folder. Give one with pictures"),
        ("calibrate --video nothing.mp4", "nothing.mp4 is not a file. Give a video"),
        ("calibrate --video photos/00.txt", "photos/00.txt is not a file"),
        ("calibrate --images photos --columns 8", "none of the 18 pictures of photos shows the "),
        ("calibrate --images photos --board dots", "unknown board 'dots'. Allowed: charuco, chess"),
        ("calibrate --images photos --columns x", "argument --columns: invalid int value: 'x'"),
        ("calibrate --images photos --square-mm -1", "need a size above 0, got -1 mm"),
        ("calibrate --images photos --name a/b", "--name 'a/b' may have letters, digits and _"),
        ("calibrate --images photos --max-rms-px 0", "--max-rms-px must be above 0, got 0"),
        ("calibrate --images photos --max-rms-px 0.01", "the views do not fit one lens: the error"),
        ("calibrate --images photos --size 640x480", "--size is for --device"),
        ("calibrate --device 987 --size large", "--size 'large' must look like 640x480"),
        ("calibrate --images photos --out photos", "photos is a folder. Give the name of a file"),
        ("check --calibration none.yaml --images photos", "none.yaml is not a file. Make one with"),
        ("board --out board.jpg", "board.jpg must end in .pdf or .png"),
        ("board --columns 30 --rows 3", "A4 has room for 281 x 178 mm"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(
    photos: Path, capfd: pytest.CaptureFixture[str], words: str, complaint: str
) -> None:
    """Also on the file descriptor, to which the libraries below write."""
    code = exit_code(words)
    out, err = capfd.readouterr()
    assert code == 2
    assert complaint in err
    assert err.startswith("so101 camera") and err.count("\n") == 1
    assert out == ""
    assert not list(Path.cwd().glob("*.yaml"))


def test_a_missing_camera_is_one_line() -> None:
    """In a process of its own: OpenCV reads what it may say when it is first imported."""
    command = [sys.executable, "-m", "so101_ros.cli", "camera", "calibrate", "--device", "987"]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("so101 camera: error: camera 987 cannot be opened. Check that")
    assert ended.stderr.count("\n") == 1


def exit_code(words: str) -> int:
    """Run the command, also where the parser itself ends it."""
    try:
        return run(*words.split())
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code


@pytest.mark.parametrize("command", ["board", "calibrate", "check"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With examples."""
    assert exit_code(f"{command} --help") == 0
    assert "examples:" in capsys.readouterr().out


class Camera:
    """A camera that shows each photo twice, and then does what a test wants."""

    pictures: list[np.ndarray]
    at_the_end: str

    def __init__(self, number: int, size: tuple[int, int] | None) -> None:
        self._left = [picture for picture in self.pictures for _ in range(2)]

    def read(self) -> np.ndarray:
        """Show the next photo."""
        if self._left:
            return self._left.pop(0)
        if self.at_the_end == "unplugged":
            raise CalibrationError("camera 0 delivers no pictures. Plug it in again")
        os.kill(os.getpid(), signal.SIGINT)
        return self.pictures[-1]

    def close(self) -> None:
        """Nothing to let go."""


def use_camera(monkeypatch: pytest.MonkeyPatch, pictures: list[np.ndarray], end: str) -> None:
    """Plug a camera in."""
    monkeypatch.setattr(Camera, "pictures", pictures, raising=False)
    monkeypatch.setattr(Camera, "at_the_end", end, raising=False)
    monkeypatch.setattr(camera_calibrate_run, "CameraDevice", Camera)


def test_ctrl_c_ends_a_live_session_with_what_there_is(
    tmp_path: Path,
    pictures: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Enough views: the file is written, and the views are kept beside it."""
    use_camera(monkeypatch, pictures[:12], "ctrl-c")
    out = tmp_path / "top.yaml"
    assert run("calibrate", "--device", "0", "--out", str(out)) == 0
    assert CameraCalibration.load(out).matrix[0, 0] == pytest.approx(260.0, rel=0.02)
    kept = len(list((tmp_path / "top_views").iterdir()))
    assert kept >= 8
    shown = capsys.readouterr().out
    assert f"\n{kept} views  coverage " in shown and "the board to" in shown


def test_ctrl_c_too_early_keeps_the_views(
    tmp_path: Path,
    pictures: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No file, the code of Ctrl-C, and where the pictures are."""
    use_camera(monkeypatch, pictures[:4], "ctrl-c")
    out = tmp_path / "top.yaml"
    assert run("calibrate", "--device", "0", "--out", str(out)) == main.EXIT_INTERRUPTED
    error = capsys.readouterr().err
    kept = len(list((tmp_path / "top_views").iterdir()))
    assert 0 < kept <= 4 and not out.exists()
    assert error.startswith(f"so101 camera: stopped too early: {kept} pictures are kept in ")
    assert error.count("\n") == 1


def test_a_camera_that_is_unplugged_loses_nothing(
    tmp_path: Path,
    pictures: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was shown so far can be used with --images, as it says."""
    use_camera(monkeypatch, pictures[:12], "unplugged")
    out = tmp_path / "top.yaml"
    assert run("calibrate", "--device", "0", "--out", str(out)) == 2
    error = capsys.readouterr().err
    assert "camera 0 delivers no pictures" in error and "add more and use --images" in error
    assert run("calibrate", "--images", str(tmp_path / "top_views"), "--out", str(out)) == 0
    assert out.is_file()
