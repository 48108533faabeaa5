"""The policy that repeats what another one did."""

import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from so101_ros.arm import NUM_JOINTS
from so101_ros.errors import ConfigError, PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.rates import Rates
from so101_ros.trajectory import JointTrajectory


def trace_path(folder: Path, seed: int) -> Path:
    """File of one recorded episode.

    Args:
        folder: Traces of one policy, as an evaluation leaves them.
        seed: Seed of the episode.
    """
    return folder / f"seed_{seed:06d}.npz"


class ReplayPolicy:
    """Want again, tick by tick, what was wanted in a recorded episode of the same seed."""

    def __init__(self, folder: Path, rates: Rates | None = None) -> None:
        """Look at the recordings; they are read when an episode begins.

        Args:
            folder: Holds an ``.npz`` file for each seed, with joint targets for the end of each
                tick in an array ``actions`` of shape (n, 6), in [rad]; NaN is no answer.
            rates: Length of a policy tick; None for the defaults.

        Raises:
            ConfigError: If there is no recording.
        """
        if not any(folder.glob("seed_*.npz")):
            raise ConfigError(
                f"{folder} holds no recorded episode (seed_*.npz); give a folder such as "
                "out/eval/traces/ik, which so101 eval --policy ik leaves"
            )
        self._folder = folder
        self._tick_s = (rates or Rates()).policy_period_s

    def reset(self, seed: int) -> None:
        """Read the recording of a seed.

        Args:
            seed: Seed of the episode.

        Raises:
            ConfigError: If it was not recorded, or the file is damaged.
        """
        path = trace_path(self._folder, seed)
        if not path.is_file():
            raise ConfigError(f"{self._folder} has no recording of seed {seed} ({path.name})")
        try:
            with np.load(path) as arrays:
                self._actions = np.array(arrays["actions"], dtype=float)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as err:
            raise ConfigError(f"{path} is no recorded episode: {err}") from err
        if self._actions.ndim != 2 or self._actions.shape[1] != NUM_JOINTS:
            raise ConfigError(
                f"{path} has actions of shape {self._actions.shape}, not (n, {NUM_JOINTS})"
            )
        self._tick = 0
        self._previous: np.ndarray | None = None

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer with the next recorded target.

        Raises:
            PolicyUnavailable: If the recording has none for this tick.
        """
        tick, self._tick = self._tick, self._tick + 1
        if tick >= len(self._actions) or np.isnan(self._actions[tick]).any():
            raise PolicyUnavailable(f"the recording has no action for tick {tick}")
        start = observation.joints.q if self._previous is None else self._previous
        self._previous = self._actions[tick]
        return JointTrajectory(
            observation.stamp_ns, np.array([0.0, self._tick_s]), np.array([start, self._previous])
        )
