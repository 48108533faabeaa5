"""Between the simulator's own state and ROS messages."""

import array
import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from std_msgs.msg import Float64MultiArray, String

from so101_ros.errors import ConfigError, ObservationError
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.episode import Episode

_Read = TypeVar("_Read")


class AnnouncedEpisode(NamedTuple):
    """What everybody is told of an episode when it begins.

    Attributes:
        number: Counted from 1 since the simulation started.
        seed: What the start was drawn with.
        reset_ns: When arm and sheet were put in their places, in [ns].
        start_ns: Stamp of its first observation, in [ns].
    """

    number: int
    seed: int
    reset_ns: int
    start_ns: int


def state_to_ros(stamp_ns: int, state: np.ndarray) -> Float64MultiArray:
    """Write a physics state behind its stamp in [s].

    Args:
        stamp_ns: Simulated time in [ns].
        state: MuJoCo's full physics state. Shape (n,).
    """
    data = array.array("d", [stamp_ns / NANOSECONDS])
    data.frombytes(state.tobytes())
    return Float64MultiArray(data=data)


def state_from_ros(msg: Float64MultiArray) -> tuple[int, np.ndarray]:
    """Read a physics state.

    Returns:
        The stamp in [ns] and the state. Shape (n,).

    Raises:
        ObservationError: If the message is empty or not finite.
    """
    numbers = np.array(msg.data)
    if len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ObservationError(
            f"a physics state must be a stamp in s and finite numbers, got {len(numbers)} numbers"
        )
    return round(float(numbers[0]) * NANOSECONDS), numbers[1:]


def scene_to_ros(episode: Episode, config: SceneConfig) -> String:
    """Write how an episode began and what the scene is made of, as JSON."""
    scene = {
        "seed": episode.seed,
        "episode": episode.number,
        "reset_ns": episode.reset_ns,
        "epoch_ns": episode.start_ns,
        "scene": config.to_dict(),
    }
    return String(data=json.dumps(scene))


def scene_from_ros(msg: String) -> SceneConfig:
    """Read what the scene is made of.

    Raises:
        ConfigError: If the text does not describe a scene.
    """
    return _read(msg, lambda data: SceneConfig.from_dict(data["scene"]))


def episode_from_ros(msg: String) -> AnnouncedEpisode:
    """Read how an episode began.

    Raises:
        ConfigError: If the text does not describe a scene.
    """
    return _read(
        msg,
        lambda data: AnnouncedEpisode(
            int(data["episode"]), int(data["seed"]), int(data["reset_ns"]), int(data["epoch_ns"])
        ),
    )


def _read(msg: String, pick: Callable[[Any], _Read]) -> _Read:
    try:
        return pick(json.loads(msg.data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        raise ConfigError(f"not a scene description ({err!r}): {msg.data[:200]!r}") from err
