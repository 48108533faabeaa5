"""An exported network, run by OpenCV."""

import re
from pathlib import Path

import cv2
import numpy as np

from so101_ros.adaptation.network_contract import NetworkContract
from so101_ros.errors import AssetError

# Where there is a choice, the older engine is none: it crashes on networks for images of any size.
_ENGINE = (cv2.dnn.ENGINE_NEW,) if hasattr(cv2.dnn, "ENGINE_NEW") else ()


class Network:
    """An ONNX file with one input: images as float32 of the shape (1, 3, height, width).

    Belongs to one thread.

    Attributes:
        path: The file.
        contract: What it expects.
    """

    def __init__(self, path: Path) -> None:
        """Load the network and the contract beside it.

        Args:
            path: The ONNX file.

        Raises:
            AssetError: If there is no such file, or it is no network that OpenCV can run.
            ConfigError: If the contract is not allowed.
        """
        self.path = path
        if not path.is_file():
            raise AssetError(f"network {path} is not a file. Give an ONNX file")
        self.contract = NetworkContract.load(path)
        self._mean = np.array(self.contract.mean, np.float32)
        self._std = np.array(self.contract.std, np.float32)
        try:
            self._net = cv2.dnn.readNetFromONNX(str(path), *_ENGINE)
        except cv2.error as err:
            raise AssetError(
                f"network {path} cannot be loaded by OpenCV {cv2.__version__}: {_reason(err)}. "
                "Give an ONNX file"
            ) from err

    def run(self, rgb: np.ndarray) -> np.ndarray:
        """Show the network an image.

        Args:
            rgb: RGB pixels of a size that it takes. Shape (height, width, 3), uint8.

        Returns:
            Its answer as it is, float32.

        Raises:
            AssetError: If it fails, or answers with what is not finite.
        """
        height, width, _ = rgb.shape
        try:
            self._net.setInput(self._to_blob(rgb))
            answer = self._net.forward()
        except cv2.error as err:
            raise AssetError(
                f"network {self.path} fails on an image of {width}x{height} px: {_reason(err)}. "
                "It must have one input (1, 3, height, width); say in "
                f"{self.path.with_suffix('.yaml').name} which size"
            ) from err
        if not np.isfinite(answer).all():
            raise AssetError(f"network {self.path} answers with what is not finite")
        return answer

    def fit(self, rgb: np.ndarray) -> np.ndarray:
        """Bring an image to a size that the network takes.

        Args:
            rgb: RGB pixels. Shape (height, width, 3), uint8.

        Returns:
            Scaled to the contract's size; or, if that is any, with the lower and right edge
            mirrored until the sides are multiples of what they must be.
        """
        if self.contract.size is not None:
            return resize(rgb, self.contract.size)
        below, right = (-side % self.contract.multiple_of for side in rgb.shape[:2])
        if not below and not right:
            return rgb
        return np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="symmetric")

    def pixels(self, planes: np.ndarray) -> np.ndarray:
        """Read values that have the range of the input as pixels.

        Args:
            planes: Shape (3, height, width).

        Returns:
            RGB in [0, 255], not rounded. Shape (height, width, 3), float32.
        """
        return self._in_order(planes.transpose(1, 2, 0) * self._std + self._mean) * np.float32(255)

    def _to_blob(self, rgb: np.ndarray) -> np.ndarray:
        values = (self._in_order(rgb) / np.float32(255) - self._mean) / self._std
        return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)

    def _in_order(self, pixels: np.ndarray) -> np.ndarray:
        return pixels if self.contract.channels == "rgb" else pixels[..., ::-1]


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale an image.

    Args:
        image: Shape (height, width, channels).
        size: Width and height in [px].
    """
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    shrinks = size[0] < width or size[1] < height
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _reason(err: cv2.error) -> str:
    """OpenCV's words without its source file and without line breaks."""
    words = " ".join(str(err).split())
    return re.sub(r"^.*? error: (\(.*?\) )?", "", words).removesuffix("'").rstrip(". ")
