"""Everything that can go wrong, one class per cause.

Each message says what was given, what is allowed and what to do about it. Commands turn a
:class:`So101Error` into one line on standard error and exit code 2.
"""


class So101Error(Exception):
    """Base of every error that a user can act on."""


class ConfigError(So101Error):
    """A setting is unknown, malformed or outside its allowed range."""


class AssetError(So101Error):
    """A file that the package needs does not exist or cannot be read."""


class ModelError(So101Error):
    """A robot model lacks something that the SO-101 contract requires."""


class CommandError(So101Error):
    """A command is refused whole: non-finite, wrong length, wrong names or stale."""


class ObservationError(So101Error):
    """A measurement is incomplete or malformed."""


class SimulationError(So101Error):
    """The physics has become unstable; what comes after is no motion of anything."""


class PolicyUnavailable(So101Error):
    """A policy has no answer for this observation; the arm must hold, not guess."""


class RenderError(So101Error):
    """Images cannot be rendered on this machine."""


class RecordingError(So101Error):
    """A recording cannot be written or read."""


class GraphError(So101Error):
    """A running graph failed: a node ended, fell silent or refused a request."""


class EvaluationError(So101Error):
    """An evaluation cannot be trusted or cannot go on."""


class CalibrationError(So101Error):
    """A camera cannot be calibrated from what it was shown."""


class GrootError(So101Error):
    """A GR00T model or its server does not fit the profile, refuses, or does not answer."""
