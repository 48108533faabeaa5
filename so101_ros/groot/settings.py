"""Which model is asked, through which profile."""

import os
from dataclasses import dataclass
from pathlib import Path

from so101_ros.errors import ConfigError
from so101_ros.groot.chunk_plan import Timing
from so101_ros.groot.speed.optimize import Optimize

TOKEN_VARIABLE = "SO101_GROOT_TOKEN"
"""Environment variable of the server's token: a command line can be read by everybody."""

DEFAULT_ADDRESS = "tcp://127.0.0.1:5555"


@dataclass(frozen=True, slots=True)
class GrootSettings:
    """Profile and provider.

    Attributes:
        profile: Name of a profile, or its YAML file.
        provider: ``tcp://HOST:PORT`` of a server, ``local:FOLDER`` of a checkpoint, or
            ``replay:FILE`` of recorded answers.
        timing: What an answer that comes late is worth.
        timeout_s: How long a server may take for an answer, in [s].
        allow_mismatch: Whether a model that does not fit the profile may move the arm.
        unsafe_pickle: Whether to speak to servers of a format that can run code here.
        optimize: How a local model is made fast.
    """

    profile: str = "paper_return"
    provider: str = DEFAULT_ADDRESS
    timing: Timing = Timing.ALIGNED
    timeout_s: float = 2.0
    allow_mismatch: bool = False
    unsafe_pickle: bool = False
    optimize: Optimize = Optimize.NONE

    def __post_init__(self) -> None:
        """Refuse what names no provider.

        Raises:
            ConfigError: If a setting is not allowed, or a named file does not exist.
        """
        if not self.timeout_s > 0.0:
            raise ConfigError(f"timeout_s must be above 0 s, got {self.timeout_s}")
        kind, _, place = self.provider.partition(":")
        if kind not in ("tcp", "local", "replay") or not place:
            raise ConfigError(
                f"GR00T provider {self.provider!r} is unknown. Allowed: tcp://HOST:PORT (a "
                "server), local:FOLDER (a checkpoint), replay:FILE (recorded answers)"
            )
        if kind != "tcp" and not Path(os.path.expanduser(place)).exists():
            raise ConfigError(f"GR00T provider {self.provider!r}: there is no {place}")
