"""Give an image the colours of photos.

E. Reinhard, M. Ashikhmin, B. Gooch, P. Shirley: Color Transfer between Images. IEEE Computer
Graphics and Applications 21(5), 2001: in a space of lightness and opponent colours, shift and scale
each channel so that its mean and standard deviation are those of the other image. The space is CIE
L*a*b* instead of the paper's l-alpha-beta, whose logarithm has no value for a black pixel.

Nothing more robust than mean and deviation is used, on purpose: a rendered table is so even that
its quartiles coincide, so a scale from them is none, and matching whole histograms turns the colour
of a thing into that of whatever photos have as much of.
"""

import numpy as np

from so101_ros.adaptation.colour_space import LabStatistics, from_lab, to_lab
from so101_ros.adaptation.image_filter import check_image, to_pixels
from so101_ros.adaptation.photo_style import PhotoStyle
from so101_ros.errors import ConfigError

MAX_GAIN = 4.0
"""Largest factor on contrast, and its inverse the smallest: what is even must not become noise."""


class ColourTransfer:
    """Shift and scale colours; an :class:`~so101_ros.adaptation.image_filter.ImageFilter`.

    By default an image is brought from *its own* statistics to those of the photos, as in the
    paper. So the colour of the table depends a little on how much of the arm is seen. With
    ``source``, all images are brought from the statistics of a folder of simulated images to those
    of the photos: one fixed map of colours, and what differs between two images keeps differing.
    """

    def __init__(
        self, style: PhotoStyle, source: PhotoStyle | None = None, strength: float = 1.0
    ) -> None:
        """Prepare.

        Args:
            style: Of the photos.
            source: Of simulated images; None to measure each image by itself.
            strength: Share of the way from the image to the photos, in [0, 1].

        Raises:
            ConfigError: If the strength is out of range.
        """
        if not 0.0 <= strength <= 1.0:
            raise ConfigError(f"strength must be from 0 to 1, got {strength}")
        self._to = style.colours
        self._from = None if source is None else source.colours
        self._strength = strength

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Filter an image; see :class:`~so101_ros.adaptation.image_filter.ImageFilter`."""
        check_image(rgb)
        lab = to_lab(rgb)
        gain, offset = self._map(self._from or LabStatistics.of(lab))
        return to_pixels(from_lab(lab * gain + offset))

    def _map(self, source: LabStatistics) -> tuple[np.ndarray, np.ndarray]:
        """Find factor and summand of each channel. Shape (3,) each, float32."""
        least = self._to.std / MAX_GAIN  # of the image's deviation, which may be zero
        ratio = np.ones(3)
        np.divide(self._to.std, np.maximum(source.std, least), out=ratio, where=self._to.std > 0.0)
        full_gain = np.maximum(ratio, 1.0 / MAX_GAIN)
        gain = 1.0 + self._strength * (full_gain - 1.0)
        offset = self._strength * (self._to.mean - full_gain * source.mean)
        return gain.astype(np.float32), offset.astype(np.float32)
