"""What a network expects and gives, in the small file beside it.

An ONNX file says neither which values pixels become nor in which order the colours are. So beside
``net.onnx`` lies ``net.yaml``::

    mean: [0.5, 0.5, 0.5]   # input = (pixel / 255 - mean) / std, for each channel
    std: [0.5, 0.5, 0.5]    # this mean and std: from -1 to 1
    channels: rgb           # or bgr
    size: any               # or [width, height]: images are scaled to it, answers back
    multiple_of: 4          # with size any: width and height are filled up to multiples of it

All entries but ``mean`` and ``std`` may be left out.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from so101_ros.errors import AssetError, ConfigError

_EXAMPLE = "mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: rgb, size: any, multiple_of: 4"
_ENTRIES = ("mean", "std", "channels", "size", "multiple_of")
_MAX_SIDE = 8192  # [px]
_MAX_MULTIPLE = 256  # [px]; networks halve an image a few times


@dataclass(frozen=True, slots=True)
class NetworkContract:
    """What a network expects.

    Attributes:
        mean: Of each channel, in the order of ``channels``; pixels count from 0 to 1.
        std: Likewise.
        channels: ``rgb`` or ``bgr``.
        size: Width and height in [px]; None for any.
        multiple_of: What width and height must be multiples of, in [px], if any size is allowed.

    Raises:
        ConfigError: If an entry is not allowed.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channels: str = "rgb"
    size: tuple[int, int] | None = None
    multiple_of: int = 1

    def __post_init__(self) -> None:
        """Check every entry."""
        if self.channels not in ("rgb", "bgr"):
            raise ConfigError(f"channels must be rgb or bgr, got {self.channels!r}")
        if not all(value > 0.0 for value in self.std):
            raise ConfigError(f"std must be above 0, got {list(self.std)}")
        if not 1 <= self.multiple_of <= _MAX_MULTIPLE:
            raise ConfigError(f"multiple_of must be 1 to {_MAX_MULTIPLE}, got {self.multiple_of}")
        if self.size is not None and self.multiple_of != 1:
            raise ConfigError("multiple_of is for size: any; leave it out")
        if self.size is not None and not all(1 <= side <= _MAX_SIDE for side in self.size):
            raise ConfigError(f"size must be 1 to {_MAX_SIDE} px a side, got {list(self.size)}")

    @classmethod
    def load(cls, network: Path) -> "NetworkContract":
        """Read the file beside a network.

        Args:
            network: The ONNX file.

        Raises:
            AssetError: If there is no such file.
            ConfigError: If it says what is not allowed.
        """
        path = network.with_suffix(".yaml")
        if not path.is_file():
            raise AssetError(
                f"{path} is missing: it must say what {network.name} expects, such as {_EXAMPLE}"
            )
        try:
            return _read(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as err:
            raise ConfigError(f"{path} is no YAML: {' '.join(str(err).split())}") from err
        except OSError as err:
            raise AssetError(f"{path} cannot be read: {err.strerror}") from err
        except ConfigError as err:
            raise ConfigError(f"{path}: {err}") from err


def _read(content: Any) -> NetworkContract:
    if not isinstance(content, dict):
        raise ConfigError(f"must have entries, such as {_EXAMPLE}")
    for name in content:
        if name not in _ENTRIES:
            raise ConfigError(f"unknown entry {name!r}. Allowed: {', '.join(_ENTRIES)}")
    return NetworkContract(
        _three_numbers(content, "mean"),
        _three_numbers(content, "std"),
        content.get("channels", "rgb"),
        _size(content.get("size", "any")),
        _whole(content.get("multiple_of", 1), "multiple_of"),
    )


def _three_numbers(content: dict[str, Any], name: str) -> tuple[float, float, float]:
    if name not in content:
        raise ConfigError(f"{name} is missing. Needed: {_EXAMPLE}")
    values = content[name]
    if not isinstance(values, list) or len(values) != 3 or not all(map(_is_number, values)):
        raise ConfigError(f"{name} must be three finite numbers, got {values!r}")
    first, second, third = map(float, values)
    return first, second, third


def _size(value: Any) -> tuple[int, int] | None:
    if value == "any":
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise ConfigError(f"size must be any or [width, height] in px, got {value!r}")
    return _whole(value[0], "size"), _whole(value[1], "size")


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{name} must be whole, got {value!r}")
    return value


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
    )
