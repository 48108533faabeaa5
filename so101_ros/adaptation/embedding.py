"""What a learned network sees in an image."""

import numpy as np

from so101_ros.adaptation.network import Network
from so101_ros.errors import AssetError


class Embedding:
    """Describe images by the answer of a network, such as a classifier without its last layer.

    An answer of the shape (1, d) is taken as it is, one of the shape (1, d, height, width) is
    averaged over the image.
    """

    def __init__(self, network: Network) -> None:
        """Keep the network.

        Args:
            network: Its contract must say a ``size``, or it must take images of any.
        """
        self._network = network

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Describe an image.

        Args:
            rgb: RGB pixels. Shape (height, width, 3), uint8.

        Returns:
            Shape (d,).

        Raises:
            AssetError: If the network fails, or answers with another shape.
        """
        answer = self._network.run(self._network.fit(rgb))
        if answer.ndim not in (2, 4) or len(answer) != 1:
            raise AssetError(
                f"network {self._network.path} is no embedding: it answers with the shape "
                f"{answer.shape}, allowed are (1, d) and (1, d, height, width)"
            )
        values = answer[0].astype(float)
        return values if values.ndim == 1 else values.mean(axis=(1, 2))
