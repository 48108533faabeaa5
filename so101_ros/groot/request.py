"""What a GR00T model is asked, and what it answers, in the model's own keys and units.

Keys are bare: ``image_cam_0``, not ``video.image_cam_0``; each wire dialect adds what it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GrootAnswer = dict[str, np.ndarray]
"""Joint targets, or offsets, in the model's units, by action key. Shape (steps, dimension) each."""


@dataclass(frozen=True, slots=True, eq=False)
class GrootRequest:
    """One observation for the model.

    Attributes:
        video: RGB pixels by video key. Shape (height, width, 3) each, uint8.
        state: Joint positions in the model's units by state key. Shape (dimension,) each, float32.
        prompt: What the model is told to do.
    """

    video: Mapping[str, np.ndarray]
    state: Mapping[str, np.ndarray]
    prompt: str
