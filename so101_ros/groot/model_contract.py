"""What a GR00T checkpoint, or a server that holds one, says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np


class Generation(str, Enum):
    """Releases of GR00T whose checkpoints and wire formats differ."""

    N15 = "n15"
    N16 = "n16"
    N17 = "n17"


@dataclass(frozen=True, slots=True, eq=False)
class ValueRange:
    """Values that the training data had.

    Attributes:
        low: Smallest, in the model's units. Shape (dimension,).
        high: Largest, in the model's units. Shape (dimension,).
    """

    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class ModelContract:
    """Keys and shapes that the model insists on; None where its source does not tell.

    Attributes:
        source: Where this was read: a file or an address.
        generation: The model's release.
        embodiment_tag: Which of the model's robots it is.
        video: Width and height in [px] by video key.
        state: Dimension by state key.
        action: Dimension by action key.
        language_keys: Keys of the prompt.
        horizon: Rows of an answer.
        state_range: What the training data's states were, by state key; empty if unknown.
        action_range: What the training data's actions were, by action key; empty if unknown.
    """

    source: str
    generation: Generation
    embodiment_tag: str | None
    video: Mapping[str, tuple[int, int] | None]
    state: Mapping[str, int | None]
    action: Mapping[str, int | None]
    language_keys: tuple[str, ...] = ()
    horizon: int | None = None
    state_range: Mapping[str, ValueRange] = field(default_factory=dict)
    action_range: Mapping[str, ValueRange] = field(default_factory=dict)
