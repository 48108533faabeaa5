"""The coarse part of an image: how it changes over tens of pixels and more.

Only a few coefficients of the Fourier transform are needed, so they are computed as products with a
few waves, which is exact and cheaper than the whole transform.
"""

from functools import lru_cache

import numpy as np


def coarse_spectrum(image: np.ndarray, reach: int) -> np.ndarray:
    """Compute the Fourier coefficients of up to ``reach`` cycles per image, along both axes.

    The image is real, so the coefficients of (-u, -v) are the conjugates of those of (u, v), and
    half of them is enough.

    Args:
        image: Shape (height, width, channels).
        reach: Largest number of cycles, in [0, (shorter side - 1) / 2].

    Returns:
        Coefficients, divided by the number of pixels, so that they are in units of the pixel and
        independent of the image's size. First axis: -reach to reach cycles from top to bottom;
        second axis: 0 to reach cycles from left to right. Shape (2 reach + 1, reach + 1,
        channels), complex64.
    """
    height, width, _ = image.shape
    down, across = _waves(height, reach), _waves(width, reach)[reach:]
    planes = np.ascontiguousarray(image.transpose(2, 0, 1), dtype=np.float32)
    spectrum = down @ (planes @ across.T) / np.float32(height * width)
    return spectrum.transpose(1, 2, 0)


def coarse_image(spectrum: np.ndarray, height: int, width: int) -> np.ndarray:
    """Sum up the waves of a spectrum: the inverse of :func:`coarse_spectrum`.

    Args:
        spectrum: As :func:`coarse_spectrum` returns it. Shape (2 reach + 1, reach + 1, channels).
        height: Of the image in [px].
        width: Of the image in [px].

    Returns:
        Shape (height, width, channels), float32.
    """
    reach = spectrum.shape[1] - 1
    down, across = _waves(height, reach).conj(), _waves(width, reach)[reach:].conj()
    twice = np.full(reach + 1, 2.0, np.float32)  # for the half that is left out
    twice[0] = 1.0
    rows = down.T @ (spectrum.transpose(2, 0, 1) * twice)
    planes = rows.real @ across.real - rows.imag @ across.imag
    return planes.transpose(1, 2, 0)


@lru_cache(maxsize=32)
def _waves(count: int, reach: int) -> np.ndarray:
    """exp(-2 pi i k n / count) for -reach to reach cycles k. Shape (2 reach + 1, count)."""
    cycles = np.arange(-reach, reach + 1)[:, np.newaxis] * np.arange(count)
    waves = np.exp(-2j * np.pi * (cycles % count) / count).astype(np.complex64)
    waves.setflags(write=False)
    return waves
