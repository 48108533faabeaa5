"""Let a learned network redraw an image."""

import numpy as np

from so101_ros.adaptation.image_filter import check_image, to_pixels
from so101_ros.adaptation.network import Network, resize
from so101_ros.errors import AssetError


class NetworkFilter:
    """Redraw images; an :class:`~so101_ros.adaptation.image_filter.ImageFilter`.

    The network's answer must be an image of its input's size, range and channel order, as from any
    network that translates images (CycleGAN, CUT, pix2pix and the like).
    """

    def __init__(self, network: Network) -> None:
        """Keep the network.

        Args:
            network: The network.
        """
        self._network = network

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Filter an image; see :class:`~so101_ros.adaptation.image_filter.ImageFilter`.

        Raises:
            AssetError: If the network does not answer with an image.
        """
        check_image(rgb)
        height, width, _ = rgb.shape
        answer = self._redraw(self._network.fit(rgb))
        if self._network.contract.size is None:
            return to_pixels(answer[:height, :width])
        return to_pixels(resize(answer, (width, height)))

    def _redraw(self, rgb: np.ndarray) -> np.ndarray:
        """Run the network. Shape (height, width, 3), float32."""
        answer = self._network.run(rgb)
        expected = (1, 3, *rgb.shape[:2])
        if answer.shape != expected:
            raise AssetError(
                f"network {self._network.path} answers an image with the shape {answer.shape}; "
                f"needed is {expected}, the shape of its input (see multiple_of and size in "
                f"{self._network.path.with_suffix('.yaml').name})"
            )
        return self._network.pixels(answer[0])
