import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from groot_checkpoints import paper_return_robot, write_n15
from groot_servers import ANY_PORT, our_server, profile_of

from so101_ros.arm import HOME_Q
from so101_ros.assets import find_share_file
from so101_ros.cli.main import run
from so101_ros.groot.mock.provider import HoldProvider
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile_file import load_profile
from so101_ros.groot.wire.server import ServerOptions

Out = Callable[[], str]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    """What was written, in one line."""
    return lambda: " ".join("".join(capsys.readouterr()).split())


@pytest.fixture
def checkpoint(tmp_path: Path) -> str:
    """One that the default profile fits."""
    return str(write_n15(tmp_path / "checkpoint"))


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Options that give an image of each camera."""
    rng = np.random.default_rng(0)
    options: list[str] = []
    for camera in ("top", "wrist"):
        coarse = rng.integers(60, 200, (6, 8, 1), dtype=np.uint8)
        image = cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC)
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        if camera == "top":
            cv2.rectangle(image, (100, 60), (220, 180), (0, 0, 200), thickness=6)
        cv2.imwrite(str(tmp_path / f"{camera}.png"), image)
        options += ["--image", f"{camera}={tmp_path / camera}.png"]
    return options


def test_without_a_model_the_profile_is_shown(out: Out) -> None:
    """And what to give to compare it."""
    assert run(["groot", "check", "--profile", "lerobot_so101"]) == 0
    text = out()
    assert "shoulder_pan [degree]" in text
    assert "camera top: 640x480 px, squash, rgb" in text
    assert text.endswith(
        "profile lerobot_so101 was read; give --checkpoint or --server to compare it with a model"
    )


def test_a_checkpoint_that_fits(checkpoint: str, out: Out) -> None:
    """Exit code 0, and how much was compared."""
    assert run(["groot", "check", "--checkpoint", checkpoint]) == 0
    expected = f"profile paper_return fits {checkpoint}/experiment_cfg/metadata.json: 10 ok, 2 c"
    assert expected in out()


def test_a_checkpoint_that_does_not_fit(checkpoint: str, out: Out) -> None:
    """Exit code 1, and what to do in the table."""
    assert run(["groot", "check", "--profile", "lerobot_so101", "--checkpoint", checkpoint]) == 1
    text = out()
    assert "mismatch" in text
    assert "state.single_arm" in text
    assert re.search(r"profile lerobot_so101: \d+ of \d+ do not fit .*metadata.json; \d+ ok", text)


def test_images_and_joints_are_looked_at(checkpoint: str, pictures: list[str], out: Out) -> None:
    """With a model whose training data they are compared with."""
    state = ["--state", *(str(value) for value in HOME_Q)]
    assert run(["groot", "check", "--checkpoint", checkpoint, *pictures, *state]) == 0
    text = out()
    assert "the red tape" in text
    assert "video.image_cam_0 and image_cam_1" in text
    degrees = ["--state", *(f"{value:.1f}" for value in np.degrees(HOME_Q))]
    assert run(["groot", "check", "--checkpoint", checkpoint, *degrees]) == 1
    assert "in degrees?" in out()


def test_images_are_looked_at_without_a_model(pictures: list[str], out: Out) -> None:
    """The same camera twice needs no checkpoint to be wrong."""
    same = [pictures[0], pictures[1], "--image", pictures[1].replace("top=", "wrist=", 1)]
    assert run(["groot", "check", *pictures]) == 0
    assert run(["groot", "check", *same]) == 1
    assert "both deliver the same image" in out()


def test_joints_are_read_from_a_file(checkpoint: str, tmp_path: Path, out: Out) -> None:
    """Separated by blanks, commas or lines."""
    (tmp_path / "state.txt").write_text("0, -0.289\n0.375 1.485 0 0.30\n", encoding="utf-8")
    options = ["--checkpoint", checkpoint, "--state", str(tmp_path / "state.txt")]
    assert run(["groot", "check", *options]) == 0
    assert "11 ok" in out()


def test_a_server_is_compared(out: Out) -> None:
    """With whatever it runs, also of another release; it tells no training data."""
    with our_server(HoldProvider(profile_of(Generation.N17)), ServerOptions(ANY_PORT)) as server:
        assert run(["groot", "check", "--server", server.address]) == 1
        text = out()
        assert "set generation: n17 in the profile" in text
        assert f"1 of 12 does not fit {server.address}" in text
    with our_server(HoldProvider(load_profile("paper_return")), ServerOptions(ANY_PORT)) as server:
        assert run(["groot", "check", "--server", server.address]) == 0
        assert f"profile paper_return fits {server.address}" in out()


def test_nobody_behind_an_address(out: Out) -> None:
    """A server that is not there is a refused input, in one line."""
    assert run(["groot", "check", "--server", "tcp://127.0.0.1:9"]) == 2
    text = out()
    assert text.startswith("so101 groot: error: ")
    assert "tcp://127.0.0.1:9" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--profile", "papr"], "profile 'papr' is unknown. Allowed: lerobot_so101, paper_return"),
        (["--checkpoint", "/nowhere"], "/nowhere is no folder. Give that of a checkpoint"),
        (["--image", "top.png"], "--image must be CAMERA=FILE, such as top=top.png, got 'top.png'"),
        (["--image", "top=/nowhere.png"], "/nowhere.png cannot be read: No such file or directory"),
        (["--state", "1", "2"], "--state must be 6 finite numbers in rad (shoulder_pan, "),
        (["--state", "1", "2", "3", "4", "5", "nan"], "--state must be 6 finite numbers in rad"),
        (["--state", "home"], "--state must be numbers or a file with them: could not convert"),
    ],
)
def test_bad_input_is_one_line(options: list[str], message: str, out: Out) -> None:
    """Exit code 2: what was given, and what is allowed."""
    assert run(["groot", "check", *options]) == 2
    assert out().startswith(f"so101 groot: error: {message}")


def test_pictures_that_are_not_enough(pictures: list[str], tmp_path: Path, out: Out) -> None:
    """Each camera once, and each a picture."""
    assert run(["groot", "check", *pictures[:2]]) == 2
    assert "error: no image of the camera wrist: profile 'paper_return' needs top, wrist" in out()
    assert run(["groot", "check", *pictures, *pictures[:2]]) == 2
    assert "error: --image names the camera 'top' twice" in out()
    (tmp_path / "top.png").write_bytes(b"no picture")
    assert run(["groot", "check", *pictures]) == 2
    assert f"error: {tmp_path}/top.png is no picture, or is damaged" in out()


def test_a_wrong_profile_names_its_line(tmp_path: Path, out: Out) -> None:
    """As a scene's file does."""
    text = find_share_file("config/groot/paper_return.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("horizon: 16", "horizon: x"), encoding="utf-8")
    assert run(["groot", "check", "--profile", str(tmp_path / "mine.yaml")]) == 2
    line = text.splitlines().index("horizon: 16") + 1
    assert out() == (
        f"so101 groot: error: {tmp_path}/mine.yaml:{line}: horizon must be a whole number, got 'x'"
    )


def test_a_checkpoint_of_another_robot(tmp_path: Path, out: Out) -> None:
    """Its robots are named."""
    checkpoint = write_n15(tmp_path / "checkpoint", {"gr1": paper_return_robot()})
    assert run(["groot", "check", "--checkpoint", str(checkpoint)]) == 2
    assert "has no robot 'new_embodiment'. It has: gr1; set embodiment_tag in the prof" in out()


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Every source, with an example each, and the exit codes."""
    with pytest.raises(SystemExit):
        run(["groot", "check", "--help"])
    text = capsys.readouterr().out
    for part in ("--checkpoint", "--server", "--image top=", "--state", "exit codes"):
        assert part in text
