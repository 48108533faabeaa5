"""Make a filter from the text that names it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from so101_ros.adaptation.colour_transfer import ColourTransfer
from so101_ros.adaptation.filter_text import FilterWords, read_filter_text
from so101_ros.adaptation.fourier_amplitude import DEFAULT_BETA, FourierAmplitude
from so101_ros.adaptation.image_filter import FilterChain, ImageFilter
from so101_ros.adaptation.network import Network
from so101_ros.adaptation.network_filter import NetworkFilter
from so101_ros.adaptation.photo_style import PhotoStyle
from so101_ros.errors import So101Error


def make_filter(text: str, size: tuple[int, int] = (320, 240)) -> FilterChain:
    """Make a filter, and try it, so that what does not fit shows before the first image.

    Args:
        text: Names it; see :mod:`so101_ros.adaptation.filter_text`.
        size: Width and height in [px] of the gray image that it is tried on.

    Raises:
        So101Error: A ConfigError if the text names no filter or a number is out of range, an
            AssetError if a file does not exist or does not fit, an ObservationError if images of
            that size cannot be filtered; the message begins with the text.
    """
    width, height = size
    words = read_filter_text(text)
    try:
        chain = FilterChain([_MAKERS[each.kind](each) for each in words])
        chain(np.full((height, width, 3), 128, np.uint8))
    except So101Error as err:
        raise type(err)(f"image filter {text!r}: {err}") from err
    return chain


def _make_colour(words: FilterWords) -> ImageFilter:
    return ColourTransfer(*_load_styles(words), words.number("strength", 1.0))


def _make_fourier(words: FilterWords) -> ImageFilter:
    return FourierAmplitude(*_load_styles(words), words.number("beta", DEFAULT_BETA))


def _make_network(words: FilterWords) -> ImageFilter:
    return NetworkFilter(Network(Path(words.file)))


def _load_styles(words: FilterWords) -> tuple[PhotoStyle, PhotoStyle | None]:
    """The style of the photos, and that of simulated images, if one is given."""
    source = words.options.get("from")
    style = PhotoStyle.load(Path(words.file))
    return style, None if source is None else PhotoStyle.load(Path(source))


_MAKERS: dict[str, Callable[[FilterWords], ImageFilter]] = {
    "colour": _make_colour,
    "fourier": _make_fourier,
    "network": _make_network,
}
