"""The table's patterns."""

import numpy as np
import pytest

from so101_ros.errors import ConfigError
from so101_ros.simulation.look_config import TEXTURES
from so101_ros.simulation.textures import SIZE, draw_texture

NAMES = TEXTURES[1:]


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_darkens_and_never_hides_the_table(name: str) -> None:
    """It is grey, differs from place to place, and stays so bright that colours remain."""
    pixels = draw_texture(name)
    assert pixels.shape == (SIZE, SIZE, 3) and pixels.dtype == np.uint8
    assert (np.ptp(pixels, axis=2) == 0).all()
    assert pixels.std() > 5.0
    assert pixels.min() > 80
    assert 150 < pixels.mean() < 245


@pytest.mark.parametrize("name", ["wood", "speckle"])
def test_smooth_patterns_go_on_where_they_repeat(name: str) -> None:
    """Across the seam along a row it changes no more than elsewhere."""
    pixels = draw_texture(name)[..., 0].astype(int)
    inside = np.abs(np.diff(pixels, axis=1)).mean()
    seam = np.abs(pixels[:, 0] - pixels[:, -1]).mean()
    assert seam < 1.5 * inside


def test_patterns_differ_and_repeat() -> None:
    """Each name has a pattern of its own, the same one in every call."""
    drawn = [draw_texture(name) for name in NAMES]
    for index, pixels in enumerate(drawn):
        draw_texture.cache_clear()
        np.testing.assert_array_equal(pixels, draw_texture(NAMES[index]))
        assert not any(np.array_equal(pixels, other) for other in drawn[:index])


def test_an_unknown_pattern_is_refused() -> None:
    """The message has what is allowed."""
    with pytest.raises(ConfigError, match=r"'tartan' is unknown\. Allowed: wood, speckle, weave"):
        draw_texture("tartan")
