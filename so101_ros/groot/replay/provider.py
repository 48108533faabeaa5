"""Answer from a recording, and make one."""

import time
from pathlib import Path

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import ModelContract
from so101_ros.groot.provider import GrootProvider
from so101_ros.groot.replay.recorded_chunks import RecordedChunks
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.output_files import check_target

_SAVE_PERIOD_S = 2.0  # what a kill may cost


class ReplayProvider:
    """Answer what was recorded, in that order, whatever is asked.

    See :class:`so101_ros.groot.provider.GrootProvider`.
    """

    def __init__(self, path: Path, *, repeat: bool = True) -> None:
        """Read the recording.

        Args:
            path: See :mod:`so101_ros.groot.replay.recorded_chunks`.
            repeat: Whether to begin anew after the last answer.

        Raises:
            RecordingError: If the file holds none.
        """
        self._chunks = RecordedChunks.load(path)
        self._path = path
        self._repeat = repeat
        self._next = 0

    def describe(self) -> ModelContract:
        """Tell what the recorded model told."""
        return self._chunks.contract

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer the next one.

        Raises:
            GrootError: If that was the last, and none is repeated.
        """
        del request  # Unused: a recording does not look.
        if self._next == len(self._chunks):
            if not self._repeat:
                raise GrootError(f"{self._path} is at its end, after {len(self._chunks)} answers")
            self._next = 0
        answer = self._chunks[self._next]
        self._next += 1
        return answer

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class RecordingProvider:
    """Keep what another answers; see :class:`so101_ros.groot.provider.GrootProvider`.

    The file is there after the first answer and whole at every moment; a kill costs the last two
    seconds.

    Attributes:
        left_out: Answers of another shape than the first, which one file cannot hold.
    """

    def __init__(self, inner: GrootProvider, path: Path, *, overwrite: bool = False) -> None:
        """Prepare.

        Args:
            inner: Who answers.
            path: See :mod:`so101_ros.groot.replay.recorded_chunks`.
            overwrite: Whether a file may be replaced.

        Raises:
            ConfigError: If something is there that may not be replaced.
        """
        check_target(path, overwrite=overwrite)
        self._inner = inner
        self._path = path
        self._answers: list[GrootAnswer] = []
        self._contract: ModelContract | None = None
        self._unsaved = 0
        self._due_s = 0.0
        self.left_out = 0

    def __len__(self) -> int:
        """Count the answers that were kept."""
        return len(self._answers)

    def describe(self) -> ModelContract:
        """Tell what the other tells."""
        self._contract = self._inner.describe()
        return self._contract

    def infer(self, request: GrootRequest) -> GrootAnswer:
        """Answer what the other answers.

        Raises:
            GrootError: If the other has no answer.
            RecordingError: If the file cannot be written.
        """
        answer = self._inner.infer(request)
        if self._answers and _shapes(answer) != _shapes(self._answers[0]):
            self.left_out += 1
            return answer
        self._answers.append(answer)
        self._unsaved += 1
        if time.monotonic() >= self._due_s:
            self._save()
        return answer

    def close(self) -> None:
        """Write the rest, and close the other.

        Raises:
            RecordingError: If the file cannot be written.
        """
        try:
            if self._unsaved:
                self._save()
        finally:
            self._inner.close()

    def _save(self) -> None:
        contract = self._contract or self.describe()
        rows = {
            key: np.stack([answer[key] for answer in self._answers]) for key in self._answers[0]
        }
        RecordedChunks(contract, rows).save(self._path)
        self._unsaved = 0
        self._due_s = time.monotonic() + _SAVE_PERIOD_S


def _shapes(answer: GrootAnswer) -> dict[str, tuple[int, ...]]:
    return {key: np.shape(rows) for key, rows in answer.items()}
