"""The file of a camera's lens."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.errors import AssetError, ConfigError

LENS = CameraCalibration.of_lens(
    "top",
    640,
    480,
    np.array([[520.25, 0.0, 322.5], [0.0, 524.75, 236.125], [0.0, 0.0, 1.0]]),
    np.array([-0.28, 0.09, 1e-5, -0.0005, 0.0]),
)

# As camera_calibration of ROS and its C++ parser write it: exponents without a point.
FROM_ROS = """\
image_width: 640
image_height: 480
camera_name: narrow_stereo
camera_matrix:
  rows: 3
  cols: 3
  data: [438.78, 0., 305.59, 0., 437.35, 243.74, 0., 0., 1.]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.361, 0.1109, 9.28e-04, 6e-05, 0]
rectification_matrix:
  rows: 3
  cols: 3
  data: [1, 0, 0, 0, 1, 0, 0, 0, 1]
projection_matrix:
  rows: 3
  cols: 4
  data: [393.65, 0, 322.79, 0, 0, 393.65, 241.09, 0, 0, 0, 1, 0]
"""


def assert_same(first: CameraCalibration, second: CameraCalibration) -> None:
    """Every entry, to the last bit."""
    assert first.to_dict() == second.to_dict()


def saved(tmp_path: Path, **changes: Any) -> Path:
    """Write the lens with entries replaced, or left out where None is given."""
    content = {**LENS.to_dict(), **changes}
    path = tmp_path / "camera.yaml"
    path.write_text(yaml.safe_dump({key: val for key, val in content.items() if val is not None}))
    return path


def block(rows: int, cols: int, data: list[Any]) -> dict[str, Any]:
    """A matrix as the file has it."""
    return {"rows": rows, "cols": cols, "data": data}


@given(
    focal=st.floats(1.0, 1e5),
    centre=st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
    distortion=st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5),
    size=st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    name=st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable()),
)
def test_every_lens_survives_the_file(
    tmp_path_factory: pytest.TempPathFactory,
    focal: float,
    centre: tuple[float, float],
    distortion: list[float],
    size: tuple[int, int],
    name: str,
) -> None:
    """To the last bit, also tiny numbers and names like ``1e5`` or ``null``."""
    matrix = np.array([[focal, 0.0, centre[0]], [0.0, 1.01 * focal, centre[1]], [0.0, 0.0, 1.0]])
    projection = np.hstack([matrix, np.zeros((3, 1))])
    lens = CameraCalibration(
        name, *size, matrix, "plumb_bob", np.array(distortion), np.eye(3), projection
    )
    path = tmp_path_factory.mktemp("lens") / "camera.yaml"
    lens.save(path)
    assert_same(CameraCalibration.load(path), lens)


def test_the_file_has_the_layout_of_ros(tmp_path: Path) -> None:
    """Read by nothing but YAML: the entries, row by row, of ``camera_calibration_parsers``."""
    path = tmp_path / "folder" / "camera.yaml"
    LENS.save(path)
    content = yaml.safe_load(path.read_text())
    assert list(content) == list(yaml.safe_load(FROM_ROS))
    assert (content["image_width"], content["image_height"]) == (640, 480)
    assert content["camera_name"] == "top" and content["distortion_model"] == "plumb_bob"
    data = [520.25, 0.0, 322.5, 0.0, 524.75, 236.125, 0.0, 0.0, 1.0]
    assert content["camera_matrix"] == block(3, 3, data)
    coefficients = [-0.28, 0.09, 1e-5, -0.0005, 0.0]
    assert content["distortion_coefficients"] == block(1, 5, coefficients)
    assert content["rectification_matrix"] == block(3, 3, np.eye(3).ravel().tolist())
    assert content["projection_matrix"]["rows"] == 3 and content["projection_matrix"]["cols"] == 4
    assert content["projection_matrix"]["data"][3::4] == [0.0, 0.0, 0.0]  # no stereo baseline


def test_a_file_of_ros_is_read(tmp_path: Path) -> None:
    """Whole numbers, trailing points and exponents without a point."""
    path = tmp_path / "ros.yaml"
    path.write_text(FROM_ROS)
    lens = CameraCalibration.load(path)
    assert lens.distortion.tolist() == [-0.361, 0.1109, 9.28e-4, 6e-5, 0.0]
    assert lens.projection[1].tolist() == [0.0, 393.65, 241.09, 0.0]
    assert lens.intrinsics.matrix.tolist() == lens.matrix.tolist()
    assert lens.size == (640, 480)


def test_eight_coefficients_are_a_rational_polynomial(tmp_path: Path) -> None:
    """The other model that OpenCV fits and ROS names."""
    coefficients = block(1, 8, [0.1] * 8)
    path = saved(
        tmp_path, distortion_model="rational_polynomial", distortion_coefficients=coefficients
    )
    assert CameraCalibration.load(path).distortion.shape == (8,)


BAD_ENTRIES: list[tuple[dict[str, Any], str]] = [
    ({"camera_matrix": None}, "camera_matrix is missing. Needed: image_width, "),
    ({"distortion_model": None}, "distortion_model is missing"),
    ({"image_width": "wide"}, "image_width must be a whole number of pixels, got 'wide'"),
    ({"image_width": True}, "image_width must be a whole number of pixels, got True"),
    ({"image_height": 0}, "image_height must be at least 1 px, got 0"),
    ({"camera_name": 7}, "camera_name must be text, got 7; put it in quotes"),
    ({"camera_name": ""}, "camera_name must not be empty"),
    ({"camera_matrix": [1, 2]}, "camera_matrix must hold 'rows', 'cols' and the list 'data'"),
    ({"camera_matrix": block(3, 3, [1.0])}, "camera_matrix says 3 rows and 3 cols but has 1 numb"),
    ({"camera_matrix": block(2, 2, [1.0] * 4)}, "camera_matrix must have the shape (3, 3), got (2"),
    ({"camera_matrix": block(3, 3, ["x"] * 9)}, "camera_matrix must hold numbers, got 'x'"),
    (
        {"camera_matrix": block(3, 3, [-5, 0, 0, 0, 5, 0, 0, 0, 1])},
        "camera_matrix must have positive focal lengths, got -5 and 5",
    ),
    (
        {"camera_matrix": block(3, 3, [5, 0, 0, 0, 5, 0, 1, 0, 1])},
        "camera_matrix must have the rows [fx, 0, cx], [0, fy, cy], [0, 0, 1], got",
    ),
    ({"projection_matrix": block(3, 4, [0.0] * 12)}, "projection_matrix must have positive focal"),
    ({"rectification_matrix": block(3, 3, [0.0] * 9)}, "rectification_matrix must be a rotation"),
    (
        {"distortion_coefficients": block(1, 4, [0.0] * 4)},
        "distortion_coefficients must have the sh",
    ),
    ({"distortion_coefficients": block(1, 5, [0.0] * 4 + [".nan"])}, "must hold numbers"),
    ({"distortion_coefficients": block(1, 5, [float("nan")] * 5)}, "coefficients must be finite"),
    (
        {"distortion_model": "equidistant"},
        "distortion_model 'equidistant' is not supported. Allowed: plumb_bob, rational_polynomial",
    ),
]


@pytest.mark.parametrize(("changes", "complaint"), BAD_ENTRIES)
def test_the_error_names_file_and_entry(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    """One line, to find the place by."""
    path = saved(tmp_path, **changes)
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        CameraCalibration.load(path)
    assert str(caught.value).startswith(f"calibration {path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[1, 2", "is no YAML: "), ("- 1", "must have the entries image_width, "), ("", "must have")],
)
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """Broken YAML, a list, an empty file."""
    path = tmp_path / "camera.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=complaint) as caught:
        CameraCalibration.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """With the command."""
    path = tmp_path / "none.yaml"
    with pytest.raises(AssetError, match=f"so101 camera calibrate --out {path}"):
        CameraCalibration.load(path)


def test_a_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    """And then whole, with nothing left beside it."""
    path = saved(tmp_path, camera_name="old")
    with pytest.raises(ConfigError, match=r"exists\. Give another name, or --force to replace it"):
        LENS.save(path)
    assert CameraCalibration.load(path).name == "old"
    LENS.save(path, overwrite=True)
    assert CameraCalibration.load(path).name == "top"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    """Not even on request."""
    with pytest.raises(ConfigError, match="is a folder"):
        LENS.save(tmp_path, overwrite=True)


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Here a file stands where a folder is needed."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"camera\.yaml cannot be written: "):
        LENS.save(tmp_path / "file" / "camera.yaml")


def test_a_calibration_cannot_be_changed() -> None:
    """Neither through its arrays nor through those it was made of."""
    matrix = LENS.matrix.copy()
    lens = CameraCalibration.of_lens("top", 640, 480, matrix, LENS.distortion)
    matrix[0, 0] = 1.0
    assert lens.matrix[0, 0] == 520.25
    with pytest.raises(ValueError, match="read-only"):
        lens.matrix[0, 0] = 1.0
