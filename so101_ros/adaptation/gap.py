"""The gap between simulated images and photos, before and after a filter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from so101_ros.adaptation.frechet import frechet_distance
from so101_ros.errors import ConfigError

LEAST_IMAGES = 4
"""Of each kind; the photos are also compared with each other, half by half."""

_LEVEL = 0.95
_HALVINGS = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        value: The figure.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap, in squared units of the features.

    Attributes:
        before: Between the simulated images and the photos.
        after: Between the filtered simulated images and the photos; None without a filter.
        halves: Between two halves of the photos, on average: the gap of what is alike. As half the
            number of images is looked at, it is an upper bound.
    """

    before: Estimate
    after: Estimate | None
    halves: float


@dataclass(frozen=True, slots=True)
class FeatureSets:
    """The features of three sets of images.

    Attributes:
        simulated: Shape (n, d).
        filtered: The same images, filtered. Shape (n, d); None without a filter.
        photos: Shape (m, d).

    Raises:
        ConfigError: If there are too few images.
    """

    simulated: np.ndarray
    filtered: np.ndarray | None
    photos: np.ndarray

    def __post_init__(self) -> None:
        """Check the numbers of images."""
        for name, rows in (("simulated images", self.simulated), ("photos", self.photos)):
            if len(rows) < LEAST_IMAGES:
                raise ConfigError(f"need at least {LEAST_IMAGES} {name}, got {len(rows)}")

    @classmethod
    def of(
        cls,
        simulated: Sequence[np.ndarray],
        filtered: Sequence[np.ndarray] | None,
        photos: Sequence[np.ndarray],
    ) -> "FeatureSets":
        """Put the features of images together. Shape (d,) each."""
        rows = None if filtered is None else np.array(filtered)
        return cls(np.array(simulated), rows, np.array(photos))

    def columns(self, which: slice) -> "FeatureSets":
        """Only some of the features."""
        filtered = None if self.filtered is None else self.filtered[:, which]
        return FeatureSets(self.simulated[:, which], filtered, self.photos[:, which])


def measure_gap(sets: FeatureSets, resamples: int) -> Gap:
    """Compare simulated images with photos.

    Intervals are from the bootstrap over images (B. Efron, 1979): images are drawn anew from both
    folders, an image and its filtered one together. A set with repeated images looks less varied,
    so resampled distances are too large; the *basic* interval, 2 value - quantiles, takes that off.

    Args:
        sets: Their features.
        resamples: How often images are drawn anew, at least 2.
    """
    value = _distances(sets)
    drawn = np.array([_distances(each) for each in _resample(sets, resamples)])
    before = _basic(value[0], drawn[:, 0])
    halves = _distance_of_halves(sets.photos)
    if sets.filtered is None:
        return Gap(before, None, halves)
    return Gap(before, _basic(value[1], drawn[:, 1]), halves)


def _distances(sets: FeatureSets) -> list[float]:
    return [
        frechet_distance(rows, sets.photos)
        for rows in (sets.simulated, sets.filtered)
        if rows is not None
    ]


def _resample(sets: FeatureSets, count: int) -> Iterator[FeatureSets]:
    rng = np.random.default_rng(0)
    for _ in range(count):
        rows = rng.integers(len(sets.simulated), size=len(sets.simulated))
        photos = rng.integers(len(sets.photos), size=len(sets.photos))
        filtered = None if sets.filtered is None else sets.filtered[rows]
        yield FeatureSets(sets.simulated[rows], filtered, sets.photos[photos])


def _basic(value: float, drawn: np.ndarray) -> Estimate:
    low, high = 2.0 * value - np.quantile(drawn, _tails())[::-1]
    return Estimate(value, max(0.0, float(low)), max(0.0, float(high)))


def _tails() -> tuple[float, float]:
    return (1.0 - _LEVEL) / 2.0, (1.0 + _LEVEL) / 2.0


def _distance_of_halves(photos: np.ndarray) -> float:
    rng = np.random.default_rng(0)
    middle = len(photos) // 2
    orders = (rng.permutation(len(photos)) for _ in range(_HALVINGS))
    return float(
        np.mean([frechet_distance(photos[rows[:middle]], photos[rows[middle:]]) for rows in orders])
    )
