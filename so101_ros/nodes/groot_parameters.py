"""Parameters of the GR00T node."""

from dataclasses import dataclass

from so101_ros.errors import ConfigError
from so101_ros.groot.chunk_plan import Timing
from so101_ros.groot.settings import GrootSettings
from so101_ros.groot.speed.optimize import Optimize
from so101_ros.nodes.loop_parameters import LoopParameters
from so101_ros.nodes.parameters import parameter

_SETTINGS = GrootSettings()


@dataclass(frozen=True)
class GrootParameters(LoopParameters):
    """Which model is asked, when, and how its answers follow each other."""

    profile: str = parameter(
        _SETTINGS.profile, "What the model was trained with: name of a profile, or its YAML file"
    )
    provider: str = parameter(
        _SETTINGS.provider,
        "Who answers: tcp://HOST:PORT (a server), local:FOLDER (a checkpoint), replay:FILE",
    )
    prompt: str = parameter("", "What the model is told to do; empty for the profile's", live=True)
    timeout_s: float = parameter(
        _SETTINGS.timeout_s, "How long a server may take for an answer [s]", minimum=0.001
    )
    timing: str = parameter(
        Timing.ALIGNED.value,
        "aligned: time goes on while the model thinks; stop_and_go: the arm waits for it",
        choices=tuple(timing.value for timing in Timing),
    )
    execution_steps: int = parameter(
        0,
        "Rows of an answer after which the next is asked for; 0 for the profile's",
        minimum=0,
        live=True,
    )
    fade_s: float = parameter(
        0.1, "Cross-fade between two answers [s]", minimum=0.0, maximum=1.0, live=True
    )
    image_timeout_s: float = parameter(
        0.2, "Age at which images are stale [s]", minimum=0.0, maximum=1.0, live=True
    )
    sync_tolerance_s: float = parameter(
        0.02,
        "How far apart images and joint state of one observation may be [s]",
        minimum=0.0,
        live=True,
    )
    seed: int = parameter(0, "Seed of the episode; told in reports", minimum=0, live=True)
    allow_mismatch: bool = parameter(
        False, "Let a model move the arm that does not fit the profile"
    )
    unsafe_pickle: bool = parameter(
        False, "Speak to servers whose format lets them run any code in this node"
    )
    optimize: str = parameter(
        _SETTINGS.optimize.value,
        "How a local model is made fast on a GPU",
        choices=tuple(each.value for each in Optimize),
    )

    def __post_init__(self) -> None:
        """Refuse what the core would refuse.

        Raises:
            ConfigError: If a setting is not allowed or the rates do not divide.
        """
        super().__post_init__()
        _ = self.model
        if not self.sync_tolerance_s <= self.image_timeout_s:
            raise ConfigError(
                f"sync_tolerance_s={self.sync_tolerance_s} must be at most "
                f"image_timeout_s={self.image_timeout_s}"
            )

    @property
    def model(self) -> GrootSettings:
        """Which model is asked."""
        return GrootSettings(
            self.profile,
            self.provider,
            Timing(self.timing),
            self.timeout_s,
            self.allow_mismatch,
            self.unsafe_pickle,
            Optimize(self.optimize),
        )
