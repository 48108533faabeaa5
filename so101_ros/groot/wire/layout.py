"""How observations and answers are arranged in messages: flat in N1.5, nested since N1.6."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.wire.shapes import (
    batched,
    describe,
    read_image,
    read_prompt,
    read_rows,
    read_state,
)

DEFAULT_LANGUAGE_KEY = "annotation.human.task_description"
"""What every shipped configuration for this arm calls the prompt."""

_BATCHED_STATE_DIMENSIONS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What a server was asked.

    Attributes:
        request: The observation.
        batched: Whether the client expects a batch of one as an answer.
    """

    request: GrootRequest
    batched: bool


class Layout(Protocol):
    """One arrangement of messages."""

    prefixed: bool
    """Whether modalities name keys with ``video.``, ``state.``, ``action.`` before them."""

    def write_observation(self, request: GrootRequest, language_keys: Sequence[str]) -> Any:
        """Arrange the data of a ``get_action``.

        Args:
            request: The observation.
            language_keys: The model's keys of the prompt; it gets the first.
        """
        ...

    def read_observation(self, data: Any) -> Observation:
        """Undo :meth:`write_observation`.

        Args:
            data: What came with a ``get_action``.

        Raises:
            GrootError: If it is no observation of this arrangement.
        """
        ...

    def write_answer(self, answer: GrootAnswer, *, batch: bool) -> Any:
        """Arrange an answer.

        Args:
            answer: Rows by action key.
            batch: Whether as a batch of one.
        """
        ...

    def read_answer(self, reply: Any) -> GrootAnswer:
        """Undo :meth:`write_answer`.

        Args:
            reply: What came.

        Raises:
            GrootError: If it is no answer of this arrangement; says what it is.
        """
        ...


class FlatLayout:
    """N1.5: ``{"video.front": ..., "state.arm": ..., "annotation...": ...}`` and ``action.arm``."""

    prefixed = True

    def write_observation(self, request: GrootRequest, language_keys: Sequence[str]) -> Any:
        """See :class:`Layout`.

        A list would reach the model as ``['prompt']``, a bare text as its first letter; an array in
        a batch is the prompt itself, in all releases of N1.5.
        """
        return {
            **{f"video.{key}": batched(pixels) for key, pixels in request.video.items()},
            **{f"state.{key}": batched(values) for key, values in request.state.items()},
            **{key: np.array([request.prompt]) for key in language_keys[:1]},
        }

    def read_observation(self, data: Any) -> Observation:
        """See :class:`Layout`."""
        if not isinstance(data, dict) or isinstance(data.get("observation"), dict):
            raise GrootError(
                f"this server speaks N1.5, whose observations are flat; the client sent "
                f"{describe(data)}, as those of N1.6 and N1.7 do"
            )
        video = {key: read_image(key, data[key]) for key in data if _has(key, "video.")}
        state = {key: read_state(key, data[key]) for key in data if _has(key, "state.")}
        prompts = [read_prompt(key, data[key]) for key in data if "annotation" in str(key)]
        request = GrootRequest(
            {key.removeprefix("video."): pixels for key, pixels in video.items()},
            {key.removeprefix("state."): values for key, values in state.items()},
            prompts[0] if prompts else "",
        )
        # N1.5 itself decides by the state alone.
        batch = all(data[key].ndim == _BATCHED_STATE_DIMENSIONS for key in state)
        return Observation(request, bool(state) and batch)

    def write_answer(self, answer: GrootAnswer, *, batch: bool) -> Any:
        """See :class:`Layout`."""
        return {
            f"action.{key}": rows[np.newaxis] if batch else rows for key, rows in answer.items()
        }

    def read_answer(self, reply: Any) -> GrootAnswer:
        """See :class:`Layout`."""
        if not isinstance(reply, dict):
            raise GrootError(f"N1.5 answers a map, got {describe(reply)}")
        answer = {
            key.removeprefix("action."): read_rows(key, rows)
            for key, rows in reply.items()
            if _has(key, "action.")
        }
        if not answer:
            raise GrootError(f"no key begins with 'action.': it is {describe(reply)}")
        return answer


class NestedLayout:
    """N1.6 and N1.7: ``{"observation": {"video": {...}, ...}, "options": None}``.

    The reply is a list of answer and further information.
    """

    prefixed = False

    def write_observation(self, request: GrootRequest, language_keys: Sequence[str]) -> Any:
        """See :class:`Layout`."""
        observation = {
            "video": {key: batched(pixels) for key, pixels in request.video.items()},
            "state": {key: batched(values) for key, values in request.state.items()},
            "language": {key: [[request.prompt]] for key in language_keys[:1]},
        }
        return {"observation": observation, "options": None}

    def read_observation(self, data: Any) -> Observation:
        """See :class:`Layout`."""
        observation = data.get("observation") if isinstance(data, dict) else None
        if not isinstance(observation, dict):
            raise GrootError(
                "this server speaks N1.6 or N1.7, whose get_action has {'observation': ..., "
                f"'options': ...}}; the client sent {describe(data)}, as those of N1.5 do"
            )
        video, state, language = (
            _read_part(observation, name) for name in ("video", "state", "language")
        )
        for key, values in state.items():
            if not isinstance(values, np.ndarray) or values.dtype != np.float32:
                raise GrootError(f"state.{key} must be float32, got {describe(values)}")
        prompts = [read_prompt(key, value) for key, value in language.items()]
        request = GrootRequest(
            {key: read_image(f"video.{key}", pixels) for key, pixels in video.items()},
            {key: read_state(f"state.{key}", values) for key, values in state.items()},
            prompts[0] if prompts else "",
        )
        return Observation(request, batched=True)

    def write_answer(self, answer: GrootAnswer, *, batch: bool) -> Any:
        """See :class:`Layout`."""
        return [{key: _put(rows, batch) for key, rows in answer.items()}, {}]

    def read_answer(self, reply: Any) -> GrootAnswer:
        """See :class:`Layout`."""
        if not isinstance(reply, list | tuple) or not reply or not isinstance(reply[0], dict):
            raise GrootError(f"N1.6 and N1.7 answer [action, info], got {describe(reply)}")
        answer = {key: read_rows(str(key), rows) for key, rows in reply[0].items()}
        if not answer:
            raise GrootError("the action is empty")
        return answer


def _has(key: Any, prefix: str) -> bool:
    return isinstance(key, str) and key.startswith(prefix)


def _put(rows: np.ndarray, batch: bool) -> np.ndarray:
    return rows[np.newaxis] if batch else rows


def _read_part(observation: dict[Any, Any], name: str) -> dict[str, Any]:
    part = observation.get(name)
    if not isinstance(part, dict) or not all(isinstance(key, str) for key in part):
        raise GrootError(f"the observation's {name} must be a map, got {describe(part)}")
    return part
