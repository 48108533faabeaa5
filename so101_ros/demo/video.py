"""Turn the recorded camera images of a demo into a video of simulated time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.errors import RecordingError
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.bag_reader import BagReader, CompressedFrame
from so101_ros.recording.side_by_side import decode_image, put_side_by_side
from so101_ros.recording.video_writer import VideoWriter

FPS = 30

Caption = Callable[[EpisodeRecord, int], str]
"""Text above the images, from the episode and a stamp in [ns]."""


def write_demo_video(
    path: Path,
    bag: BagReader,
    topics: Sequence[str],
    episodes: Sequence[EpisodeRecord],
    caption: Caption,
) -> int:
    """Write all episodes, one after the other.

    Args:
        path: The file to write, ending in ``.mp4``.
        bag: Where the images were recorded.
        topics: Topics of compressed images, from left to right.
        episodes: The episodes to show.
        caption: Text of each frame.

    Returns:
        Number of frames.

    Raises:
        RecordingError: If a topic is missing or no camera delivered an image.
    """
    frames = (frame for episode in episodes for frame in _frames(bag, topics, episode, caption))
    first = next(frames, None)
    if first is None:
        raise RecordingError(f"the bag {bag.path} holds no images of {list(topics)}")
    height, width, _ = first.shape
    with VideoWriter(path, width, height, FPS) as video:
        video.write(first)
        for frame in frames:
            video.write(frame)
        return video.frame_count


def frame_stamps(start_ns: int, end_ns: int) -> Iterator[int]:
    """List the moments that a video of simulated time shows.

    Args:
        start_ns: First moment in [ns].
        end_ns: No moment is later, in [ns].

    Yields:
        Stamps in [ns], ``FPS`` of them per second.
    """
    count = (end_ns - start_ns) * FPS // NANOSECONDS + 1
    return (start_ns + index * NANOSECONDS // FPS for index in range(count))


class _Player:
    """The newest image of one camera at a moment that only moves forward."""

    def __init__(self, frames: list[CompressedFrame]) -> None:
        self._frames = sorted(frames, key=lambda frame: frame.stamp_ns)
        self._next = 0
        self._image: np.ndarray | None = None

    def image_at(self, stamp_ns: int) -> np.ndarray | None:
        newest = None
        while self._next < len(self._frames) and self._frames[self._next].stamp_ns <= stamp_ns:
            newest = self._frames[self._next]
            self._next += 1
        if newest is not None:
            self._image = decode_image(newest.encoded)
        return self._image


def _frames(
    bag: BagReader, topics: Sequence[str], episode: EpisodeRecord, caption: Caption
) -> Iterator[np.ndarray]:
    players = [_Player(_episode_frames(bag, topic, episode)) for topic in topics]
    for stamp_ns in frame_stamps(episode.start_ns, episode.end_ns):
        images = [player.image_at(stamp_ns) for player in players]
        shown = [image for image in images if image is not None]
        if len(shown) == len(topics):
            yield put_side_by_side(shown, caption(episode, stamp_ns))


def _episode_frames(bag: BagReader, topic: str, episode: EpisodeRecord) -> list[CompressedFrame]:
    """Images by their stamps; those in flight arrive a little after the episode's end."""
    in_flight_ns = NANOSECONDS
    frames = bag.frames(topic, episode.received_from_ns, episode.received_until_ns + in_flight_ns)
    return [frame for frame in frames if episode.start_ns <= frame.stamp_ns <= episode.end_ns]
