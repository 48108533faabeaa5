"""What the tracker says about one image."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.pose import PlanarPose, Pose
from so101_ros.simulation.pinhole import CameraModel


class Condition(str, Enum):
    """How tracking goes; only ``tracking`` and ``held`` come with a pose of the sheet."""

    TRACKING = "tracking"
    HELD = "held"
    LOST = "lost"
    NO_SHEET = "no_sheet"
    TWO_SHEETS = "two_sheets"
    NO_FRAME = "no_frame"
    CAMERA_MOVED = "camera_moved"
    WRONG_CAMERA_INFO = "wrong_camera_info"
    DARK = "dark"
    SATURATED = "saturated"
    FROZEN = "frozen"
    MONO = "mono"
    CHANNELS_SWAPPED = "channels_swapped"


@dataclass(frozen=True, slots=True, eq=False)
class PaperEstimate:
    """Where the sheet lies.

    Attributes:
        pose: In ``world``; its yaw is known mod pi and continuous from image to image.
        covariance: Of x, y in [m] and yaw in [rad]; grows while the pose is held. Shape (3, 3).
        visible: Share of the sheet that was seen, in [0, 1].
        age_s: Time since it was seen, in [s]; 0 unless the pose is held.
        margin: Smallest signed distance of a corner to the outer edge of the tape, in [m].
    """

    pose: PlanarPose
    covariance: np.ndarray
    visible: float
    age_s: float
    margin: float


@dataclass(frozen=True, slots=True, eq=False)
class FrameEstimate:
    """Where the camera is over the tape frame.

    Attributes:
        camera: Where the camera is in ``world``.
        frame_in_camera: Pose of the frame's centre in the optical frame of the camera; its axes are
            those of ``world``.
        covariance: Of a step of the camera: of its position in ``world`` in [m], then a turn in its
            own axes in [rad]. Shape (6, 6).
        rms_px: Of what is left between the frame and the image that it was last measured in.
        fixed: Whether enough images agree; the camera is then watched for bumps.
    """

    camera: CameraModel
    frame_in_camera: Pose
    covariance: np.ndarray
    rms_px: float
    fixed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """What to draw over an image, in [px].

    Attributes:
        frame: Outer and inner edge of the tape; None if the camera's place is not known.
            Shape (2, 4, 2).
        sheet: Corners of the sheet; None without a pose. Shape (4, 2).
        edges: Points along the sheet's edges. Shape (n, 2).
        measured: Which of them were seen; the others follow from the sheet's size. Shape (n,).
    """

    frame: np.ndarray | None = None
    sheet: np.ndarray | None = None
    edges: np.ndarray | None = None
    measured: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tracking:
    """What the tracker says about one image.

    Attributes:
        stamp_ns: Of the image, in [ns].
        condition: How tracking goes.
        reason: One line for people: what was seen, and what to do.
        paper: Where the sheet lies; None if that is not certain.
        frame: Where the camera is; None if that is not known.
        outlines: What to draw over the image.
    """

    stamp_ns: int
    condition: Condition
    reason: str
    paper: PaperEstimate | None = None
    frame: FrameEstimate | None = None
    outlines: Outlines = Outlines()
