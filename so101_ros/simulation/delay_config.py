"""How late everything is; the defaults are in time."""

from dataclasses import dataclass

from so101_ros.simulation.ranges import check_between

LONGEST_S = 0.5
"""More than this and nothing would be in time for anything."""

LONGEST_JOINT_STATE_S = 0.05
LONGEST_COMMAND_S = 0.15
"""Together no more than the 0.2 s after which the arm refuses a command as too old: behind longer
delays it would never move."""


@dataclass(frozen=True, slots=True)
class DelayConfig:
    """Times between the parts of the system, rounded to control ticks.

    Stamps stay true: they say when a thing was measured. The servo's own dead time is in
    :class:`~so101_ros.simulation.physics_config.ServoConfig`.

    Attributes:
        joint_state_s: From the measurement of the joints to the message, in [s], up to 0.05.
        command_s: From a command that is sent to the arm that follows it, in [s], up to 0.15: an
            arm refuses what answers an observation of 0.2 s ago.
        camera_s: From an image's exposure to its message, in [s]; a pose that is read from images
            has it too. Policies are told none that is older than 0.2 s.
        camera_jitter_s: Largest additional delay of an image, uniform from 0, in [s].
        image_loss: Share of the images that never arrive, in [0, 0.95].
        inference_s: From an observation to the answer of the policy, in [s]; it is used at the
            first policy tick that is not earlier.
    """

    joint_state_s: float = 0.0
    command_s: float = 0.0
    camera_s: float = 0.0
    camera_jitter_s: float = 0.0
    image_loss: float = 0.0
    inference_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse delays that are none, or endless.

        Raises:
            ConfigError: If a value is out of range.
        """
        check_between(self, 0.0, LONGEST_JOINT_STATE_S, "joint_state_s")
        check_between(self, 0.0, LONGEST_COMMAND_S, "command_s")
        check_between(self, 0.0, LONGEST_S, "camera_s", "camera_jitter_s", "inference_s")
        check_between(self, 0.0, 0.95, "image_loss")
