"""What the tracker's node says about itself once a second."""

import math
from collections import Counter, deque

import numpy as np

from so101_ros.nodes.diagnostics import OK, STALE, WARN, RateMeter, Report, judge_silence
from so101_ros.nodes.refusals import Refusals
from so101_ros.perception.tracking import Condition, Tracking

_TIMED_IMAGES = 300  # ten seconds of images
_WELL = (Condition.TRACKING, Condition.HELD)


class TrackerReport:
    """Keep count of images and of what was seen in them.

    Attributes:
        images: Images that arrived and could be read.
        poses: Images that told where the sheet is.
    """

    def __init__(self, topic: str, refusals: Refusals) -> None:
        """Begin without an image.

        Args:
            topic: Where the images come from.
            refusals: Messages that the node refused.
        """
        self.images, self.poses = RateMeter(), RateMeter()
        self._topic = topic
        self._refusals = refusals
        self._tracking: Tracking | None = None
        self._latency_s = math.nan
        self._conditions: Counter[str] = Counter()
        self._times_s: deque[float] = deque(maxlen=_TIMED_IMAGES)
        self._reported_dropped = 0

    def add(self, tracking: Tracking, processing_s: float, latency_s: float) -> None:
        """Count an image.

        Args:
            tracking: What was seen in it.
            processing_s: How long that took, in [s].
            latency_s: Age of the image when its pose was published, in [s].
        """
        self.images.tick()
        if tracking.paper is not None:
            self.poses.tick()
        self._tracking = tracking
        self._conditions[tracking.condition.value] += 1
        self._times_s.append(processing_s)
        self._latency_s = latency_s

    def add_refused(self) -> None:
        """Count an image that could not be read: nothing is known any more."""
        self.images.tick()
        self._tracking = None

    def read(self, dropped: int) -> Report:
        """Tell how it goes.

        Args:
            dropped: Images that were overtaken so far.
        """
        news, self._reported_dropped = dropped - self._reported_dropped, dropped
        level, message = judge_silence(
            self.images, "images", *self._judge(self._refusals.read_latest(), news)
        )
        values: dict[str, object] = {
            "condition": "none" if self._tracking is None else self._tracking.condition.value,
            "images_hz": self.images.read_hz(),
            "poses_hz": self.poses.read_hz(),
            "dropped_images": dropped,
            **self._describe_sheet(),
            **self._describe_times(),
            **{f"images {name}": count for name, count in sorted(self._conditions.items())},
            **self._refusals.values(),
        }
        return Report(level, message, values)

    def _judge(self, refusal: str, dropped: int) -> tuple[bytes, str]:
        """Level and message: the gravest first."""
        if refusal:
            return WARN, refusal
        if self._tracking is None:
            return STALE, f"no image on {self._topic}"
        if self._tracking.condition not in _WELL:
            return WARN, f"{self._tracking.condition.value}: {self._tracking.reason}"
        if dropped:
            return WARN, f"tracking is too slow: {dropped} images dropped"
        return OK, f"{self._tracking.condition.value}: {self._tracking.reason}"

    def _describe_sheet(self) -> dict[str, object]:
        """What is known of sheet and camera; nothing of what is not."""
        tracking, values = self._tracking, {}
        if tracking is not None and tracking.paper is not None:
            paper = tracking.paper
            values |= {"visible_share": paper.visible, "age_s": paper.age_s}
            values |= {"margin_m": paper.margin}
            x, y, yaw = np.sqrt(np.diag(paper.covariance)).tolist()
            values |= {"std_x_mm": 1e3 * x, "std_y_mm": 1e3 * y, "std_yaw_deg": math.degrees(yaw)}
        if tracking is not None and tracking.frame is not None:
            values |= {"camera_fixed": str(tracking.frame.fixed).lower()}
            values |= {"frame_rms_px": tracking.frame.rms_px}
        return values

    def _describe_times(self) -> dict[str, object]:
        if not self._times_s:
            return {}
        p50_s, p99_s = np.percentile(self._times_s, [50, 99]).tolist()
        return {
            "processing_p50_ms": 1e3 * p50_s,
            "processing_p99_ms": 1e3 * p99_s,
            "frame_age_ms": 1e3 * self._latency_s,
        }
