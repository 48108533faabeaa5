"""Lens, sensor and compression: each does what it says, and nothing else."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.simulation.look_config import LookConfig
from so101_ros.simulation.optics import Optics

SIZE = 320, 240


def expose(
    image: np.ndarray, seed: int = 1, camera: str = "top", elapsed_ns: int = 0, **look: Any
) -> np.ndarray:
    """Take an image of a perfect render."""
    height, width = image.shape[:2]
    return Optics(LookConfig(**look), seed, camera, width, height).expose(image.copy(), elapsed_ns)


def flat(level: int = 100, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A wall of one grey."""
    return np.full((size[1], size[0], 3), level, dtype=np.uint8)


def random_image() -> np.ndarray:
    """Pixels of every colour."""
    return np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)


def test_a_perfect_camera_changes_nothing() -> None:
    """Not one bit."""
    image = random_image()
    np.testing.assert_array_equal(expose(image), image)


@given(
    exposure=st.floats(0.3, 3.0),
    balance=st.tuples(*[st.floats(0.5, 2.0)] * 3),
    level=st.integers(1, 255),
)
def test_exposure_and_white_balance_scale_the_channels(
    exposure: float, balance: tuple[float, ...], level: int
) -> None:
    """Within a level for gains up to 2, and what is too bright is white."""
    seen = expose(flat(level, (8, 6)), exposure=exposure, white_balance=balance)
    wanted = np.minimum(255.0, level * exposure * np.array(balance))
    assert (np.ptp(seen, axis=(0, 1)) == 0).all()
    np.testing.assert_allclose(seen[0, 0], wanted, atol=0.6 + 0.5 * exposure * max(balance))


@pytest.mark.parametrize("noise", [1.0, 3.0, 8.0])
def test_noise_has_its_deviation_and_no_mean(noise: float) -> None:
    """In every channel, and the channels have nothing to do with each other."""
    off = expose(flat(), noise=noise).astype(float) - 100.0
    channels = off.reshape(-1, 3)
    rounded = np.hypot(noise, np.sqrt(1.0 / 12.0))
    np.testing.assert_allclose(channels.std(axis=0), rounded, rtol=0.02)
    np.testing.assert_allclose(channels.mean(axis=0), 0.0, atol=0.02 * noise)
    assert np.abs(np.corrcoef(channels.T) - np.eye(3)).max() < 0.02
    neighbours = np.corrcoef(off[:, 1:, 0].ravel(), off[:, :-1, 0].ravel())[0, 1]
    assert abs(neighbours) < 0.02


def test_almost_no_blur_is_none() -> None:
    """The deviation that OpenCV takes for a wish to choose is never given."""
    image = random_image()
    np.testing.assert_array_equal(expose(image, blur=1e-9), image)


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("blur", [0.25, 0.4, 0.8, 2.0])
def test_blur_spreads_an_edge_by_its_deviation(blur: float, width: int) -> None:
    """In pixels of an image 320 wide, whatever the size; the light stays."""
    size = width, 3 * width // 4
    image = flat(0, size)
    image[:, width // 2 :] = 200
    profile = expose(image, blur=blur)[size[1] // 2, :, 0].astype(float)
    spread = np.diff(profile)
    places = np.arange(len(spread)) - (width // 2 - 1)
    deviation = np.sqrt((spread * places**2).sum() / spread.sum())
    assert deviation == pytest.approx(blur * width / 320.0, rel=0.12)
    assert profile.mean() == pytest.approx(100.0, abs=0.5)


def test_vignetting_darkens_the_corners_and_not_the_middle() -> None:
    """By its share, and less on the way there."""
    seen = expose(flat(200), vignetting=0.4)[..., 0]
    assert seen[0, 0] == pytest.approx(120, abs=1)
    assert seen[120, 160] == 200
    assert (np.diff(seen[120, :161].astype(int)) >= 0).all()


def test_a_shadow_lies_over_a_part_of_the_image() -> None:
    """Between the light that is left and all of it; elsewhere for another seed or camera."""
    shadows = [
        expose(flat(200), seed, camera, shadow=0.5)[..., 0]
        for seed, camera in [(1, "top"), (2, "top"), (1, "wrist")]
    ]
    for seen in shadows:
        assert 100 <= seen.min() < 115 and 185 < seen.max() <= 200
    assert not np.array_equal(shadows[0], shadows[1])
    assert not np.array_equal(shadows[0], shadows[2])


def test_jpeg_loses_more_at_less_quality() -> None:
    """What it leaves is the image of that quality; colours do not swap."""
    image = cv2.GaussianBlur(random_image(), (0, 0), 3.0)
    losses = [
        np.abs(expose(image, jpeg_quality=quality).astype(int) - image).mean()
        for quality in (95, 60, 10)
    ]
    assert 0.0 < losses[0] < losses[1] < losses[2]
    red = flat(0)
    red[..., 0] = 200
    np.testing.assert_allclose(expose(red, jpeg_quality=90)[120, 160], [200, 0, 0], atol=4)


FULL: dict[str, Any] = {
    "exposure": 1.1,
    "white_balance": (1.0, 0.9, 1.1),
    "vignetting": 0.2,
    "shadow": 0.7,
    "blur": 0.6,
    "noise": 3.0,
    "jpeg_quality": 90,
}


def test_the_same_moment_of_the_same_episode_repeats() -> None:
    """Whatever was taken before, and in whatever order."""
    look, image = LookConfig(**FULL), random_image()
    first, second = (Optics(look, 7, "top", *SIZE) for _ in range(2))
    late = first.expose(image.copy(), 100)
    second.expose(image.copy(), 33)
    Optics(LookConfig(noise=9.0), 8, "wrist", *SIZE).expose(image.copy(), 100)
    np.testing.assert_array_equal(second.expose(image.copy(), 100), late)


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"camera": "wrist"}, {"elapsed_ns": 33_333_333}],
    ids=lambda each: next(iter(each)),
)
def test_noise_differs_by_seed_camera_and_time(change: dict[str, Any]) -> None:
    """Alone, each brings other noise."""
    wall = flat()
    assert not np.array_equal(expose(wall, noise=3.0), expose(wall, noise=3.0, **change))
