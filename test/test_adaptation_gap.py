"""Styles, folders of photos, and the measure of the gap."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from photo_scenes import SIZE, draw_scene, photograph, write_images

from so101_ros.adaptation.colour_space import LabStatistics, to_lab
from so101_ros.adaptation.frechet import frechet_distance
from so101_ros.adaptation.gap import FeatureSets, measure_gap
from so101_ros.adaptation.image_features import DIMENSIONS, GROUPS, describe_image
from so101_ros.adaptation.photo_folder import PhotoFolder, fit_to, plan_copies, read_rgb
from so101_ros.adaptation.photo_style import LEAST_SIDE, PhotoStyle
from so101_ros.errors import AssetError, ConfigError
from so101_ros.picture_files import write_png

POINTS = hnp.arrays(float, st.tuples(st.integers(2, 30), st.just(4)), elements=st.floats(-9, 9))


def describe(images: list[np.ndarray]) -> np.ndarray:
    """Put the features of images into rows."""
    return np.array([describe_image(rgb) for rgb in images])


SIMULATED = describe([draw_scene(seed) for seed in range(30)])
PHOTOS = describe([photograph(seed) for seed in range(30)])


def test_a_style_is_what_the_photos_have_on_average() -> None:
    """Mean of means; deviations within a photo; and how many of which size."""
    images = [photograph(1), photograph(2)]
    style = PhotoStyle.learn(images)
    colours = [LabStatistics.of(to_lab(rgb)) for rgb in images]
    np.testing.assert_allclose(style.colours.mean, (colours[0].mean + colours[1].mean) / 2)
    np.testing.assert_allclose(
        style.colours.std**2, (colours[0].std ** 2 + colours[1].std ** 2) / 2
    )
    amplitudes = [PhotoStyle.learn([rgb]).amplitude for rgb in images]
    np.testing.assert_allclose(style.amplitude, np.mean(amplitudes, axis=0), rtol=1e-6)
    assert (style.photos, style.size) == (2, SIZE)


def test_a_style_survives_its_file_and_says_what_it_is(tmp_path: Path) -> None:
    """Small, without anything that needs this package to be understood."""
    style = PhotoStyle.learn([photograph(1)])
    path = tmp_path / "new" / "style.npz"
    style.save(path)
    found = PhotoStyle.load(path)
    np.testing.assert_array_equal(found.colours.mean, style.colours.mean)
    np.testing.assert_array_equal(found.colours.std, style.colours.std)
    np.testing.assert_array_equal(found.amplitude, style.amplitude)
    assert (found.photos, found.size) == (1, SIZE)
    assert path.stat().st_size < 100_000
    with np.load(path) as content:
        assert "standard deviation of CIE L, a, b" in str(content["about"])


def test_a_style_needs_photos_that_are_large_enough() -> None:
    """And at least one."""
    with pytest.raises(ConfigError, match="at least one photo"):
        PhotoStyle.learn([])
    small = np.zeros((LEAST_SIDE - 1, 400, 3), np.uint8)
    with pytest.raises(ConfigError, match="of at least 128x128 px, got 400x127"):
        PhotoStyle.learn([small])


def test_a_file_that_is_no_style_is_refused(tmp_path: Path) -> None:
    """With the reason, whatever the file is."""
    path = tmp_path / "style.npz"
    PhotoStyle.learn([photograph(1)]).save(path)
    with np.load(path) as content:
        good = dict(content)
    short, negative = good["amplitude"][:5], -good["lab_std"]
    for change, reason in (
        ({"format": "so101 photo style 9"}, "its format is 'so101 photo style 9', not"),
        ({"amplitude": short}, "amplitude has the shape"),
        ({"lab_std": negative}, "lab_std must be finite and not negative"),
        ({"lab_mean": np.full(3, np.nan)}, "lab_mean must be finite"),
        ({"size": np.array([320])}, "not enough values"),
    ):
        np.savez(path, **{**good, **change})
        with pytest.raises(AssetError, match=reason):
            PhotoStyle.load(path)
    del good["photos"]
    np.savez(path, **good)
    with pytest.raises(AssetError, match="photos is not a file in the archive"):
        PhotoStyle.load(path)
    for content in (b"", b"hello", b"PK\x03\x04broken"):
        path.write_bytes(content)
        with pytest.raises(AssetError, match="is no style of this release"):
            PhotoStyle.load(path)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(AssetError, match="is no style of this release"):
        PhotoStyle.load(tmp_path / "array.npy")


def test_a_folder_gives_its_pictures_in_colour_and_in_order(tmp_path: Path) -> None:
    """Other files are left alone."""
    images = [draw_scene(1), draw_scene(2)]
    write_images(tmp_path, images)
    (tmp_path / "notes.txt").write_text("no picture")
    folder = PhotoFolder.open(tmp_path)
    assert len(folder) == 2
    for found, expected in zip(folder.images(), images, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_pictures_are_cut_around_their_centre_and_scaled_down() -> None:
    """A wide and a high one; the shape of things stays."""
    wide = np.zeros((240, 640, 3), np.uint8)
    wide[:, 160:480] = 255
    assert fit_to(wide, (160, 120)).min() == 255
    high = np.zeros((640, 320, 3), np.uint8)
    high[200:440] = 255
    assert fit_to(high, (320, 240)).min() == 255
    rgb = draw_scene(1)
    np.testing.assert_array_equal(fit_to(rgb, SIZE), rgb)


def test_folders_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """What, where, and what to do."""
    with pytest.raises(AssetError, match=r"none is not a folder\. Give one with pictures"):
        PhotoFolder.open(tmp_path / "none")
    with pytest.raises(AssetError, match=r"holds no pictures. Allowed: \.bmp, \.jpeg"):
        PhotoFolder.open(tmp_path)
    write_images(tmp_path, [draw_scene(1, (300, 240))])
    with pytest.raises(AssetError, match=r"000\.png has 300x240 px, at least 320x240 are needed"):
        list(PhotoFolder.open(tmp_path).images(SIZE))


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_damaged_picture_is_named(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also one that only lacks its end, which decoders would fill up with gray."""
    path = tmp_path / f"a{suffix}"
    _, whole = cv2.imencode(suffix, photograph(1))
    path.write_bytes(whole.tobytes())
    assert read_rgb(path).shape == (240, 320, 3)
    for content in (whole.tobytes()[: len(whole) * 3 // 4], b"", b"hello"):
        path.write_bytes(content)
        with pytest.raises(AssetError, match=f"a{suffix} is damaged, or no picture. Remove it"):
            read_rgb(path)
    assert capfd.readouterr().err == ""


def test_copies_replace_nothing(tmp_path: Path) -> None:
    """Neither the pictures, nor each other, nor what is there."""
    source, out = write_images(tmp_path / "a", [draw_scene(1)]), tmp_path / "b"
    with pytest.raises(ConfigError, match="holds the pictures themselves"):
        plan_copies(PhotoFolder.open(source), source / ".." / "a", overwrite=True)
    (target,) = plan_copies(PhotoFolder.open(source), out, overwrite=False)
    write_png(target, draw_scene(2))
    np.testing.assert_array_equal(read_rgb(out / "000.png"), draw_scene(2))
    with pytest.raises(ConfigError, match=r"000\.png exists"):
        plan_copies(PhotoFolder.open(source), out, overwrite=False)
    assert plan_copies(PhotoFolder.open(source), out, overwrite=True) == [target]
    cv2.imwrite(str(source / "000.jpg"), draw_scene(1))
    with pytest.raises(ConfigError, match=r"two pictures of .* would become .*000\.png"):
        plan_copies(PhotoFolder.open(source), out, overwrite=True)
    with pytest.raises(ConfigError, match="cannot be made"):
        plan_copies(PhotoFolder.open(out), source / "000.png" / "c", overwrite=True)


@given(POINTS, POINTS)
def test_the_distance_of_two_sets(first: np.ndarray, second: np.ndarray) -> None:
    """Not negative, symmetric, zero to itself, and as much as the means are apart at least."""
    distance = frechet_distance(first, second)
    apart = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    assert distance >= apart - 1e-6
    assert distance == pytest.approx(frechet_distance(second, first), abs=1e-6)
    assert frechet_distance(first, first) == pytest.approx(0.0, abs=1e-6)


@given(POINTS, hnp.arrays(float, 4, elements=st.floats(-9, 9)), st.floats(0.1, 5.0))
def test_the_distance_of_a_shifted_and_scaled_set(
    points: np.ndarray, shift: np.ndarray, scale: float
) -> None:
    """Known in closed form: the covariances commute."""
    mean = points.mean(axis=0)
    moved = mean + shift + scale * (points - mean)
    spread = points.var(axis=0, ddof=1).sum()
    expected = (shift**2).sum() + (scale - 1.0) ** 2 * spread
    assert frechet_distance(points, moved) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_distance_follows_the_textbook() -> None:
    """The trace of the root of the product of covariances, by its eigenvalues."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    second = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)) + 1.0
    cov_1, cov_2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(cov_1 @ cov_2).real).sum()
    apart = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    expected = apart + np.trace(cov_1) + np.trace(cov_2) - 2.0 * root
    assert frechet_distance(first, second) == pytest.approx(expected)


def test_a_distance_needs_two_sets_of_points() -> None:
    """Of one dimension."""
    for shape in ((1, 4), (5, 3)):
        with pytest.raises(ConfigError, match="two sets of at least two points of one dimension"):
            frechet_distance(np.zeros((5, 4)), np.zeros(shape))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(16, 60), st.integers(16, 60), st.integers(1, 256))
def test_every_image_has_features(seed: int, height: int, width: int, high: int) -> None:
    """Finite, also of an even image; histograms are shares."""
    pixels = np.random.default_rng(seed).integers(0, high, (height, width, 3))
    found = describe_image(pixels.astype(np.uint8))
    assert found.shape == (DIMENSIONS,) and np.isfinite(found).all()
    for patterns in (found[21:31], found[31:41]):
        assert (patterns**2).sum() == pytest.approx(1.0)
    assert (found[9:18] ** 2).sum() == pytest.approx(0.0 if high == 1 else 1.0)  # directions


def change_of(group: str, changed: np.ndarray) -> float:
    """Measure how far a changed scene is from the scene in one group of features."""
    which = GROUPS[group]
    return float(
        np.abs(describe_image(changed)[which] - describe_image(draw_scene(3))[which]).max()
    )


def test_each_group_sees_what_it_is_there_for() -> None:
    """Tint moves colour alone, noise moves texture, blur weakens edges."""
    rgb = draw_scene(3)
    tinted = np.clip(rgb * np.array([1.0, 0.97, 0.8]), 0, 255).astype(np.uint8)
    assert change_of("colour", tinted) > 0.04
    assert change_of("texture", tinted) < 0.03
    noise = np.random.default_rng(0).normal(0.0, 6.0, rgb.shape)
    noisy = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    assert change_of("texture", noisy) > 0.3
    blurred = cv2.GaussianBlur(noisy, (0, 0), 2.0)
    edges = np.s_[18:21]
    assert (describe_image(blurred)[edges] < describe_image(noisy)[edges]).all()


def test_mirroring_changes_no_colour_and_no_texture() -> None:
    """Only directions know left from right."""
    mirrored = np.ascontiguousarray(draw_scene(3)[:, ::-1])
    assert change_of("colour", mirrored) < 1e-6
    assert change_of("texture", mirrored) < 1e-6
    assert change_of("edges", mirrored) > 0.01


def test_the_gap_is_in_its_interval_and_above_that_of_like_images() -> None:
    """And without a filter there is no after."""
    gap = measure_gap(FeatureSets(SIMULATED, None, PHOTOS), 50)
    assert gap.after is None
    assert 0.0 < gap.before.low < gap.before.value < gap.before.high
    assert gap.before.low > 10.0 * gap.halves


def test_a_perfect_filter_closes_the_gap() -> None:
    """Other photos of the same camera, in place of filtered images."""
    other = describe([photograph(seed) for seed in range(100, 130)])
    gap = measure_gap(FeatureSets(SIMULATED, other, PHOTOS), 50)
    assert gap.after is not None
    assert gap.after.high < 0.1 * gap.before.low
    assert gap.after.value < 3.0 * gap.halves


def test_a_filter_that_does_nothing_leaves_the_gap() -> None:
    """To the last digit: an image and its filtered one are drawn together."""
    gap = measure_gap(FeatureSets(SIMULATED, SIMULATED.copy(), PHOTOS), 20)
    assert gap.after == gap.before


def test_the_gap_is_the_same_every_time() -> None:
    """What is drawn for the interval too."""
    sets = FeatureSets(SIMULATED[:8], PHOTOS[8:16], PHOTOS[:8])
    assert measure_gap(sets, 20) == measure_gap(sets, 20)


def test_a_gap_needs_images() -> None:
    """Of both kinds."""
    with pytest.raises(ConfigError, match="need at least 4 simulated images, got 3"):
        FeatureSets(SIMULATED[:3], None, PHOTOS)
    with pytest.raises(ConfigError, match="need at least 4 photos, got 2"):
        FeatureSets(SIMULATED, None, PHOTOS[:2])
