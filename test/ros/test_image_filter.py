"""``sim_cameras`` publishes filtered images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from harness import NodeProcess, Probe
from sensor_msgs.msg import Image

from so101_ros.adaptation.photo_style import PhotoStyle
from so101_ros.nodes import convert_images, qos

StartNode = Callable[..., NodeProcess]

COLOUR = (90, 110, 70)


@pytest.fixture
def style(tmp_path: Path) -> Path:
    """Learn from a photo of nothing but one colour."""
    path = tmp_path / "style.npz"
    PhotoStyle.learn([np.full((240, 320, 3), COLOUR, np.uint8)]).save(path)
    return path


def test_images_have_the_colour_of_the_photos(
    start_node: StartNode, probe: Probe, style: Path
) -> None:
    """On average, as the swap of the wave of no cycles makes them; and still show something."""
    images = probe.collect(Image, "camera/top/image_raw", qos.SENSOR_IMAGE)
    start_node("mujoco_sim")
    start_node("sim_cameras", {"cameras": ["top"], "image_filter": f"fourier:{style},beta=0.0"})
    probe.spin_until(lambda: len(images) > 2)
    rgb = convert_images.image_from_ros(images[-1])
    np.testing.assert_allclose(rgb.mean(axis=(0, 1)), COLOUR, atol=8.0)  # white is cut off
    assert np.ptp(rgb) > 100


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"image_filter": "sepia"}, "image filter 'sepia': 'sepia' is no filter. Allowed: none"),
        ({"image_filter": "colour:/no.npz"}, "style /no.npz is not a file. Make one with: so101"),
    ],
)
def test_a_bad_filter_ends_the_node_with_one_line(
    start_node: StartNode, parameters: dict[str, object], complaint: str
) -> None:
    """Exit code 2 and what is allowed, before an image is published."""
    process = start_node("sim_cameras", parameters)
    assert process.wait() == 2
    errors = [line for line in process.output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and complaint in errors[0]
    assert "Traceback" not in process.output
