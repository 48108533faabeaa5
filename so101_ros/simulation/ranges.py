"""Checks that the parts of a scene share: each names the field, the value and what is allowed."""

import math
from collections.abc import Iterable

from so101_ros.errors import ConfigError


def check_above_zero(config: object, *names: str) -> None:
    """Refuse fields with an element that is not above zero and finite.

    Args:
        config: Has the fields.
        names: Of fields with one number, or several.

    Raises:
        ConfigError: If an element is out of range.
    """
    for name in names:
        for value in _numbers(getattr(config, name)):
            if not 0.0 < value < math.inf:
                raise ConfigError(f"{name} must be above 0 and finite, got {value}")


def check_between(config: object, low: float, high: float, *names: str) -> None:
    """Refuse fields with an element outside a range; its ends are allowed.

    Args:
        config: Has the fields.
        low: Smallest value that is allowed.
        high: Largest value that is allowed.
        names: Of fields with one number, or several.

    Raises:
        ConfigError: If an element is out of range.
    """
    for name in names:
        for value in _numbers(getattr(config, name)):
            if not low <= value <= high:
                raise ConfigError(f"{name} must be from {low:g} to {high:g}, got {value}")


def _numbers(value: float | Iterable[float]) -> Iterable[float]:
    return value if isinstance(value, Iterable) else (value,)
