"""What GR00T's transforms do to images, on the GPU."""

# pyright: reportMissingImports=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

_MEAN = _DEVIATION = 127.5  # of 8-bit levels: the backbone's image processor has 0.5 of 0 to 1


@dataclass(frozen=True)
class GpuImages:
    """Crop, resize, quantise and normalise, as the stock transforms do one by one on the CPU.

    The stock resize sums in another order: a level may differ by one.

    Attributes:
        crop: Share of both sides that the middle keeps.
        size: Height and width in [px] that the network looks at.
        device: Where to compute.
    """

    crop: float
    size: tuple[int, int]
    device: torch.device

    def __call__(self, images: Sequence[np.ndarray]) -> torch.Tensor:
        """Prepare the images of one observation.

        Args:
            images: Pixels of every camera. Shape (height, width, 3) each, uint8.

        Returns:
            Shape (images, 3, *size), float32.
        """
        pixels = torch.from_numpy(np.stack(images)).to(self.device, non_blocking=True)
        unit = self._middle(pixels.permute(0, 3, 1, 2)).float() / 255.0
        if unit.shape[-2:] != self.size:
            unit = F.interpolate(
                unit, self.size, mode="bilinear", align_corners=False, antialias=True
            )
        levels = (unit * 255.0).to(torch.uint8)
        return (levels.float() - _MEAN) / _DEVIATION

    def _middle(self, pixels: torch.Tensor) -> torch.Tensor:
        height, width = pixels.shape[-2:]
        inner = int(height * self.crop), int(width * self.crop)
        top, left = round((height - inner[0]) / 2.0), round((width - inner[1]) / 2.0)
        return pixels[..., top : top + inner[0], left : left + inner[1]]
