"""When messages arrived, and what that says of latency and jitter."""

from dataclasses import dataclass

import numpy as np

from so101_ros.errors import RecordingError
from so101_ros.rates import NANOSECONDS


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The messages of one topic, in the order of their arrival.

    Attributes:
        stamps_ns: Their stamps in [ns]. Shape (n,).
        received_ns: When they arrived, on a clock that all topics share, in [ns]. Shape (n,).
    """

    stamps_ns: np.ndarray
    received_ns: np.ndarray


def latencies_ms(causes: Arrivals, effects: Arrivals) -> np.ndarray:
    """Time from a cause to the effect with the same stamp.

    Args:
        causes: Joint states, for example.
        effects: Commands that carry the stamp of the joint state behind them.

    Returns:
        Latencies in [ms], one for each stamp that both have. Shape (n,).

    Raises:
        RecordingError: If there is no such stamp.
    """
    _, first, second = np.intersect1d(causes.stamps_ns, effects.stamps_ns, return_indices=True)
    if len(first) == 0:
        raise RecordingError("no effect carries the stamp of a cause; is anybody answering?")
    return (effects.received_ns[second] - causes.received_ns[first]) / 1e6


def jitter_ms(arrivals: Arrivals, rate_hz: float) -> np.ndarray:
    """How far the periods between arrivals are from the nominal period.

    Args:
        arrivals: The messages of a periodic topic.
        rate_hz: Nominal messages per wall second.

    Returns:
        Absolute deviations in [ms]. Shape (n - 1,).
    """
    return np.abs(np.diff(arrivals.received_ns) - NANOSECONDS / rate_hz) / 1e6


def lateness_ms(arrivals: Arrivals, clock: Arrivals) -> np.ndarray:
    """Simulated time from the stamp of a message to its arrival.

    Args:
        arrivals: The messages of a topic.
        clock: Those of the clock.

    Returns:
        Lateness in [ms] of the messages that arrived while the clock was heard. Shape (n,).

    Raises:
        RecordingError: If there are none.
    """
    first_ns, last_ns = clock.received_ns[0], clock.received_ns[-1]
    heard = (arrivals.received_ns >= first_ns) & (arrivals.received_ns <= last_ns)
    if not heard.any():
        raise RecordingError("nothing arrived while the clock was heard; is the graph running?")
    # The clock stands still between its ticks.
    tick = np.searchsorted(clock.received_ns, arrivals.received_ns[heard], side="right") - 1
    return (clock.stamps_ns[tick] - arrivals.stamps_ns[heard]) / 1e6


def real_time_factor(arrivals: Arrivals) -> float:
    """Simulated time per wall time between the first and the last message."""
    simulated_ns = arrivals.stamps_ns[-1] - arrivals.stamps_ns[0]
    return float(simulated_ns / (arrivals.received_ns[-1] - arrivals.received_ns[0]))
