"""Times of GR00T's answers."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from so101_ros.arm import HOME_Q
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.provider import GrootProvider

CALLS = 80
"""Over which a median is taken; each ends when the GPU is done."""

_WARM_UPS = 10
_SEED = 1
_IMAGE = (240, 320, 3)  # as the cameras deliver


@dataclass(frozen=True)
class Variant:
    """One way to run the network.

    Attributes:
        name: What it is.
        actions: What it answers from the noise of the seed.
        median_ms: From collated tensors to actions on the CPU.
        first_use_s: Until its first answer.
        peak_mib: Most memory that PyTorch held on the GPU.
    """

    name: str
    actions: Any
    median_ms: float
    first_use_s: float
    peak_mib: float


def time_requests(provider: GrootProvider, profile: EmbodimentProfile) -> float:
    """Time answers to the cameras' images.

    Args:
        provider: Who answers.
        profile: The profile.

    Returns:
        The median in [ms].
    """
    random = np.random.default_rng(_SEED)
    images = {name: random.integers(0, 256, _IMAGE, np.uint8) for name in profile.cameras}

    def ask() -> None:
        profile.targets(provider.infer(profile.request(images, HOME_Q)), HOME_Q)

    return median_ms(ask)


def median_ms(call: Callable[[], Any]) -> float:
    """Time a call that returns when all is done.

    Args:
        call: The call.

    Returns:
        The median in [ms], after warming up.
    """
    times_s = []
    for _ in range(_WARM_UPS + CALLS):
        began_s = time.perf_counter()
        call()
        times_s.append(time.perf_counter() - began_s)
    return 1e3 * statistics.median(times_s[_WARM_UPS:])
