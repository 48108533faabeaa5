"""The image environment shows filtered images."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from photo_scenes import photograph

from so101_ros.adaptation.make_filter import make_filter
from so101_ros.adaptation.photo_style import PhotoStyle
from so101_ros.envs import IMAGE_ID, register_environments
from so101_ros.errors import ConfigError, So101Error

SIZE = (96, 64)


@pytest.fixture
def filter_text(tmp_path: Path) -> str:
    """Name a filter that changes a lot."""
    style = tmp_path / "style.npz"
    PhotoStyle.learn([photograph(1)]).save(style)
    return f"colour:{style}+fourier:{style},beta=0.05"


def images(count: int, **arguments: Any) -> list[dict[str, np.ndarray]]:
    """Take the images of the first steps of episode 3."""
    register_environments()
    env = gymnasium.make(IMAGE_ID, image_size=SIZE, **arguments)
    observed = [env.reset(seed=3)[0]]
    observed += [env.step(observed[0]["state"][:6])[0] for _ in range(count - 1)]
    env.close()
    return observed


def test_the_filter_comes_after_the_camera(filter_text: str) -> None:
    """Image by image, the filter of what is seen without it; in a scene with lens and noise."""
    plain = images(3, cameras=("top", "wrist"), scene="visual")
    filtered = images(3, cameras=("top", "wrist"), scene="visual", image_filter=filter_text)
    image_filter = make_filter(filter_text)
    for before, after in zip(plain, filtered, strict=True):
        np.testing.assert_array_equal(after["state"], before["state"])
        for key in ("image_top", "image_wrist"):
            np.testing.assert_array_equal(after[key], image_filter(before[key]))
            assert np.abs(after[key].astype(int) - before[key]).mean() > 5.0


def test_what_is_watched_is_not_filtered(filter_text: str) -> None:
    """The view is for people."""
    views = []
    for text in ("none", filter_text):
        register_environments()
        env = gymnasium.make(IMAGE_ID, render_mode="rgb_array", image_filter=text)
        env.reset(seed=0)
        views.append(np.asarray(env.render()))
        env.close()
    np.testing.assert_array_equal(*views)


@pytest.mark.parametrize("bad", ["sepia", 3, None])
def test_a_bad_filter_is_one_line(bad: object) -> None:
    """When the environment is made."""
    register_environments()
    with pytest.raises(ConfigError, match="Allowed: none, colour") as caught:
        gymnasium.make(IMAGE_ID, image_filter=bad)
    assert isinstance(caught.value, So101Error) and "\n" not in str(caught.value)


def test_a_filter_works_after_a_fork(filter_text: str) -> None:
    """As vector environments may be started; the parent has used the filter before."""
    code = (
        "import multiprocessing, sys\n"
        "import numpy as np\n"
        "from so101_ros.adaptation.make_filter import make_filter\n"
        "image_filter = make_filter(sys.argv[1])\n"
        "rgb = np.arange(240 * 320 * 3, dtype=np.uint8).reshape(240, 320, 3)\n"
        "expected = image_filter(rgb)\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    found = pool.apply_async(image_filter, (rgb,)).get(30)\n"
        "print(bool((found == expected).all()))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, filter_text],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == "True\n", ended.stderr
