"""What can be chosen about the tracker."""

import math
from dataclasses import dataclass

from so101_ros.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """How the sheet is tracked.

    Attributes:
        camera_position: About where the camera is in ``world``, in [m]: x, y, z.
        camera_heading: Direction in ``world`` that is up in the image, in [rad], to 45 degrees. The
            frame looks the same after half a turn; this tells which way round it is.
        camera_tolerance: How far from there the camera may be found, in [m].
        paper_thickness: Height of the sheet's upper face over the table, in [m].
        anchor_frames: Frames with a clear view of the tape that the camera's pose is averaged over.
        bump_frames: Frames in a row that must show a moved camera before it is located anew.
        bump_px: Shift of the frame in the image that means that the camera has moved, in [px] of an
            image 320 wide.
        hold_s: How long the last pose is held while the sheet cannot be located, in [s].
        frozen_s: How long an image may repeat without being called frozen, in [s]; 0 for ever, as
            a noiseless simulated camera over a scene at rest needs it.
        least_visible: Share of the sheet that must be seen for a pose. With less than that, what is
            white and half hidden may be anything: measured on rendered views.
    """

    camera_position: tuple[float, float, float] = (0.275, 0.175, 0.40)
    camera_heading: float = 0.0
    camera_tolerance: float = 0.12
    paper_thickness: float = 0.001
    anchor_frames: int = 10
    bump_frames: int = 3
    bump_px: float = 0.8
    hold_s: float = 0.5
    frozen_s: float = 1.0
    least_visible: float = 0.45

    def __post_init__(self) -> None:
        """Refuse settings that cannot work.

        Raises:
            ConfigError: If a value is outside its range.
        """
        for name in ("camera_tolerance", "bump_px"):
            value = getattr(self, name)
            if not 0.0 < value < math.inf:
                raise ConfigError(f"{name} must be above 0 and finite, got {value}")
        for name in ("paper_thickness", "hold_s", "frozen_s"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ConfigError(f"{name} must be at least 0 and finite, got {value}")
        for name in ("anchor_frames", "bump_frames"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0.0 < self.least_visible <= 1.0:
            raise ConfigError(f"least_visible must be in (0, 1], got {self.least_visible}")
        if not (
            len(self.camera_position) == 3
            and all(map(math.isfinite, (*self.camera_position, self.camera_heading)))
            and self.camera_position[2] > 0.0
        ):
            raise ConfigError(
                "camera_position must be x, y, z in m with z above 0 and camera_heading finite, "
                f"got {self.camera_position} and {self.camera_heading}"
            )
