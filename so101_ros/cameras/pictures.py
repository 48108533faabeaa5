"""Pictures from a folder or a video, and the boards in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av.container
import av.error
import cv2
import numpy as np

from so101_ros.cameras.board import BoardView, CalibrationBoard
from so101_ros.errors import CalibrationError
from so101_ros.picture_files import IMAGE_SUFFIXES, read_picture

_VIDEO_PERIOD_S = 0.25  # between the frames looked at; a hand does not move a board faster


@dataclass(frozen=True, slots=True)
class Picture:
    """What a camera saw.

    Attributes:
        name: The file's name, or the time in a video.
        gray: Shape (height, width), uint8.
    """

    name: str
    gray: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in [px]."""
        height, width = self.gray.shape
        return width, height


@dataclass(frozen=True, slots=True)
class Sighting:
    """The boards in a number of pictures of one size.

    Attributes:
        size: Width and height of every picture in [px].
        pictures: How many were looked at.
        views: The boards, in the order of the pictures; at most one of each.
    """

    size: tuple[int, int]
    pictures: int
    views: tuple[BoardView, ...]


def find_boards(pictures: Iterable[Picture], board: CalibrationBoard, source: str) -> Sighting:
    """Look for a board in pictures.

    Args:
        pictures: What to look at.
        board: What to look for.
        source: Where they come from, for messages.

    Returns:
        What was seen: at least one view.

    Raises:
        CalibrationError: If there are no pictures, their sizes differ or none shows the board.
    """
    first: Picture | None = None
    views: list[BoardView] = []
    count = 0
    for picture in pictures:
        first = first or picture
        if picture.size != first.size:
            raise CalibrationError(_describe_sizes(source, first, picture))
        count += 1
        if (view := board.find(picture.gray, picture.name)) is not None:
            views.append(view)
    if first is None:
        raise CalibrationError(f"{source} holds no pictures")
    if not views:
        raise CalibrationError(
            f"none of the {count} pictures of {source} shows the {board.describe()}. Check "
            "--board, --columns and --rows (squares, not inner corners), sharpness and light"
        )
    return Sighting(first.size, count, tuple(views))


def read_folder(folder: Path) -> Iterator[Picture]:
    """Read the pictures of a folder in the order of their names.

    Args:
        folder: Where they are; other files in it are left alone.

    Yields:
        The pictures.

    Raises:
        CalibrationError: If there is no such folder, it holds no pictures, or one is damaged.
    """
    if not folder.is_dir():
        raise CalibrationError(f"{folder} is not a folder. Give one with pictures of the board")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise CalibrationError(f"{folder} holds no pictures ({', '.join(IMAGE_SUFFIXES)})")
    for path in files:
        yield Picture(path.name, read_picture(path, cv2.IMREAD_GRAYSCALE, CalibrationError))


def read_video(path: Path) -> Iterator[Picture]:
    """Read a few pictures of every second of a video.

    Args:
        path: The file.

    Yields:
        The pictures, named after their time.

    Raises:
        CalibrationError: If there is no such file, or it cannot be decoded.
    """
    if not path.is_file():
        raise CalibrationError(f"{path} is not a file. Give a video of the board")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise CalibrationError(f"{path} holds no video")
            yield from _sample(container)
    except av.error.FFmpegError as err:
        raise CalibrationError(
            f"{path} cannot be read as a video ({err.strerror}). Convert it to MP4, or give "
            "pictures"
        ) from err


def _sample(container: av.container.InputContainer) -> Iterator[Picture]:
    due_s = 0.0
    rate = float(container.streams.video[0].average_rate or 30)
    for index, frame in enumerate(container.decode(video=0)):
        time_s = index / rate if frame.time is None else frame.time
        if time_s >= due_s:
            due_s = time_s + _VIDEO_PERIOD_S
            yield Picture(f"{time_s:.2f} s", frame.to_ndarray(format="gray"))


def _describe_sizes(source: str, first: Picture, other: Picture) -> str:
    sizes = [f"{picture.name} has {_size_text(picture.size)}" for picture in (first, other)]
    return (
        f"the pictures of {source} differ in size: {', '.join(sizes)}. A calibration holds for one "
        "size; take all pictures at the size at which the camera will be used"
    )


def _size_text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
