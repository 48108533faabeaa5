"""``so101 photos`` as its users meet it."""

import re
from pathlib import Path

import numpy as np
import pytest
from onnx_files import write_colour_matrix, write_mean_colour
from photo_scenes import draw_scene, photograph, write_images

from so101_ros.adaptation.make_filter import make_filter
from so101_ros.adaptation.photo_folder import read_rgb
from so101_ros.adaptation.photo_style import PhotoStyle
from so101_ros.cli import main, photos_options

COUNT = 12


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside simulated images, photos, two styles and two networks."""
    monkeypatch.chdir(tmp_path)
    simulated = [draw_scene(seed) for seed in range(COUNT)]
    photos = [photograph(seed) for seed in range(COUNT)]
    write_images(tmp_path / "sim", simulated)
    write_images(tmp_path / "photos", photos)
    (tmp_path / "empty").mkdir()
    PhotoStyle.learn(photos).save(tmp_path / "style.npz")
    PhotoStyle.learn(simulated).save(tmp_path / "sim.npz")
    write_mean_colour(tmp_path / "mean.onnx")
    write_colour_matrix(tmp_path / "gray.onnx", np.ones((1, 3)), (0,))
    for name in ("mean", "gray"):
        (tmp_path / f"{name}.yaml").write_text("mean: [0, 0, 0]\nstd: [1, 1, 1]\n")
    return tmp_path


def run(words: str) -> int:
    """Run the command in this process, also where the parser itself ends it."""
    try:
        return main.run(["photos", *words.split()])
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code


def shown_gaps(text: str) -> dict[str, list[float]]:
    """Read the table: the figures of each group of features, without percent signs."""
    rows = re.findall(r"^ +(colour|edges|texture|all|embedding) +(.*)$", text, re.MULTILINE)
    return {name: [float(each) for each in re.findall(r"[\d.]+", line)] for name, line in rows}


@pytest.mark.usefixtures("folders")
def test_from_photos_to_filtered_images(capsys: pytest.CaptureFixture[str]) -> None:
    """Learn and apply; the images are what the filter makes of them."""
    assert run("learn photos --out new.npz") == 0
    assert re.fullmatch(
        r"new\.npz: 12 photos at 320x240 px\nmean colour L \d+\.\d, a \d+\.\d, b \d+\.\d\n",
        capsys.readouterr().out,
    )
    filter_text = "colour:new.npz+fourier:new.npz,beta=0.02"
    assert run(f"apply sim --filter {filter_text} --out out") == 0
    assert capsys.readouterr().out == f"out: 12 images through {filter_text}\n"
    image_filter = make_filter(filter_text)
    for seed in range(COUNT):
        expected = image_filter(draw_scene(seed))
        np.testing.assert_array_equal(read_rgb(Path(f"out/{seed:03d}.png")), expected)


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("filter_text", "group", "most_left"),
    [
        ("colour:style.npz", "colour", 25),
        ("colour:style.npz,from=sim.npz", "colour", 25),
        ("fourier:style.npz", "colour", 45),
        ("fourier:style.npz,from=sim.npz,beta=0.1", "colour", 25),
        ("fourier:style.npz,from=sim.npz,beta=0.1", "all", 50),
        ("colour:style.npz+fourier:style.npz,beta=0.02", "all", 80),
    ],
)
def test_a_filter_closes_a_stated_part_of_the_gap(
    capsys: pytest.CaptureFixture[str], filter_text: str, group: str, most_left: int
) -> None:
    """On images of a camera with tint, vignette, blur and noise; in percent of the gap before."""
    assert run(f"gap sim photos --filter {filter_text} --resamples 5") == 0
    before, _, _, after, _, _, left, halves = shown_gaps(capsys.readouterr().out)[group]
    assert left <= most_left
    assert left == pytest.approx(100 * after / before, abs=1.0)
    assert before > 5 * halves


@pytest.mark.usefixtures("folders")
def test_without_a_filter_there_is_one_gap(capsys: pytest.CaptureFixture[str]) -> None:
    """With its interval; and a note that so few images give too large figures."""
    assert run("gap sim photos --resamples 20") == 0
    shown = capsys.readouterr().out
    assert "12 simulated images, 12 photos, 320x240 px" in shown
    assert "note: no more images than features (41): all figures are too large" in shown
    gaps = shown_gaps(shown)
    assert list(gaps) == ["colour", "edges", "texture", "all"]
    for value, low, high, _ in gaps.values():
        assert low <= value <= high


@pytest.mark.usefixtures("folders")
def test_the_gap_is_measured_with_an_embedding(capsys: pytest.CaptureFixture[str]) -> None:
    """Here: the mean colour, so the distance of mean colours is known."""
    assert run("gap sim photos --embedding mean.onnx --resamples 5") == 0
    shown = capsys.readouterr().out
    means = [
        np.mean([make(seed).mean(axis=(0, 1)) / 255 for seed in range(COUNT)], axis=0)
        for make in (draw_scene, photograph)
    ]
    assert shown_gaps(shown)["embedding"][0] == pytest.approx(
        ((means[0] - means[1]) ** 2).sum(), abs=5e-3
    )
    assert "note:" not in shown


@pytest.mark.usefixtures("folders")
def test_a_style_is_replaced_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Refused before a photo is read."""
    assert run("learn nowhere --out style.npz") == 2
    assert "style.npz exists. Give another name, or --force" in capsys.readouterr().err
    assert run("learn sim --out style.npz --force --size 160x128") == 0
    assert PhotoStyle.load(Path("style.npz")).size == (160, 128)


@pytest.mark.usefixtures("folders")
def test_a_long_run_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the result, on standard error."""
    monkeypatch.setattr(photos_options, "_LINE_PERIOD_S", 0.0)
    assert run("learn photos --out new.npz") == 0
    captured = capsys.readouterr()
    assert "so101 photos: 11 of 12 photos\n" in captured.err
    assert "11 of 12" not in captured.out


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("learn", "the following arguments are required: FOLDER"),
        ("learn nowhere --out a.npz", "nowhere is not a folder. Give one with pictures"),
        ("learn empty --out a.npz", "empty holds no pictures. Allowed: .bmp"),
        ("learn photos --out a.npz --size large", "--size 'large' must look like 320x240"),
        ("learn photos --out a.npz --size 64x64", "of at least 128x128 px, got 64x64"),
        ("learn photos --out a.npz --size 640x480", "000.png has 320x240 px, at least 640x480"),
        ("learn photos --out empty", "empty is a folder. Give the name of a file in it"),
        ("apply sim --filter colour:style.npz", "the following arguments are required: --out"),
        ("apply sim --filter sepia --out out", "image filter 'sepia': 'sepia' is no filter"),
        ("apply sim --filter colour:a.npz --out out", "style a.npz is not a file. Make one with"),
        ("apply sim --filter network:gray.onnx --out out", "needed is (1, 3, 240, 320)"),
        ("apply nowhere --filter none --out out", "nowhere is not a folder"),
        ("apply sim --filter none --out sim", "sim holds the pictures themselves"),
        ("gap sim nowhere", "nowhere is not a folder"),
        ("gap sim photos --size 8x8", "--size 8x8 must be at least 16x16"),
        ("gap sim photos --resamples 1", "--resamples must be 2 to 100000, got 1"),
        ("gap sim photos --embedding no.onnx", "network no.onnx is not a file"),
        ("gap sim photos --filter fourier:style.npz,beta=1", "beta must be from 0 to 0.1, got 1"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(
    capfd: pytest.CaptureFixture[str], words: str, complaint: str
) -> None:
    """And nothing is written."""
    assert run(words) == 2
    out, err = capfd.readouterr()
    assert complaint in err
    assert err.startswith("so101 photos") and err.count("\n") == 1
    assert out == ""
    assert not Path("a.npz").exists() and not Path("out").exists()


@pytest.mark.usefixtures("folders")
def test_a_damaged_photo_stops_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, and no style is left behind."""
    Path("photos/005.png").write_bytes(b"no picture")
    assert run("learn photos --out a.npz") == 2
    assert "photos/005.png is damaged, or no picture. Remove it" in capsys.readouterr().err
    assert not Path("a.npz").exists()
