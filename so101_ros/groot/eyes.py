"""Who takes the images that a model is shown, in a loop without ROS."""

from typing import NamedTuple, Protocol

import numpy as np


class View(NamedTuple):
    """Images that were taken together.

    Attributes:
        stamp_ns: When, in [ns]; the oldest counts.
        images: RGB pixels by camera. Shape (height, width, 3) each, uint8.
    """

    stamp_ns: int
    images: dict[str, np.ndarray]


class Eyes(Protocol):
    """Somebody who takes images."""

    def begin(self, seed: int) -> None:
        """Begin an episode.

        Args:
            seed: Seed of the episode.
        """
        ...

    def look(self) -> View:
        """Take an image with every camera.

        Raises:
            RenderError: If this machine cannot render.
        """
        ...
