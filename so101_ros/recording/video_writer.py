"""Write RGB frames into an MP4 file."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np

from so101_ros.errors import ConfigError, RecordingError

_ENCODER = {"preset": "veryfast", "crf": "23", "movflags": "+faststart"}


class VideoWriter:
    """An H.264 video (yuv420p) that plays everywhere.

    The file appears under its name when it is complete, so that no half-written video is left.

    Attributes:
        path: Where the video will be.
        frame_count: Frames written so far.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int) -> None:
        """Start encoding.

        Args:
            path: The file to write, ending in ``.mp4``.
            width: In pixels, even.
            height: In pixels, even.
            fps: Frames per second of playing time.

        Raises:
            ConfigError: If a size is not positive and even, or the rate not positive.
        """
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise ConfigError(
                f"a video needs an even width and height of at least 2 pixels, got {width}x{height}"
            )
        if fps < 1:
            raise ConfigError(f"a video needs at least 1 frame per second, got {fps}")
        self.path = path
        self.frame_count = 0
        self._partial = path.with_name(f".{path.stem}.partial.mp4")
        self._shape = (height, width, 3)
        self._container = av.open(str(self._partial), "w")
        self._stream = self._container.add_stream("libx264", rate=fps, options=_ENCODER)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = Fraction(1, fps)

    def __enter__(self) -> "VideoWriter":
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Complete the video; drop it if something went wrong."""
        if exc_type is None:
            self.close()
        else:
            self._container.close()
            self._partial.unlink(missing_ok=True)

    def write(self, frame: np.ndarray) -> None:
        """Append one frame.

        Args:
            frame: RGB image, uint8. Shape (height, width, 3).

        Raises:
            RecordingError: If the frame has another shape or type.
        """
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise RecordingError(
                f"a frame of {self.path.name} must be uint8 of shape {self._shape}, "
                f"got {frame.dtype} of shape {frame.shape}"
            )
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        picture.pts = self.frame_count
        self._container.mux(self._stream.encode(picture))
        self.frame_count += 1

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            RecordingError: If no frame was written; no file is left then.
        """
        if self.frame_count:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if not self.frame_count:
            self._partial.unlink(missing_ok=True)
            raise RecordingError(f"{self.path} would have no frame; write at least one")
        self._partial.replace(self.path)
