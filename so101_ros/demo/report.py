"""Turn the bag of a demo into its figures and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from so101_ros.demo.delivery import Delivery, join_deliveries, judge_delivery
from so101_ros.demo.episode_record import EpisodeRecord
from so101_ros.demo.files import DemoFiles
from so101_ros.demo.graph_topics import TRACKED_POSE
from so101_ros.demo.paper_trace import PaperTrace, cut_trace
from so101_ros.demo.plot import draw_demo
from so101_ros.demo.tracking_errors import TrackingErrors, compare_poses
from so101_ros.demo.video import write_demo_video
from so101_ros.drawing.figures import save_figure
from so101_ros.rates import NANOSECONDS
from so101_ros.recording.bag_reader import BagReader

POSE_TOPIC = "/ground_truth/paper_pose"

_EDGE_NS = NANOSECONDS // 10
"""Left out at both ends of an episode: the first command takes a tick, the last is in flight."""


@dataclass(frozen=True, slots=True)
class DemoFigures:
    """What the bag says of the finished episodes.

    Attributes:
        traces: The sheet, one trace per episode.
        deliveries: Nominal rate in [Hz] and delivery, by topic.
        other_rates_hz: Messages per wall second of every other topic, by topic.
        tracking: What a camera's poses were worth, for each episode; empty if the graph knew the
            truth.
    """

    traces: tuple[PaperTrace, ...] = ()
    deliveries: Mapping[str, tuple[float, Delivery]] = field(default_factory=dict)
    other_rates_hz: Mapping[str, float] = field(default_factory=dict)
    tracking: tuple[TrackingErrors, ...] = ()


def read_figures(
    bag: BagReader, episodes: Sequence[EpisodeRecord], nominal_hz: Mapping[str, float]
) -> DemoFigures:
    """Judge a recording.

    Args:
        bag: The recording.
        episodes: The finished episodes; at least one.
        nominal_hz: Expected messages per simulated second, by resolved topic name.

    Returns:
        The figures.

    Raises:
        RecordingError: If a topic is missing from the bag or carries no stamps.
    """
    stamps_ns, poses = bag.poses(POSE_TOPIC)
    traces = tuple(
        cut_trace(_label(episode), stamps_ns, poses, episode.start_ns, episode.end_ns)
        for episode in episodes
    )
    deliveries = {
        topic: (rate_hz, _deliver(bag, topic, rate_hz, episodes))
        for topic, rate_hz in nominal_hz.items()
    }
    others = sorted(set(bag.counts) - set(nominal_hz))
    return DemoFigures(
        traces,
        deliveries,
        {topic: _wall_rate_hz(bag, topic, episodes) for topic in others},
        _compare_tracker(bag, episodes) if f"/{TRACKED_POSE}" in nominal_hz else (),
    )


def _compare_tracker(
    bag: BagReader, episodes: Sequence[EpisodeRecord]
) -> tuple[TrackingErrors, ...]:
    truth, tracked = bag.poses(POSE_TOPIC), bag.poses(f"/{TRACKED_POSE}")
    return tuple(
        compare_poses(truth, tracked, episode.start_ns, episode.end_ns) for episode in episodes
    )


def write_pictures(
    files: DemoFiles,
    bag: BagReader,
    episodes: Sequence[EpisodeRecord],
    figures: DemoFigures,
    video_topics: Sequence[str],
) -> None:
    """Write the plot and, if there are topics for it, the video.

    Args:
        files: Where they go.
        bag: The recording.
        episodes: The finished episodes; at least one.
        figures: What the bag says of them.
        video_topics: Topics of compressed images from left to right; empty for no video.

    Raises:
        RecordingError: If the bag lacks the images.
    """
    succeeded = sum(episode.success for episode in episodes)
    title = f"paper return: {succeeded} of {len(episodes)} episodes succeeded"
    save_figure(draw_demo(figures.traces, figures.deliveries, title), files.plot)
    if video_topics:
        caption = _Caption(len(episodes), figures.traces)
        write_demo_video(files.video, bag, video_topics, episodes, caption)


class _Caption:
    """Text above the images: which episode, when, how far."""

    def __init__(self, total: int, traces: Sequence[PaperTrace]) -> None:
        self._total = total
        self._traces = traces

    def __call__(self, episode: EpisodeRecord, stamp_ns: int) -> str:
        elapsed_s = (stamp_ns - episode.start_ns) / NANOSECONDS
        measures = self._traces[episode.number - 1].measures_at(elapsed_s)
        succeeded_at_s = episode.time_to_success_s
        parts = [
            f"episode {episode.number}/{self._total}",
            f"seed {episode.seed}",
            f"{elapsed_s:.1f} s",
            f"{1e3 * measures.distance_to_goal:.0f} mm",
        ]
        if succeeded_at_s is not None and elapsed_s >= succeeded_at_s:
            parts.append("success")
        return "   ".join(parts)


def _label(episode: EpisodeRecord) -> str:
    return f"episode {episode.number}, seed {episode.seed}"


def _wall_rate_hz(bag: BagReader, topic: str, episodes: Sequence[EpisodeRecord]) -> float:
    received_ns = bag.received_ns(topic)
    inside = sum(
        np.count_nonzero(
            (received_ns >= episode.received_until_ns - episode.wall_s * NANOSECONDS)
            & (received_ns <= episode.received_until_ns)
        )
        for episode in episodes
    )
    return float(inside / sum(episode.wall_s for episode in episodes))


def _deliver(
    bag: BagReader, topic: str, rate_hz: float, episodes: Sequence[EpisodeRecord]
) -> Delivery:
    stamps_ns = bag.stamps_ns(topic)
    return join_deliveries(
        judge_delivery(
            stamps_ns,
            rate_hz,
            episode.start_ns + _EDGE_NS,
            episode.end_ns - _EDGE_NS,
            (episode.duration_s - 2.0 * _EDGE_NS / NANOSECONDS) / episode.real_time_factor,
        )
        for episode in episodes
    )
