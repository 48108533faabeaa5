"""Give an image the coarse light of photos.

Y. Yang, S. Soatto: FDA: Fourier Domain Adaptation for Semantic Segmentation. CVPR 2020: the
amplitudes of an image's lowest frequencies are replaced by those of an image of the other domain,
the phases stay: where things are is kept, how light and colour change over the image is taken over.
The paper draws another photo for every image; here the mean amplitude of all photos is taken, so
that an image always gives the same answer. And a wave that the image does not have stays away: its
phase, which says where it would have to be, is only rounding.

A wave that just this image has little of becomes as strong as in photos all the same, as a blotch
where nothing is. With a folder of simulated images to compare with, each wave is strengthened by
what photos have more of it than simulated images *on average*, and such blotches stay away.
"""

import numpy as np

from so101_ros.adaptation.image_filter import check_image, to_pixels
from so101_ros.adaptation.low_frequencies import coarse_image, coarse_spectrum
from so101_ros.adaptation.photo_style import REACH, PhotoStyle
from so101_ros.errors import ConfigError, ObservationError

DEFAULT_BETA = 0.01
"""Reach of the swap; the paper's smallest, with the fewest artefacts."""

MAX_BETA = 0.1
"""The paper goes to 0.09."""

MAX_GAIN = 4.0
"""Largest factor on a wave, and its inverse the smallest, when compared with simulated images."""

_LEAST_AMPLITUDE = 1e-3  # of a gray level; less is rounding


class FourierAmplitude:
    """Swap amplitudes; an :class:`~so101_ros.adaptation.image_filter.ImageFilter`."""

    def __init__(
        self, style: PhotoStyle, source: PhotoStyle | None = None, beta: float = DEFAULT_BETA
    ) -> None:
        """Prepare.

        Args:
            style: Of the photos.
            source: Of simulated images; None to give each image the amplitudes of the photos.
            beta: Up to which frequency amplitudes are swapped, in cycles per image, as a share of
                the image's shorter side in [px]. In [0, MAX_BETA]; at 0 just the mean colour is.

        Raises:
            ConfigError: If beta is out of range.
        """
        if not 0.0 <= beta <= MAX_BETA:
            raise ConfigError(f"beta must be from 0 to {MAX_BETA:g}, got {beta}")
        self._amplitude = style.amplitude
        self._gain = None if source is None else _gain(style.amplitude, source.amplitude)
        self._beta = beta

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Filter an image; see :class:`~so101_ros.adaptation.image_filter.ImageFilter`."""
        check_image(rgb)
        height, width, _ = rgb.shape
        reach = self._reach(height, width)
        spectrum = coarse_spectrum(rgb, reach)
        if self._gain is None:
            factor = _ratio(_cut(self._amplitude, reach), np.abs(spectrum))
        else:
            factor = _cut(self._gain, reach)
        change = spectrum * (factor - np.float32(1.0))
        return to_pixels(rgb + coarse_image(change, height, width))

    def _reach(self, height: int, width: int) -> int:
        reach = int(self._beta * min(height, width))
        if reach > REACH:
            raise ObservationError(
                f"an image of {width}x{height} px has {reach} cycles up to beta={self._beta:g}, a "
                f"style knows {REACH}. Take a smaller beta"
            )
        return reach


def _gain(wanted: np.ndarray, present: np.ndarray) -> np.ndarray:
    return np.clip(_ratio(wanted, present), 1.0 / MAX_GAIN, MAX_GAIN)


def _ratio(wanted: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Divide amplitudes; the factor of a wave that is not there is 1."""
    factor = np.ones_like(present)
    np.divide(wanted, present, out=factor, where=present > _LEAST_AMPLITUDE)
    return factor


def _cut(amplitude: np.ndarray, reach: int) -> np.ndarray:
    """Only the waves of up to ``reach`` cycles."""
    return amplitude[REACH - reach : REACH + reach + 1, : reach + 1]
