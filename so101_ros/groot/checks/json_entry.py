"""JSON whose every entry knows where it stands, so that whoever is refused knows where to look."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from so101_ros.errors import GrootError


@dataclass(frozen=True, slots=True, eq=False)
class JsonEntry:
    """An entry of a JSON file.

    Attributes:
        file: The file.
        path: Where in the file the entry stands, such as ``statistics.state``; empty for the whole.
        value: What is there.
    """

    file: Path
    path: str
    value: Any

    def refuse(self, reason: str) -> GrootError:
        """Make the error that names file and entry.

        Args:
            reason: What is wrong with the entry.
        """
        return GrootError(f"{self.file}: {self.path or 'the file'} {reason}")

    def entries(self) -> "dict[str, JsonEntry]":
        """Entries by name.

        Raises:
            GrootError: If it is no mapping.
        """
        if not isinstance(self.value, dict):
            raise self.refuse(f"must be a mapping, got {str(self.value)[:60]!r}")
        return {name: self._below(name, value) for name, value in self.value.items()}

    def entry(self, name: str) -> "JsonEntry":
        """One of its entries.

        Args:
            name: Which.

        Raises:
            GrootError: If it has none of that name.
        """
        entries = self.entries()
        if name not in entries:
            present = ", ".join(entries) or "nothing"
            raise self.refuse(f"lacks {name!r}; it has {present}")
        return entries[name]

    def numbers(self) -> np.ndarray:
        """Read finite numbers in a row.

        Raises:
            GrootError: If they are none.
        """
        values = self.value if isinstance(self.value, list) else [None]
        if not values or not all(_is_finite_number(each) for each in values):
            raise self.refuse(f"must be a list of finite numbers, got {str(self.value)[:60]!r}")
        return np.array(values, dtype=np.float64)

    def whole_numbers(self) -> tuple[int, ...]:
        """Read whole numbers in a row.

        Raises:
            GrootError: If they are none.
        """
        numbers = self.numbers()
        if not np.array_equal(numbers, np.rint(numbers)):
            raise self.refuse(f"must be a list of whole numbers, got {self.value!r}")
        return tuple(int(number) for number in numbers)

    def texts(self) -> tuple[str, ...]:
        """Read texts in a row.

        Raises:
            GrootError: If they are none.
        """
        if not isinstance(self.value, list) or not all(
            isinstance(each, str) for each in self.value
        ):
            raise self.refuse(f"must be a list of texts, got {str(self.value)[:60]!r}")
        return tuple(self.value)

    def _below(self, name: str, value: Any) -> "JsonEntry":
        return JsonEntry(self.file, f"{self.path}.{name}" if self.path else name, value)


def read_json(file: Path) -> JsonEntry:
    """Read a JSON file.

    Args:
        file: The file.

    Raises:
        GrootError: If it cannot be read, or is no JSON.
    """
    try:
        return JsonEntry(file, "", json.loads(file.read_text(encoding="utf-8")))
    except OSError as err:
        raise GrootError(f"{file} cannot be read: {err.strerror}") from err
    except json.JSONDecodeError as err:
        raise GrootError(
            f"{file}:{err.lineno}: no JSON: {err.msg}. Download the checkpoint anew"
        ) from err
    except (UnicodeDecodeError, RecursionError) as err:
        raise GrootError(f"{file}: no JSON: {err}. Download the checkpoint anew") from err


def _is_finite_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)
