"""Exported networks as filters and as embeddings."""

from pathlib import Path

import numpy as np
import pytest
from onnx_files import node, write_colour_matrix, write_halving, write_mean_colour, write_network
from photo_scenes import draw_scene

from so101_ros.adaptation.embedding import Embedding
from so101_ros.adaptation.make_filter import make_filter
from so101_ros.adaptation.network import Network
from so101_ros.adaptation.network_contract import NetworkContract
from so101_ros.adaptation.network_filter import NetworkFilter
from so101_ros.errors import AssetError, ConfigError, ObservationError

PLAIN = "mean: [0, 0, 0]\nstd: [1, 1, 1]\n"
SWAP = np.eye(3)[::-1]
IMAGE = draw_scene(1)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """Name a network, beside its contract."""
    (tmp_path / "net.yaml").write_text(PLAIN)
    return tmp_path / "net.onnx"


def agree(net: Path, text: str) -> None:
    """Write the contract."""
    net.with_suffix(".yaml").write_text(text)


def test_a_network_redraws_an_image(net: Path) -> None:
    """Here: exchange red and blue. By the text that names the filter, and again the same."""
    write_colour_matrix(net, SWAP, (0, 0, 0))
    image_filter = make_filter(f"network:{net}")
    np.testing.assert_array_equal(image_filter(IMAGE), IMAGE[..., ::-1])
    np.testing.assert_array_equal(image_filter(IMAGE[:100, :90]), IMAGE[:100, :90, ::-1])
    np.testing.assert_array_equal(image_filter(IMAGE), IMAGE[..., ::-1])


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_the_contract_says_what_becomes_of_pixels(net: Path, channels: str) -> None:
    """Add 0.1 to what the network has as its first channel, with values from -1 to 1."""
    write_colour_matrix(net, np.eye(3), (0.1, 0, 0))
    agree(net, f"mean: [0.5, 0.5, 0.5]\nstd: [0.5, 0.5, 0.5]\nchannels: {channels}\n")
    dark = IMAGE // 2
    change = make_filter(f"network:{net}")(dark).astype(int) - dark
    first = 0 if channels == "rgb" else 2
    expected = np.zeros(3)
    expected[first] = 0.1 * 0.5 * 255
    np.testing.assert_allclose(change.mean(axis=(0, 1)), expected, atol=0.5)


def test_each_channel_has_a_mean_and_deviation_of_its_own(net: Path) -> None:
    """In the order of the channels: a network that answers 0 gives the mean."""
    write_colour_matrix(net, np.zeros((3, 3)), (0, 0, 1))
    agree(net, "mean: [0.2, 0.4, 0.6]\nstd: [0.1, 0.1, 0.2]\nchannels: bgr\n")
    pixel = make_filter(f"network:{net}")(IMAGE)[0, 0]
    np.testing.assert_array_equal(pixel, np.rint([0.8 * 255, 0.4 * 255, 0.2 * 255]))


def test_answers_out_of_range_are_cut_off(net: Path) -> None:
    """Not wrapped around."""
    write_colour_matrix(net, 9.0 * np.eye(3), (-2.0, -2.0, -2.0))
    found = make_filter(f"network:{net}")(IMAGE)
    expected = np.clip(9.0 * IMAGE.astype(float) - 510.0, 0, 255)
    assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize(("height", "width"), [(240, 320), (97, 64), (3, 5), (1, 1)])
def test_sides_are_filled_up_to_multiples(net: Path, height: int, width: int) -> None:
    """And the answer is cut to the image again; also where an image is less than the filling."""
    write_colour_matrix(net, SWAP, (0, 0, 0))
    agree(net, PLAIN + "multiple_of: 16\n")
    network = Network(net)
    image = IMAGE[:height, :width]
    filled = network.fit(image)
    assert filled.shape == (-(-height // 16) * 16, -(-width // 16) * 16, 3)
    np.testing.assert_array_equal(filled[:height, :width], image)
    np.testing.assert_array_equal(NetworkFilter(network)(image), image[..., ::-1])


def test_a_fixed_size_is_scaled_to_and_back(net: Path) -> None:
    """The image keeps its size and, where it is even, its colours."""
    write_colour_matrix(net, SWAP, (0, 0, 0))
    agree(net, PLAIN + "size: [160, 120]\n")
    assert Network(net).fit(IMAGE).shape == (120, 160, 3)
    found = make_filter(f"network:{net}")(IMAGE)
    assert found.shape == IMAGE.shape
    assert np.median(np.abs(found.astype(int) - IMAGE[..., ::-1])) <= 1


def test_a_network_in_a_chain_gets_images_only(net: Path) -> None:
    """As any filter."""
    write_colour_matrix(net, SWAP, (0, 0, 0))
    with pytest.raises(ObservationError, match="an image is uint8"):
        make_filter(f"network:{net}")(IMAGE.astype(float))


def test_an_answer_that_is_no_image_is_refused_at_load(net: Path) -> None:
    """Of half the size; of another number of channels; not finite."""
    write_halving(net)
    with pytest.raises(AssetError, match=r"\(1, 3, 120, 160\); needed is \(1, 3, 240, 320\)"):
        make_filter(f"network:{net}")
    write_colour_matrix(net, np.ones((1, 3)), (0,))
    with pytest.raises(AssetError, match=r"\(1, 1, 240, 320\); needed is \(1, 3, 240, 320\)"):
        make_filter(f"network:{net}")
    write_network(net, [node("Neg", ("image",), "minus"), node("Sqrt", ("minus",), "answer")], [])
    with pytest.raises(AssetError, match="answers with what is not finite"):
        make_filter(f"network:{net}")


def test_a_network_with_two_inputs_is_refused_at_load(net: Path) -> None:
    """With what it must have."""
    write_network(net, [node("Add", ("image", "more"), "answer")], [], ("image", "more"))
    with pytest.raises(AssetError, match=r"It must have one input \(1, 3, height, width\)"):
        make_filter(f"network:{net}")


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256))])
def test_a_file_that_is_no_network_is_refused(net: Path, content: bytes) -> None:
    """In one line, with the version of what was to run it."""
    net.write_bytes(content)
    with pytest.raises(AssetError, match=r"cannot be loaded by OpenCV \d.*Give an ONNX") as caught:
        make_filter(f"network:{net}")
    assert "\n" not in str(caught.value)


def test_missing_files_are_named(net: Path) -> None:
    """The network, or what it expects, with an example."""
    with pytest.raises(AssetError, match=r"net\.onnx is not a file. Give an ONNX file"):
        make_filter(f"network:{net}")
    write_colour_matrix(net, SWAP, (0, 0, 0))
    net.with_suffix(".yaml").unlink()
    with pytest.raises(AssetError, match=r"net\.yaml is missing: it must say what.*mean: \[0\.5"):
        make_filter(f"network:{net}")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must have entries, such as mean:"),
        ("- 1", "must have entries, such as mean:"),
        ("mean: [", "is no YAML: "),
        ("mean: [0, 0, 0]", "std is missing. Needed: mean:"),
        (PLAIN + "range: 1", "unknown entry 'range'. Allowed: mean, std, channels"),
        ("mean: [0, 0]\nstd: [1, 1, 1]", "mean must be three finite numbers, got [0, 0]"),
        ("mean: [0, 0, .nan]\nstd: [1, 1, 1]", "mean must be three finite numbers"),
        ("mean: [0, 0, 0]\nstd: [1, 0, 1]", "std must be above 0, got [1.0, 0.0, 1.0]"),
        (PLAIN + "channels: gray", "channels must be rgb or bgr, got 'gray'"),
        (PLAIN + "channels: [rgb]", "channels must be rgb or bgr, got ['rgb']"),
        (PLAIN + "size: 224", "size must be any or [width, height] in px, got 224"),
        (PLAIN + "size: [0, 9]", "size must be 1 to 8192 px a side, got [0, 9]"),
        (PLAIN + "size: [9.5, 9]", "size must be whole, got 9.5"),
        (PLAIN + "multiple_of: 0", "multiple_of must be 1 to 256, got 0"),
        (PLAIN + "multiple_of: true", "multiple_of must be whole, got True"),
        (PLAIN + "multiple_of: 4\nsize: [8, 8]", "multiple_of is for size: any"),
    ],
)
def test_a_contract_is_read_strictly(net: Path, text: str, complaint: str) -> None:
    """The message names the file, the entry and what is allowed."""
    agree(net, text)
    with pytest.raises(ConfigError) as caught:
        NetworkContract.load(net)
    assert str(caught.value).startswith(str(net.with_suffix(".yaml")))
    assert complaint in str(caught.value)


def test_an_embedding_describes_an_image(net: Path) -> None:
    """Maps are averaged over the image: here, the mean colour."""
    write_mean_colour(net)
    expected = IMAGE.mean(axis=(0, 1)) / 255
    np.testing.assert_allclose(Embedding(Network(net))(IMAGE), expected, atol=1e-3)
    write_colour_matrix(net, np.eye(3)[:2], (0, 0))
    np.testing.assert_allclose(Embedding(Network(net))(IMAGE), expected[:2], atol=1e-5)


def test_an_embedding_answers_with_one_vector(net: Path) -> None:
    """Not with a list of boxes, or the like."""
    flatten = node("Transpose", ("image",), "answer", perm=(2, 0, 1, 3))
    write_network(net, [flatten], [])
    with pytest.raises(AssetError, match=r"is no embedding: it answers with the shape \(240, 1, 3"):
        Embedding(Network(net))(IMAGE)
