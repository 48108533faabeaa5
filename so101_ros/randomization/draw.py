"""One entry of a scene that differs from episode to episode."""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from so101_ros.randomization.distributions import Distribution, Value


@dataclass(frozen=True, slots=True)
class Draw:
    """Where the value of an entry comes from.

    What is drawn depends on the seed and the entry's path alone: another entry that is drawn, too,
    changes nothing here, and tiers that draw from the same range draw the same.

    Attributes:
        section: Part of the scene, such as ``contact``.
        name: The entry in it, such as ``tip_friction``.
        parts: One distribution, or one for each number of an entry that has several.
        each: Whether each part is a number of its own.
    """

    section: str
    name: str
    parts: tuple[Distribution, ...]
    each: bool = False

    @property
    def path(self) -> str:
        """Where the entry stands in the scene."""
        return f"{self.section}.{self.name}"

    def value(self, seed: int) -> Value:
        """Draw the entry.

        Args:
            seed: Seed of the episode.
        """
        stream = np.random.default_rng([seed, zlib.crc32(self.path.encode())])
        shares = stream.random(len(self.parts)).tolist()
        values = tuple(part.at(share) for part, share in zip(self.parts, shares, strict=True))
        return values if self.each else values[0]  # pyright: ignore[reportReturnType]

    def to_dict(self) -> Any:
        """Plain data, as a scene's file has it."""
        plain_parts = [part.to_dict() for part in self.parts]
        if not self.each or all(part == plain_parts[0] for part in plain_parts):
            return plain_parts[0]
        return plain_parts
