"""Parameters of the node that finds the sheet."""

import re
from dataclasses import dataclass

from so101_ros.errors import ConfigError
from so101_ros.nodes.parameters import parameter
from so101_ros.perception.settings import TrackerSettings
from so101_ros.simulation.scene import TRACKED_CAMERA

_DEFAULT = TrackerSettings()
_CAMERA_NAME = re.compile(r"[A-Za-z]\w*(/[A-Za-z]\w*)*")


@dataclass(frozen=True)
class TrackerParameters:
    """Which camera, what is expected of it, and how long a pose outlives its sight."""

    camera: str = parameter(TRACKED_CAMERA, "Camera to look through: the images of camera/<name>")
    camera_position: tuple[float, ...] = parameter(
        _DEFAULT.camera_position, "About where the camera is in world: x, y, z [m]"
    )
    camera_heading: float = parameter(
        _DEFAULT.camera_heading,
        "Direction in world that is up in the image, to 45 degrees [rad]",
        minimum=-3.1416,
        maximum=3.1416,
    )
    camera_tolerance: float = parameter(
        _DEFAULT.camera_tolerance, "How far from there the camera may be found [m]", minimum=0.001
    )
    paper_thickness: float = parameter(
        _DEFAULT.paper_thickness, "Height of the sheet's upper face [m]", minimum=0.0, maximum=0.01
    )
    forget_camera: bool = parameter(
        False,
        "Whether the camera may hang elsewhere after a gap in the images, as in a simulation that "
        "draws its place; it is then located anew",
    )
    anchor_frames: int = parameter(
        _DEFAULT.anchor_frames, "Images that the camera's place is averaged over", minimum=1
    )
    bump_frames: int = parameter(
        _DEFAULT.bump_frames, "Images in a row that tell that the camera was moved", minimum=1
    )
    bump_px: float = parameter(
        _DEFAULT.bump_px,
        "Shift of the frame that means that the camera was moved [px of an image 320 wide]",
        minimum=0.1,
    )
    least_visible: float = parameter(
        _DEFAULT.least_visible,
        "Share of the sheet that must be seen for a pose",
        minimum=0.05,
        maximum=1.0,
    )
    frozen_s: float = parameter(
        _DEFAULT.frozen_s,
        "Time after which an image that repeats pixel by pixel is called frozen; 0 for never [s]",
        minimum=0.0,
    )
    hold_s: float = parameter(
        _DEFAULT.hold_s,
        "How long the last pose is held while the sheet is hidden [s]",
        minimum=0.0,
        maximum=5.0,
        live=True,
    )
    image_rate_hz: float = parameter(
        10.0, "Most annotated images per second", minimum=0.1, maximum=1000.0, live=True
    )
    jpeg_quality: int = parameter(
        90, "Quality of the annotated JPEG images", minimum=1, maximum=100, live=True
    )

    def __post_init__(self) -> None:
        """Refuse what a range cannot.

        Raises:
            ConfigError: If the camera's name is none, or the tracker refuses its settings.
        """
        if not _CAMERA_NAME.fullmatch(self.camera):
            raise ConfigError(
                f"parameter camera={self.camera!r} is not allowed: give the name between 'camera/' "
                "and '/image_raw', such as top"
            )
        _ = self.settings

    @property
    def settings(self) -> TrackerSettings:
        """What the tracker is told."""
        return TrackerSettings(
            camera_position=self.camera_position,  # type: ignore[arg-type]  # it checks the length
            camera_heading=self.camera_heading,
            camera_tolerance=self.camera_tolerance,
            paper_thickness=self.paper_thickness,
            anchor_frames=self.anchor_frames,
            bump_frames=self.bump_frames,
            bump_px=self.bump_px,
            hold_s=self.hold_s,
            frozen_s=self.frozen_s,
            least_visible=self.least_visible,
        )
