"""What is known about a camera's lens, and the file that keeps it.

The file has the layout of ROS's ``camera_calibration_parsers``. Pixel (0, 0) is the *centre* of the
top left pixel, as everywhere in this package.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from so101_ros.errors import AssetError, ConfigError
from so101_ros.output_files import check_target
from so101_ros.simulation.pinhole import Intrinsics

DISTORTION_LENGTHS = {"plumb_bob": 5, "rational_polynomial": 8}
"""Coefficients of each distortion model that can be read; OpenCV takes both in ROS's order."""

_SHAPES = {
    "camera_matrix": (3, 3),
    "rectification_matrix": (3, 3),
    "projection_matrix": (3, 4),
}
_ENTRIES = (
    "image_width",
    "image_height",
    "camera_name",
    "camera_matrix",
    "distortion_model",
    "distortion_coefficients",
    "rectification_matrix",
    "projection_matrix",
)
_ROTATION_TOLERANCE = 1e-3  # of the entries of R R^T; files keep about six digits


@dataclass(frozen=True, slots=True)
class CameraCalibration:
    """Intrinsics of one camera at one image size.

    Attributes:
        name: The camera's name.
        width: Image width in [px].
        height: Image height in [px].
        matrix: Camera matrix K in [px]. Shape (3, 3).
        distortion_model: A key of :data:`DISTORTION_LENGTHS`.
        distortion: Coefficients in ROS's and OpenCV's order: k1, k2, p1, p2, k3, ... Shape (5,) or
            (8,).
        rectification: Turns the camera's into the rectified frame; identity unless one of a stereo
            pair. Shape (3, 3).
        projection: Projects rectified coordinates into the rectified image, in [px]. Shape (3, 4).

    Raises:
        ConfigError: If an entry has the wrong shape, is not finite or describes no camera.
    """

    name: str
    width: int
    height: int
    matrix: np.ndarray
    distortion_model: str
    distortion: np.ndarray
    rectification: np.ndarray
    projection: np.ndarray

    def __post_init__(self) -> None:
        """Check every entry and keep read-only copies of the arrays."""
        if not self.name:
            raise ConfigError("camera_name must not be empty")
        for entry, size in (("image_width", self.width), ("image_height", self.height)):
            if size < 1:
                raise ConfigError(f"{entry} must be at least 1 px, got {size}")
        for field, entry in (
            ("matrix", "camera_matrix"),
            ("rectification", "rectification_matrix"),
            ("projection", "projection_matrix"),
        ):
            self._freeze(field, entry, _SHAPES[entry])
        self._freeze("distortion", "distortion_coefficients", (self._distortion_length(),))
        _check_pinhole("camera_matrix", self.matrix)
        _check_pinhole("projection_matrix", self.projection[:, :3])
        _check_rotation(self.rectification)

    @classmethod
    def of_lens(
        cls, name: str, width: int, height: int, matrix: np.ndarray, distortion: np.ndarray
    ) -> "CameraCalibration":
        """Describe a single camera with a ``plumb_bob`` lens.

        The rectified image shows only what the camera saw: it is cropped to have no empty corners.

        Args:
            name: The camera's name.
            width: Image width in [px].
            height: Image height in [px].
            matrix: Camera matrix K in [px]. Shape (3, 3).
            distortion: k1, k2, p1, p2, k3. Shape (5,).

        Raises:
            ConfigError: If a value describes no camera.
        """
        size = (width, height)
        rectified, _ = cv2.getOptimalNewCameraMatrix(matrix, distortion, size, 0.0)
        projection = np.hstack([rectified, np.zeros((3, 1))])
        return cls(name, width, height, matrix, "plumb_bob", distortion, np.eye(3), projection)

    @classmethod
    def load(cls, path: Path) -> "CameraCalibration":
        """Read a calibration file of ROS.

        Args:
            path: A YAML file.

        Raises:
            AssetError: If there is no such file.
            ConfigError: If it is no calibration; the message names the entry.
        """
        content = _read_mapping(path)
        try:
            return cls(
                name=_text(content, "camera_name"),
                width=_whole(content, "image_width"),
                height=_whole(content, "image_height"),
                matrix=_matrix(content, "camera_matrix"),
                distortion_model=_text(content, "distortion_model"),
                distortion=_matrix(content, "distortion_coefficients").ravel(),
                rectification=_matrix(content, "rectification_matrix"),
                projection=_matrix(content, "projection_matrix"),
            )
        except ConfigError as err:
            raise ConfigError(f"calibration {path}: {err}") from err

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write a file for ROS; whoever reads it sees the old one or the new one, whole.

        Args:
            path: The file; its folder is made if it does not exist.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigError: If the file exists and may not be replaced, or cannot be written.
        """
        check_target(path, overwrite=overwrite)
        text = yaml.safe_dump(self.to_dict(), sort_keys=False, default_flow_style=None)
        unfinished = path.with_name(f".{path.name}.unfinished")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(path)
        except OSError as err:
            with suppress(OSError):
                unfinished.unlink()
            raise ConfigError(f"{path} cannot be written: {err.strerror}") from err

    def to_dict(self) -> dict[str, Any]:
        """Plain data in the layout of the file."""
        values = (
            self.width,
            self.height,
            self.name,
            _block(self.matrix),
            self.distortion_model,
            _block(self.distortion[np.newaxis]),
            _block(self.rectification),
            _block(self.projection),
        )
        return dict(zip(_ENTRIES, values, strict=True))

    @property
    def size(self) -> tuple[int, int]:
        """Image width and height in [px]."""
        return self.width, self.height

    @property
    def intrinsics(self) -> Intrinsics:
        """The pinhole of the camera as it is, before its distortion."""
        (fx, _, cx), (_, fy, cy), _ = self.matrix.tolist()
        return Intrinsics(self.width, self.height, fx, fy, cx, cy)

    def _distortion_length(self) -> int:
        if self.distortion_model not in DISTORTION_LENGTHS:
            raise ConfigError(
                f"distortion_model {self.distortion_model!r} is not supported. "
                f"Allowed: {', '.join(DISTORTION_LENGTHS)}"
            )
        return DISTORTION_LENGTHS[self.distortion_model]

    def _freeze(self, field: str, entry: str, shape: tuple[int, ...]) -> None:
        values = np.array(getattr(self, field), dtype=float)
        if values.shape != shape:
            raise ConfigError(f"{entry} must have the shape {shape}, got {values.shape}")
        if not np.isfinite(values).all():
            raise ConfigError(f"{entry} must be finite, got {values.ravel().tolist()}")
        values.setflags(write=False)
        object.__setattr__(self, field, values)


def _check_pinhole(entry: str, matrix: np.ndarray) -> None:
    """Refuse what projects nothing: [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] is expected."""
    if not (matrix[0, 0] > 0.0 and matrix[1, 1] > 0.0):
        raise ConfigError(
            f"{entry} must have positive focal lengths, got {matrix[0, 0]:g} and {matrix[1, 1]:g}"
        )
    if matrix[1, 0] != 0.0 or matrix[2].tolist() != [0.0, 0.0, 1.0]:
        raise ConfigError(
            f"{entry} must have the rows [fx, 0, cx], [0, fy, cy], [0, 0, 1], got {matrix.tolist()}"
        )


def _check_rotation(matrix: np.ndarray) -> None:
    is_orthogonal = np.allclose(matrix @ matrix.T, np.eye(3), atol=_ROTATION_TOLERANCE)
    if not (is_orthogonal and np.linalg.det(matrix) > 0.0):
        raise ConfigError(
            f"rectification_matrix must be a rotation (identity for one camera), "
            f"got {matrix.tolist()}"
        )


def _read_mapping(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise AssetError(
            f"calibration {path} is not a file. Make one with: so101 camera calibrate --out {path}"
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        reason = " ".join(str(err).split())
        raise ConfigError(f"calibration {path} is no YAML: {reason}") from err
    except OSError as err:
        raise AssetError(f"calibration {path} cannot be read: {err.strerror}") from err
    if not isinstance(content, dict):
        raise ConfigError(f"calibration {path} must have the entries {', '.join(_ENTRIES)}")
    return content


def _entry(content: Mapping[str, Any], entry: str) -> Any:
    if entry not in content:
        raise ConfigError(f"{entry} is missing. Needed: {', '.join(_ENTRIES)}")
    return content[entry]


def _text(content: Mapping[str, Any], entry: str) -> str:
    value = _entry(content, entry)
    if not isinstance(value, str):
        raise ConfigError(f"{entry} must be text, got {value!r}; put it in quotes")
    return value


def _whole(content: Mapping[str, Any], entry: str) -> int:
    value = _entry(content, entry)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{entry} must be a whole number of pixels, got {value!r}")
    return value


def _matrix(content: Mapping[str, Any], entry: str) -> np.ndarray:
    block = _entry(content, entry)
    if not isinstance(block, dict) or not isinstance(block.get("data"), list):
        raise ConfigError(f"{entry} must hold 'rows', 'cols' and the list 'data', got {block!r}")
    numbers = [_number(value, entry) for value in block["data"]]
    shape = tuple(_whole(block, key) for key in ("rows", "cols"))
    if min(shape) < 1 or len(numbers) != shape[0] * shape[1]:
        raise ConfigError(
            f"{entry} says {shape[0]} rows and {shape[1]} cols but has {len(numbers)} numbers"
        )
    return np.array(numbers).reshape(shape)


def _number(value: Any, entry: str) -> float:
    # YAML 1.1 takes 1e-05, which C++ writes, for text.
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise ConfigError(f"{entry} must hold numbers, got {value!r}")


def _block(matrix: np.ndarray) -> dict[str, Any]:
    rows, cols = matrix.shape
    return {"rows": rows, "cols": cols, "data": matrix.ravel().tolist()}
