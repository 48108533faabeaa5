"""How an episode of a simulation begins."""

from dataclasses import dataclass

import numpy as np

from so101_ros.epoch import RESET_GAP_S
from so101_ros.pose import PlanarPose
from so101_ros.rates import Rates


@dataclass(frozen=True, slots=True)
class Episode:
    """How an episode began.

    Attributes:
        number: Counted from 1 since the simulation started.
        seed: What everything random in it was drawn with.
        reset_ns: When arm and sheet were put in their places, in [ns].
        start_ns: Stamp of its first observation, in [ns]: the first policy tick at which joints and
            an image had arrived.
        paper: Where the sheet lay.
    """

    number: int
    seed: int
    reset_ns: int
    start_ns: int
    paper: PlanarPose


def reset_gap_ticks(tick: int, rates: Rates) -> int:
    """Length of a reset: at least ``RESET_GAP_S``, up to the next whole second.

    On whole seconds the stamps of every episode differ by the same whole nanoseconds, and policy
    ticks fall on its first stamp: the same seed gives the same numbers, whenever it begins.

    Args:
        tick: Control ticks so far.
        rates: The system's rates.

    Returns:
        Control ticks that pass unobserved.
    """
    earliest = tick + RESET_GAP_S * rates.control_hz
    return int(np.ceil(earliest / rates.control_hz)) * rates.control_hz - tick
