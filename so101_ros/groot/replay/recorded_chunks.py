"""Answers of a model in a file.

The file is an .npz of NumPy's with ``format`` (text), ``contract`` (what the model said of itself,
as JSON) and, for every action key, ``action.KEY``: numbers of the shape (answers, steps,
dimension).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from so101_ros.errors import RecordingError
from so101_ros.groot.contract_json import contract_from_json, contract_to_json
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.request import GrootAnswer
from so101_ros.output_files import whole_file

_FORMAT = "so101 groot chunks 1"
_PREFIX = "action."
_DIMENSIONS = 3  # answers, steps, dimension


@dataclass(frozen=True, slots=True, eq=False)
class RecordedChunks:
    """Answers, one after the other.

    Attributes:
        contract: What the model said of itself.
        rows: By action key. Shape (answers, steps, dimension) each, in the model's units.
    """

    contract: ModelContract
    rows: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        """Refuse what are no answers.

        Raises:
            RecordingError: If the keys do not go together.
        """
        shapes = {key: np.shape(rows) for key, rows in self.rows.items()}
        if not shapes or any(len(shape) != _DIMENSIONS or 0 in shape for shape in shapes.values()):
            raise RecordingError(
                f"recorded answers must have the shape (answers, steps, dimension), got {shapes}"
            )
        if len({shape[:2] for shape in shapes.values()}) != 1:
            raise RecordingError(f"recorded answers must be as many for each key, got {shapes}")
        if any("\0" in key for key in shapes):
            raise RecordingError(f"a file cannot hold keys with NUL in them, got {list(shapes)}")

    def __len__(self) -> int:
        """Count the answers."""
        return len(next(iter(self.rows.values())))

    def __getitem__(self, index: int) -> GrootAnswer:
        """Take one answer."""
        return {key: np.array(rows[index]) for key, rows in self.rows.items()}

    def save(self, path: Path) -> None:
        """Write the file; it is whole at every moment.

        Args:
            path: The file; one that is there is replaced.

        Raises:
            RecordingError: If it cannot be written.
        """
        content: dict[str, Any] = {f"{_PREFIX}{key}": rows for key, rows in self.rows.items()}
        contract = json.dumps(contract_to_json(self.contract))
        try:
            with whole_file(path) as stream:
                np.savez(stream, format=_FORMAT, contract=contract, **content)
        except OSError as err:
            raise RecordingError(f"{path} cannot be written: {err.strerror}") from err

    @classmethod
    def load(cls, path: Path) -> "RecordedChunks":
        """Read what :meth:`save` wrote.

        Args:
            path: The file.

        Raises:
            RecordingError: If there is no such file, or it holds no answers.
        """
        if not path.is_file():
            raise RecordingError(
                f"{path} is not a file. Record one with: so101 groot mock --record {path}"
            )
        try:
            with np.load(path, allow_pickle=False) as content:
                return _read(content, path)
        except Exception as err:  # neither NumPy nor zipfile promises classes for a broken file
            raise _foreign(path, str(err)) from err


def _foreign(path: Path, reason: str) -> RecordingError:
    return RecordingError(
        f"{path} holds no answers of a GR00T model that this release can read: {reason}. Record "
        "some with: so101 groot mock --record FILE"
    )


def _read(content: "np.lib.npyio.NpzFile", path: Path) -> RecordedChunks:
    if str(content["format"]) != _FORMAT:
        raise ValueError(f"its format is {str(content['format'])[:40]!r}, not {_FORMAT!r}")
    contract = contract_from_json(json.loads(str(content["contract"])), str(path))
    rows = {
        name.removeprefix(_PREFIX): content[name]
        for name in content.files
        if name.startswith(_PREFIX)
    }
    for key, values in rows.items():
        if values.dtype.kind not in "fiu":
            raise ValueError(f"{_PREFIX}{key} are no numbers")
    chunks = RecordedChunks(contract, rows)
    # A server of upstream's does not tell dimensions; what it answered does.
    dimensions = {key: values.shape[2] for key, values in rows.items()}
    steps = next(iter(rows.values())).shape[1]
    return RecordedChunks(replace(contract, action=dimensions, horizon=steps), chunks.rows)
