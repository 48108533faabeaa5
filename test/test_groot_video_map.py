import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError, ObservationError
from so101_ros.groot.video_map import ColourOrder, VideoFit, VideoMap


def _picture() -> np.ndarray:
    """240 x 320: red left, green in the middle, blue right; white rows at top and bottom."""
    rgb = np.zeros((240, 320, 3), np.uint8)
    rgb[:, :40, 0] = 255
    rgb[:, 40:280, 1] = 255
    rgb[:, 280:, 2] = 255
    rgb[:20] = rgb[220:] = 255
    return rgb


def test_squashing_keeps_the_whole_picture() -> None:
    """Every edge is still there, each side scaled by itself."""
    squashed = VideoMap("top", (224, 224)).to_model(_picture())
    assert squashed.shape == (224, 224, 3)
    assert squashed[112, 10].tolist() == [255, 0, 0]
    assert squashed[112, 213].tolist() == [0, 0, 255]
    assert squashed[5, 112].tolist() == squashed[218, 112].tolist() == [255, 255, 255]
    # 40 of 320 columns are red: 28 of 224.
    assert (squashed[112, :, 0] > 127).sum() == 28


def test_padding_keeps_the_shape_between_black_bars() -> None:
    """320 x 240 becomes 224 x 168 in the middle of 224 x 224."""
    padded = VideoMap("top", (224, 224), VideoFit.PAD).to_model(_picture())
    assert not padded[:28].any() and not padded[196:].any()
    assert padded[29, 112].tolist() == padded[194, 112].tolist() == [255, 255, 255]
    assert padded[112, 10].tolist() == [255, 0, 0]


def test_cropping_keeps_the_middle() -> None:
    """The square in the middle of 320 x 240 has no red and no blue."""
    cropped = VideoMap("top", (224, 224), VideoFit.CROP).to_model(_picture())
    assert cropped.shape == (224, 224, 3)
    assert cropped[112, 2].tolist() == cropped[112, 221].tolist() == [0, 255, 0]
    assert cropped[5, 112].tolist() == [255, 255, 255]


def test_shrinking_averages() -> None:
    """A fine pattern becomes gray, no stripes."""
    stripes = np.zeros((240, 320, 3), np.uint8)
    stripes[:, ::2] = 200
    small = VideoMap("wrist", (160, 120)).to_model(stripes)
    assert (small == 100).all()


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.tuples(st.integers(16, 300), st.integers(16, 300)),
    st.sampled_from(VideoFit),
)
def test_every_shape_becomes_the_models(
    given_size: tuple[int, int], size: tuple[int, int], fit: VideoFit
) -> None:
    """However thin, small or large the image is."""
    pixels = np.full((*given_size, 3), 77, np.uint8)
    shown = VideoMap("top", size, fit).to_model(pixels)
    assert shown.shape == (size[1], size[0], 3)
    assert shown.max() == 77


def test_colours_are_turned_there_and_back() -> None:
    """A model of BGR gets BGR, and what it got can be read as RGB again."""
    video = VideoMap("top", (320, 240), colour=ColourOrder.BGR)
    shown = video.to_model(_picture())
    assert shown[112, 10].tolist() == [0, 0, 255]
    assert np.array_equal(video.from_model(shown), _picture())


@pytest.mark.parametrize(
    ("pixels", "got"),
    [
        (np.zeros((240, 320, 3), np.float32), "(240, 320, 3) of float32"),
        (np.zeros((240, 320), np.uint8), "(240, 320) of uint8"),
        (np.zeros((240, 320, 4), np.uint8), "(240, 320, 4) of uint8"),
        (np.zeros((0, 320, 3), np.uint8), "(0, 320, 3) of uint8"),
    ],
)
def test_what_is_no_rgb_image_is_refused(pixels: np.ndarray, got: str) -> None:
    """With the camera's name, and what came."""
    with pytest.raises(ObservationError) as refusal:
        VideoMap("wrist", (224, 224)).to_model(pixels)
    assert str(refusal.value) == (
        f"camera 'wrist': an image must be (height, width, 3) of uint8, got {got}"
    )


def test_unknown_cameras_and_sizes_are_refused() -> None:
    """With what is allowed."""
    with pytest.raises(ConfigError, match=r"^camera 'front' is unknown. Allowed: top, wrist$"):
        VideoMap("front", (224, 224))
    with pytest.raises(ConfigError, match=r"^size must be \[width, height\] of 16 to 4096 px, got"):
        VideoMap("top", (224, 0))
