"""Between the simulator's own state and ROS messages."""

import array
import json

import numpy as np
from std_msgs.msg import Float64MultiArray, String

from so101_ros.errors import ConfigError, ObservationError
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.simulator import Episode


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
        "epoch_ns": episode.start_ns,
        "scene": config.to_dict(),
    }
    return String(data=json.dumps(scene))


def scene_from_ros(msg: String) -> SceneConfig:
    """Read what the scene is made of.

    Raises:
        ConfigError: If the text does not describe a scene.
    """
    try:
        return SceneConfig.from_dict(json.loads(msg.data)["scene"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        raise ConfigError(f"not a scene description ({err!r}): {msg.data[:200]!r}") from err
