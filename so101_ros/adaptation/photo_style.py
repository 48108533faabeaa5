"""What a folder of photos looks like, in numbers, and the file that keeps them."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from so101_ros.adaptation.colour_space import LabStatistics, to_lab
from so101_ros.adaptation.low_frequencies import coarse_spectrum
from so101_ros.errors import AssetError, ConfigError
from so101_ros.output_files import whole_file

REACH = 48
"""Cycles per image that a style knows: beta = 0.1 of images whose shorter side has 480 px."""

LEAST_SIDE = 128
"""Shorter side in [px] of images to learn from: fewer pixels do not tell the cycles."""

_FORMAT = "so101 photo style 1"
_SHAPES = {
    "lab_mean": (3,),
    "lab_std": (3,),
    "amplitude": (2 * REACH + 1, REACH + 1, 3),
}
_ABOUT = (
    "Learnt from photos. lab_mean, lab_std: mean and standard deviation of CIE L, a, b within a "
    "photo. amplitude: mean |Fourier coefficient| / pixels of R, G, B, by cycles down the image "
    f"(-{REACH} to {REACH}) and across it (0 to {REACH})."
)


@dataclass(frozen=True, slots=True)
class PhotoStyle:
    """The look of a number of photos.

    Attributes:
        photos: How many there were.
        size: Width and height in [px] at which they were looked at.
        colours: Mean over the photos of the mean of a photo; root mean square of the deviation
            within a photo.
        amplitude: Mean amplitude of coarse waves; see
            :func:`so101_ros.adaptation.low_frequencies.coarse_spectrum`. Shape
            (2 REACH + 1, REACH + 1, 3).
    """

    photos: int
    size: tuple[int, int]
    colours: LabStatistics
    amplitude: np.ndarray

    @classmethod
    def learn(cls, images: Iterable[np.ndarray]) -> "PhotoStyle":
        """Measure photos.

        Args:
            images: RGB pixels, all of one size. Shape (height, width, 3) each, uint8.

        Raises:
            ConfigError: If there are none, or they are too small.
        """
        means, variances, amplitudes = [], [], []
        height = width = 0
        for rgb in images:
            height, width, _ = rgb.shape
            check_learning_size((width, height))
            colours = LabStatistics.of(to_lab(rgb))
            means.append(colours.mean)
            variances.append(colours.std**2)
            amplitudes.append(np.abs(coarse_spectrum(rgb, REACH)))
        if not means:
            raise ConfigError("a style needs at least one photo")
        colours = LabStatistics(np.mean(means, axis=0), np.sqrt(np.mean(variances, axis=0)))
        return cls(len(means), (width, height), colours, np.mean(amplitudes, axis=0))

    def save(self, path: Path) -> None:
        """Write a file that holds everything, and says what it is.

        Args:
            path: The file; its folder is made if it does not exist.

        Raises:
            ConfigError: If it cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as stream:
                np.savez_compressed(
                    stream,
                    format=_FORMAT,
                    about=_ABOUT,
                    photos=self.photos,
                    size=self.size,
                    lab_mean=self.colours.mean,
                    lab_std=self.colours.std,
                    amplitude=self.amplitude.astype(np.float32),
                )
        except OSError as err:
            raise ConfigError(f"{path} cannot be written: {err.strerror}") from err

    @classmethod
    def load(cls, path: Path) -> "PhotoStyle":
        """Read what :meth:`save` wrote.

        Args:
            path: The file.

        Raises:
            AssetError: If there is no such file, or it is no style.
        """
        if not path.is_file():
            raise AssetError(
                f"style {path} is not a file. Make one with: so101 photos learn FOLDER --out {path}"
            )
        try:
            with np.load(path, allow_pickle=False) as content:
                return _read(content)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as err:
            raise AssetError(
                f"{path} is no style of this release: {err}. Make one with: so101 photos learn"
            ) from err


def check_learning_size(size: tuple[int, int]) -> None:
    """Refuse a size at which a style cannot be learnt.

    Args:
        size: Width and height in [px].

    Raises:
        ConfigError: If the shorter side is too short.
    """
    if min(size) < LEAST_SIDE:
        raise ConfigError(
            f"a style is learnt from images of at least {LEAST_SIDE}x{LEAST_SIDE} px, "
            f"got {size[0]}x{size[1]}"
        )


def _read(content: "np.lib.npyio.NpzFile") -> PhotoStyle:
    """Read the arrays of a file; ValueError or KeyError say what is wrong with them."""
    if str(content["format"]) != _FORMAT:
        raise ValueError(f"its format is {str(content['format'])!r}, not {_FORMAT!r}")
    values = {name: _read_array(content, name, shape) for name, shape in _SHAPES.items()}
    width, height = content["size"].tolist()
    colours = LabStatistics(values["lab_mean"], values["lab_std"])
    return PhotoStyle(int(content["photos"]), (width, height), colours, values["amplitude"])


def _read_array(content: "np.lib.npyio.NpzFile", name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = content[name]
    if values.shape != shape:
        raise ValueError(f"{name} has the shape {values.shape}, not {shape}")
    if not np.isfinite(values).all() or (name != "lab_mean" and (values < 0.0).any()):
        raise ValueError(f"{name} must be finite and not negative")
    values.setflags(write=False)
    return values
