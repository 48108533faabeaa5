"""Colour transfer and amplitude swap do what their papers say, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photo_scenes import draw_scene, photograph

from so101_ros.adaptation.colour_space import LabStatistics, to_lab
from so101_ros.adaptation.colour_transfer import MAX_GAIN, ColourTransfer
from so101_ros.adaptation.fourier_amplitude import MAX_BETA, FourierAmplitude
from so101_ros.adaptation.image_filter import ImageFilter
from so101_ros.adaptation.low_frequencies import coarse_image, coarse_spectrum
from so101_ros.adaptation.make_filter import make_filter
from so101_ros.adaptation.photo_style import REACH, PhotoStyle
from so101_ros.errors import AssetError, ConfigError, ObservationError

PHOTOS = [photograph(seed) for seed in range(6)]
STYLE = PhotoStyle.learn(PHOTOS)
SIMULATED = PhotoStyle.learn(draw_scene(seed) for seed in range(6))

FILTERS: dict[str, Callable[[], ImageFilter]] = {
    "colour": lambda: ColourTransfer(STYLE),
    "colour from": lambda: ColourTransfer(STYLE, SIMULATED),
    "colour half": lambda: ColourTransfer(STYLE, strength=0.5),
    "fourier": lambda: FourierAmplitude(STYLE, beta=0.02),
    "fourier from": lambda: FourierAmplitude(STYLE, SIMULATED, MAX_BETA),
}

every_filter = pytest.mark.parametrize("name", FILTERS)


def style_of(rgb: np.ndarray) -> PhotoStyle:
    """Learn from one image."""
    return PhotoStyle.learn([rgb])


def noise(seed: int, height: int, width: int, low: int = 0, high: int = 256) -> np.ndarray:
    """Draw an image without any structure."""
    pixels = np.random.default_rng(seed).integers(low, high, (height, width, 3))
    return pixels.astype(np.uint8)


def muted(seed: int) -> np.ndarray:
    """Draw a scene that no filter here drives out of the range of pixels."""
    return cv2.GaussianBlur(draw_scene(seed), (0, 0), 4.0) // 2 + np.uint8(60)


@every_filter
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    low=st.integers(0, 255),
)
def test_any_image_keeps_its_size_and_stays_as_it_is(
    name: str, seed: int, height: int, width: int, low: int
) -> None:
    """Also a flat one and one of one pixel; the answer is new, and the same every time."""
    rgb = noise(seed, height, width, low)
    before = rgb.copy()
    image_filter = FILTERS[name]()
    first = image_filter(rgb)
    assert first.shape == rgb.shape and first.dtype == np.uint8
    np.testing.assert_array_equal(rgb, before)
    image_filter(draw_scene(1))  # leaves nothing behind
    np.testing.assert_array_equal(image_filter(rgb), first)
    np.testing.assert_array_equal(FILTERS[name]()(rgb), first)


@every_filter
def test_the_filter_changes_a_simulated_image(name: str) -> None:
    """Otherwise the tests of invariants would prove nothing."""
    rgb = draw_scene(3)
    assert np.abs(FILTERS[name]()(rgb).astype(int) - rgb).mean() > 5.0


@every_filter
@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_image_is_refused(name: str, image: np.ndarray) -> None:
    """With what an image is."""
    with pytest.raises(ObservationError, match=r"uint8 of the shape \(height, width, 3\), got"):
        FILTERS[name]()(image)


def test_the_style_of_an_image_leaves_it_as_it_is() -> None:
    """Nothing to do is nothing done, up to rounding."""
    rgb = photograph(11)
    style = style_of(rgb)
    for image_filter in (
        ColourTransfer(style),
        ColourTransfer(style, style),
        ColourTransfer(STYLE, strength=0.0),
        FourierAmplitude(style, beta=MAX_BETA),
        FourierAmplitude(style, style, MAX_BETA),
    ):
        assert np.abs(image_filter(rgb).astype(int) - rgb).max() <= 1


def test_colours_get_mean_and_deviation_of_the_photos() -> None:
    """The definition of the method."""
    found = LabStatistics.of(to_lab(ColourTransfer(STYLE)(muted(2))))
    np.testing.assert_allclose(found.mean, STYLE.colours.mean, atol=0.3)
    np.testing.assert_allclose(found.std, STYLE.colours.std, atol=0.3)


def test_colour_transfer_is_idempotent() -> None:
    """An image that has the colours keeps them."""
    image_filter = ColourTransfer(STYLE)
    once = image_filter(muted(2))
    assert np.abs(image_filter(once).astype(int) - once).max() <= 2


def test_half_the_strength_is_half_the_way() -> None:
    """Per channel of the colour space."""
    rgb = muted(4)
    here, there = LabStatistics.of(to_lab(rgb)), STYLE.colours
    found = LabStatistics.of(to_lab(ColourTransfer(STYLE, strength=0.5)(rgb)))
    np.testing.assert_allclose(found.mean, (here.mean + there.mean) / 2, atol=0.3)
    np.testing.assert_allclose(found.std, (here.std + there.std) / 2, atol=0.3)


def test_a_fixed_map_gives_a_colour_the_same_colour_in_every_image() -> None:
    """Its own statistics do not: a bigger sheet changes what the table becomes."""
    small = np.full((128, 160, 3), (120, 110, 100), np.uint8)
    large = small.copy()
    small[:20], large[:90] = 230, 230
    fixed, own = ColourTransfer(STYLE, SIMULATED), ColourTransfer(STYLE)
    np.testing.assert_array_equal(fixed(small)[-1], fixed(large)[-1])
    assert np.abs(own(small)[-1].astype(int) - own(large)[-1]).max() > 10


def test_an_even_image_does_not_become_noise() -> None:
    """Its deviation of a level of gray is not blown up to that of the photos."""
    rgb = noise(1, 240, 320, 127, 130)
    found = LabStatistics.of(to_lab(ColourTransfer(STYLE)(rgb))).std
    assert found[0] < 1.3 * MAX_GAIN * LabStatistics.of(to_lab(rgb)).std[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(20, 60), st.integers(20, 60), st.integers(0, 9))
def test_the_coarse_spectrum_is_that_of_the_fourier_transform(
    seed: int, height: int, width: int, reach: int
) -> None:
    """Compared with numpy's whole transform; and its inverse is what that says."""
    rgb = noise(seed, height, width)
    whole = np.fft.fft2(rgb, axes=(0, 1)) / (height * width)
    found = coarse_spectrum(rgb, reach)
    rows = np.arange(-reach, reach + 1)
    np.testing.assert_allclose(found, whole[rows][:, : reach + 1], atol=1e-3)
    keep = np.zeros((height, width, 1))
    keep[np.ix_(rows, rows)] = height * width
    expected = np.fft.ifft2(whole * keep, axes=(0, 1)).real
    np.testing.assert_allclose(coarse_image(found, height, width), expected, atol=1e-2)


def test_the_swap_takes_amplitudes_and_keeps_phases() -> None:
    """Of low frequencies; the others keep both."""
    rgb, beta = muted(5), 0.02
    reach = int(beta * min(rgb.shape[:2]))
    style = style_of(muted(6))
    found = FourierAmplitude(style, beta=beta)(rgb)
    assert 0 < found.min() and found.max() < 255  # nothing was cut off
    before, after = coarse_spectrum(rgb, REACH), coarse_spectrum(found, REACH)
    low = np.s_[REACH - reach : REACH + reach + 1, : reach + 1]
    np.testing.assert_allclose(np.abs(after[low]), style.amplitude[low], atol=0.01)
    strong = np.abs(before[low]) > 0.1
    assert strong.sum() > 50
    turned = np.angle(after[low][strong] * before[low][strong].conj())
    assert np.abs(turned).max() < 0.1
    high = np.ones(before.shape, bool)
    high[low] = False
    np.testing.assert_allclose(after[high], before[high], atol=0.01)


def test_edges_stay_where_they_are() -> None:
    """What is learnt on the images holds: the sheet does not move."""
    rgb = draw_scene(8)
    edges = cv2.Canny(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 40, 120) > 0
    for name, make in FILTERS.items():
        gray = cv2.cvtColor(make()(rgb), cv2.COLOR_RGB2GRAY)
        found = cv2.dilate(cv2.Canny(gray, 20, 60), np.ones((3, 3))) > 0
        assert found[edges].mean() > 0.9, name


def test_beta_zero_changes_just_the_mean_colour() -> None:
    """The wave of no cycles."""
    rgb = muted(5)
    change = FourierAmplitude(style_of(muted(6)), beta=0.0)(rgb).astype(int) - rgb
    assert np.ptp(change, axis=(0, 1)).max() <= 1
    np.testing.assert_allclose(
        change.mean(axis=(0, 1)), muted(6).mean(axis=(0, 1)) - rgb.mean(axis=(0, 1)), atol=0.6
    )


def test_an_even_image_gets_no_waves() -> None:
    """A phase that is only rounding places nothing."""
    found = FourierAmplitude(STYLE, beta=MAX_BETA)(np.full((240, 320, 3), 90, np.uint8))
    assert np.ptp(found, axis=(0, 1)).max() <= 1


def table_deviation(image_filter: ImageFilter, seed: int) -> float:
    """Measure how much the even table of a scene varies after a filter, in levels of gray."""
    rgb = draw_scene(seed)
    redness = rgb[..., 0].astype(int) - rgb[..., 2]
    table = (redness > 18) & (redness < 32)
    assert table.mean() > 0.4
    return image_filter(rgb)[table].std(axis=0).mean()


def test_compared_with_simulated_images_there_are_fewer_blotches() -> None:
    """The table varies less than with the amplitudes themselves."""
    style = PhotoStyle.learn(photograph(seed) for seed in range(20))
    source = PhotoStyle.learn(draw_scene(seed) for seed in range(20))
    plain, compared = FourierAmplitude(style, beta=0.03), FourierAmplitude(style, source, 0.03)
    deviations = [
        [table_deviation(each, seed) for seed in range(30, 35)] for each in (compared, plain)
    ]
    assert sum(deviations[0]) < 0.85 * sum(deviations[1])


def test_out_of_range_is_refused() -> None:
    """With what is allowed."""
    with pytest.raises(ConfigError, match=r"beta must be from 0 to 0\.1, got 0\.2"):
        FourierAmplitude(STYLE, beta=0.2)
    with pytest.raises(ConfigError, match=r"strength must be from 0 to 1, got nan"):
        ColourTransfer(STYLE, strength=float("nan"))
    with pytest.raises(ObservationError, match=r"640x600 px has 60 cycles up to beta=0\.1"):
        FourierAmplitude(STYLE, beta=0.1)(np.zeros((600, 640, 3), np.uint8))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work beside a style of photos and one of simulated images."""
    monkeypatch.chdir(tmp_path)
    STYLE.save(Path("style.npz"))
    SIMULATED.save(Path("sim.npz"))
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("colour:style.npz", "colour"),
        ("colour:style.npz,from=sim.npz", "colour from"),
        ("colour:style.npz,strength=0.5", "colour half"),
        ("fourier:style.npz,beta=0.02", "fourier"),
        ("fourier:style.npz,beta=0.1,from=sim.npz", "fourier from"),
    ],
)
def test_a_text_names_a_filter(text: str, name: str) -> None:
    """With its options; a style survives its file."""
    rgb = draw_scene(9)
    np.testing.assert_array_equal(make_filter(text)(rgb), FILTERS[name]()(rgb))


@pytest.mark.usefixtures("files")
def test_filters_are_chained_from_left_to_right() -> None:
    """And no filter is the name of one too."""
    rgb = draw_scene(9)
    chain = make_filter("colour:style.npz + fourier:style.npz,beta=0.02")
    np.testing.assert_array_equal(chain(rgb), FILTERS["fourier"]()(FILTERS["colour"]()(rgb)))
    np.testing.assert_array_equal(make_filter("none")(rgb), rgb)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is no filter. Allowed: none, colour:STYLE"),
        ("sepia", "'sepia' is no filter. Allowed: none, colour:STYLE"),
        ("colour", "'colour' is no filter. Allowed"),
        ("colour:", "'colour:' is no filter. Allowed"),
        ("colour:style.npz+", "'' is no filter. Allowed"),
        ("none+colour:style.npz", "'none' is no filter. Allowed"),
        ("colour:style.npz,beta=0.1", "'beta=0.1' is no option of colour. Allowed"),
        ("fourier:style.npz,beta", "'beta' is no option of fourier. Allowed"),
        ("fourier:style.npz,beta=a lot", "beta must be a number, got 'a lot'"),
        ("fourier:style.npz,beta=nan", "beta must be from 0 to 0.1, got nan"),
        ("fourier:style.npz,beta=0.1,beta=0.05", "beta is given twice"),
        ("colour:style.npz,strength=2", "strength must be from 0 to 1, got 2"),
    ],
)
def test_a_text_that_names_no_filter_is_refused(text: str, complaint: str) -> None:
    """The message begins with the text and says what is allowed."""
    with pytest.raises(ConfigError) as caught:
        make_filter(text)
    assert str(caught.value).startswith(f"image filter {text!r}: ")
    assert complaint in str(caught.value)


@pytest.mark.usefixtures("files")
def test_images_are_tried_at_the_size_that_they_will_have() -> None:
    """What cannot be filtered shows when the filter is made; so does what is no text."""
    text = "fourier:style.npz,beta=0.1"
    with pytest.raises(ObservationError, match=r"^image filter 'fourier.*640x600 px has 60 cycles"):
        make_filter(text, (640, 600))
    assert len(make_filter(text, (640, 480)).filters) == 1
    with pytest.raises(ConfigError, match=r"named by a text, got 3\. Allowed: none, colour"):
        make_filter(3)  # pyright: ignore[reportArgumentType]


@pytest.mark.usefixtures("files")
def test_a_missing_style_says_how_to_make_one() -> None:
    """Also that of ``from``."""
    for text in ("colour:no.npz", "colour:style.npz,from=no.npz"):
        with pytest.raises(AssetError, match=r"style no\.npz is not a file.*so101 photos learn"):
            make_filter(text)
