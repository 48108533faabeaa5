"""The pictures of a folder, as colour images of one size."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from so101_ros.errors import AssetError, ConfigError
from so101_ros.output_files import check_target
from so101_ros.picture_files import IMAGE_SUFFIXES, read_picture


@dataclass(frozen=True, slots=True)
class PhotoFolder:
    """Pictures in a folder; other files in it, and folders, are left alone.

    Attributes:
        path: The folder.
        files: Of the pictures, in the order of their names; at least one.
    """

    path: Path
    files: tuple[Path, ...]

    @classmethod
    def open(cls, path: Path) -> "PhotoFolder":
        """List the pictures of a folder.

        Args:
            path: The folder.

        Raises:
            AssetError: If there is no such folder, or no picture in it.
        """
        if not path.is_dir():
            raise AssetError(f"{path} is not a folder. Give one with pictures")
        try:
            files = sorted(each for each in path.iterdir() if each.suffix.lower() in IMAGE_SUFFIXES)
        except OSError as err:
            raise AssetError(f"{path} cannot be read: {err.strerror}") from err
        if not files:
            raise AssetError(f"{path} holds no pictures. Allowed: {', '.join(IMAGE_SUFFIXES)}")
        return cls(path, tuple(files))

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.files)

    def images(self, size: tuple[int, int] | None = None) -> Iterator[np.ndarray]:
        """Read the pictures.

        Args:
            size: Width and height in [px] that all of them get, see :func:`fit_to`; None to leave
                them as they are.

        Yields:
            RGB pixels. Shape (height, width, 3), uint8.

        Raises:
            AssetError: If one is damaged, or smaller than the size.
        """
        for file in self.files:
            rgb = read_rgb(file)
            yield rgb if size is None else _fit_file(rgb, size, file)


def read_rgb(path: Path) -> np.ndarray:
    """Read a picture.

    Args:
        path: The file.

    Returns:
        RGB pixels, upright. Shape (height, width, 3), uint8.

    Raises:
        AssetError: If it cannot be read, or is damaged.
    """
    return cv2.cvtColor(read_picture(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def fit_to(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Cut an image to the shape of a size, around its centre, and scale it down to that.

    Args:
        rgb: RGB pixels, at least as many as wanted. Shape (height, width, 3), uint8.
        size: Width and height in [px].

    Returns:
        Shape (size[1], size[0], 3), uint8.
    """
    height, width, _ = rgb.shape
    scale = min(width / size[0], height / size[1])
    cut = (round(size[1] * scale), round(size[0] * scale))
    top, left = (height - cut[0]) // 2, (width - cut[1]) // 2
    part = rgb[top : top + cut[0], left : left + cut[1]]
    if cut == (size[1], size[0]):
        return np.ascontiguousarray(part)
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA)


def plan_copies(folder: PhotoFolder, out: Path, *, overwrite: bool) -> list[Path]:
    """Choose where changed pictures go: as PNG, which loses nothing, under their names.

    Args:
        folder: The pictures.
        out: The folder that gets them; it is made.
        overwrite: Whether files that are there may be replaced.

    Returns:
        A file for each picture, in their order.

    Raises:
        ConfigError: If two pictures would get one name, a picture would replace one of the folder,
            a file is there that may not be replaced, or the folder cannot be made.
    """
    if out.resolve() == folder.path.resolve():
        raise ConfigError(f"{out} holds the pictures themselves. Give another folder")
    targets = [out / f"{file.stem}.png" for file in folder.files]
    for first, second in pairwise(sorted(targets)):
        if first == second:
            raise ConfigError(f"two pictures of {folder.path} would become {first}. Rename one")
    for target in targets:
        check_target(target, overwrite=overwrite)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise ConfigError(f"{out} cannot be made: {err.strerror}") from err
    return targets


def _fit_file(rgb: np.ndarray, size: tuple[int, int], file: Path) -> np.ndarray:
    height, width, _ = rgb.shape
    if width < size[0] or height < size[1]:
        raise AssetError(
            f"{file} has {width}x{height} px, at least {size[0]}x{size[1]} are needed. Remove it, "
            "or choose a smaller --size"
        )
    return fit_to(rgb, size)
