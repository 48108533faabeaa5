"""What an embodiment profile must not contradict; messages begin with the name of the entry."""

from collections.abc import Iterable, Mapping, Sequence

from so101_ros.arm import JOINT_NAMES
from so101_ros.errors import ConfigError
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.video_map import VideoMap

_LONGEST_HORIZON = 1000  # rows; released models answer 8 to 50
_FASTEST_HZ = 1000.0


def check_timing(rate_hz: float, horizon: int, execution_steps: int, first_step: int) -> None:
    """Refuse rows that no model answers.

    Args:
        rate_hz: Rows per second.
        horizon: Rows of an answer.
        execution_steps: Rows that are used of it.
        first_step: Which step after the observation row 0 is for.

    Raises:
        ConfigError: If one is outside its allowed range.
    """
    if not 0.0 < rate_hz <= _FASTEST_HZ:
        raise ConfigError(f"rate_hz must be above 0 to {_FASTEST_HZ:g}, got {rate_hz:g}")
    if not 1 <= horizon <= _LONGEST_HORIZON:
        raise ConfigError(f"horizon must be 1 to {_LONGEST_HORIZON}, got {horizon}")
    if not 1 <= execution_steps <= horizon:
        raise ConfigError(
            f"execution_steps must be 1 to the horizon, {horizon}, got {execution_steps}"
        )
    if not 0 <= first_step <= horizon:
        raise ConfigError(f"first_step must be 0 to the horizon, {horizon}, got {first_step}")


def check_names(embodiment_tag: str, language_key: str, generation: Generation) -> None:
    """Refuse names that the model cannot have.

    Args:
        embodiment_tag: Which of the model's robots this is.
        language_key: The model's name of the prompt.
        generation: The model's release.

    Raises:
        ConfigError: If one is empty, or is taken for something else.
    """
    for entry, value in (("embodiment_tag", embodiment_tag), ("language_key", language_key)):
        if not value.strip():
            raise ConfigError(f"{entry} must not be empty")
    if generation is Generation.N15 and "annotation" not in language_key:
        raise ConfigError(
            f"language_key of n15 must contain 'annotation', got {language_key!r}: that release "
            "knows the prompt by this word"
        )


def check_keys(part: str, keys: Iterable[str]) -> None:
    """Refuse keys that no release has, and having none.

    Args:
        part: Entry of the profile.
        keys: The model's names in it.

    Raises:
        ConfigError: If there is none, or one has a prefix.
    """
    keys = tuple(keys)
    if not keys:
        raise ConfigError(f"{part} must have at least one key")
    for key in keys:
        if not key or "." in key:
            raise ConfigError(
                f"{part} has the key {key!r}: write keys bare, such as "
                f"{key.rpartition('.')[2] or 'front'!r}, each release gets its prefix by itself"
            )


def check_cameras(video: Mapping[str, VideoMap], generation: Generation) -> None:
    """Refuse a camera that is shown twice, and sizes that the release cannot mix.

    Args:
        video: Cameras by video key.
        generation: The model's release.

    Raises:
        ConfigError: If so.
    """
    twice = _first_repeated([each.camera for each in video.values()])
    if twice is not None:
        raise ConfigError(
            f"video shows the camera {twice!r} under two keys; each needs a camera of its own"
        )
    sizes = sorted({each.size for each in video.values()})
    if generation is Generation.N15 and len(sizes) > 1:
        raise ConfigError(f"video must have one size for all keys of n15, got {sizes}")


def check_joint_names(part: str, names: Sequence[str], complete: bool) -> None:
    """Refuse joints that the arm lacks, or that are named twice.

    Args:
        part: Entry of the profile.
        names: The joints in it.
        complete: Whether all six must be there.

    Raises:
        ConfigError: If so, or one is missing.
    """
    for name in names:
        if name not in JOINT_NAMES:
            raise ConfigError(f"{part} has no joint {name!r}. Allowed: {', '.join(JOINT_NAMES)}")
    twice = _first_repeated(names)
    if twice is not None:
        raise ConfigError(f"{part} has the joint {twice!r} twice")
    missing = [name for name in JOINT_NAMES if name not in names]
    if complete and missing:
        raise ConfigError(f"{part} lacks {', '.join(missing)}; it must have all six joints")


def _first_repeated(names: Sequence[str]) -> str | None:
    return next((name for index, name in enumerate(names) if name in names[:index]), None)
