"""What one number of a scene may be.

Every distribution turns a number that is uniform in [0, 1) into a value (its quantile), so that a
wider range moves the draws of a seed and does not shuffle them.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Protocol

from so101_ros.errors import ConfigError

Value = float | int | str | bool | tuple[float, ...]
"""What an entry of a scene holds."""


class Distribution(Protocol):
    """Where a value comes from."""

    def at(self, share: float) -> Value:
        """The value that this share of all draws lies below.

        Args:
            share: In [0, 1).
        """
        ...

    @property
    def extremes(self) -> tuple[Value, ...]:
        """The values to try when the others shall be allowed, too."""
        ...

    def to_dict(self) -> Any:
        """Plain data, as a scene's file has it."""
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value of a range is as likely.

    Attributes:
        low: Smallest value.
        high: Largest value.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse an empty range.

        Raises:
            ConfigError: If the ends are not finite or not in order.
        """
        _check_range("uniform", self.low, self.high)

    @property
    def extremes(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    def at(self, share: float) -> float:
        """The value that this share of all draws lies below."""
        return self.low + share * (self.high - self.low)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"uniform": [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Every factor is as likely: as often between 0.5 and 1 as between 1 and 2.

    Attributes:
        low: Smallest value; above 0.
        high: Largest value.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a range that is empty or has no logarithm.

        Raises:
            ConfigError: If the ends are not finite, not in order or not above 0.
        """
        _check_range("log_uniform", self.low, self.high)
        if self.low <= 0.0:
            raise ConfigError(f"log_uniform must begin above 0, got {self.low:g}")

    @property
    def extremes(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    def at(self, share: float) -> float:
        """The value that this share of all draws lies below."""
        return self.low * (self.high / self.low) ** share

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"log_uniform": [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class Normal:
    """The bell curve, cut off at both sides.

    Attributes:
        mean: Its middle, before it is cut.
        std: Its standard deviation, before it is cut; above 0.
        low: Smallest value.
        high: Largest value.
    """

    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a curve that is none, or whose middle is cut off.

        Raises:
            ConfigError: If that is so.
        """
        _check_range("within", self.low, self.high)
        if not 0.0 < self.std < math.inf:
            raise ConfigError(f"normal must have a deviation above 0 and finite, got {self.std:g}")
        if not self.low <= self.mean <= self.high:
            raise ConfigError(
                f"normal must have its mean within [{self.low:g}, {self.high:g}], got {self.mean:g}"
            )

    @property
    def extremes(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    def at(self, share: float) -> float:
        """The value that this share of all draws lies below."""
        curve = NormalDist(self.mean, self.std)
        below, above = curve.cdf(self.low), curve.cdf(self.high)
        whole = below + share * (above - below)
        if not 0.0 < whole < 1.0:  # where the curve has no width that a float can tell
            return self.low if share < 0.5 else self.high
        return min(max(curve.inv_cdf(whole), self.low), self.high)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"normal": [self.mean, self.std], "within": [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, each as likely.

    Attributes:
        options: What can be chosen, at least one; naming one twice makes it twice as likely.
    """

    options: tuple[Value, ...]

    def __post_init__(self) -> None:
        """Refuse to choose from nothing.

        Raises:
            ConfigError: If there is no option.
        """
        if not self.options:
            raise ConfigError("choice must have at least one option, got none")

    @property
    def extremes(self) -> tuple[Value, ...]:
        """All of them."""
        return self.options

    def at(self, share: float) -> Value:
        """The option that this share of all draws stands before."""
        return self.options[int(share * len(self.options))]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"choice": [plain(option) for option in self.options]}


@dataclass(frozen=True, slots=True)
class Integer:
    """Every whole number of a range is as likely.

    Attributes:
        low: Smallest one.
        high: Largest one.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        """Refuse an empty range.

        Raises:
            ConfigError: If the ends are not in order.
        """
        _check_range("integer", self.low, self.high)

    @property
    def extremes(self) -> tuple[int, int]:
        """Both ends."""
        return self.low, self.high

    def at(self, share: float) -> int:
        """The number that this share of all draws lies below."""
        return self.low + int(share * (self.high - self.low + 1))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"integer": [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class _Constant:
    """The same in every episode.

    Attributes:
        value: What it is.
    """

    value: Value

    @property
    def extremes(self) -> tuple[Value]:
        """The one value."""
        return (self.value,)

    def at(self, share: float) -> Value:
        """The one value."""
        del share  # Unused: nothing is left to chance.
        return self.value


class Hidden(_Constant):
    """The same in every episode, but nothing that a policy may know."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as a scene's file has it."""
        return {"hidden": plain(self.value)}


class Fixed(_Constant):
    """The same in every episode, beside others that are drawn; policies may know it."""

    __slots__ = ()

    def to_dict(self) -> Value:
        """Plain data, as a scene's file has it."""
        return self.value


def plain(value: Any) -> Any:
    """Turn tuples into lists, all the way down, as JSON and YAML read them back."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _check_range(name: str, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ConfigError(f"{name} must be [low, high] with low <= high, got [{low:g}, {high:g}]")
