"""A request as GR00T N1.5's own policy takes it, and its answer as everybody else does."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from so101_ros.errors import GrootError
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.request import GrootAnswer, GrootRequest


def batched_observation(profile: EmbodimentProfile, request: GrootRequest) -> dict[str, np.ndarray]:
    """Put a request into a batch of one.

    In a batch every release renders the prompt as it is; some put brackets and quotes around a
    single one, others read its first letter.

    Args:
        profile: Says what the prompt is called.
        request: The request.

    Returns:
        Arrays by GR00T's names.
    """
    return {
        **{f"video.{key}": pixels[np.newaxis, np.newaxis] for key, pixels in request.video.items()},
        **batched_state(request),
        profile.language_key: np.array([request.prompt]),
    }


def batched_state(request: GrootRequest) -> dict[str, np.ndarray]:
    """Put a request's state into a batch of one, in the one type that GR00T must always get.

    Args:
        request: The request.
    """
    return {
        f"state.{key}": np.array(values, dtype=np.float32)[np.newaxis, np.newaxis]
        for key, values in request.state.items()
    }


def read_answer(answer: Mapping[str, Any], profile: EmbodimentProfile) -> GrootAnswer:
    """Take an answer out of its batch.

    Args:
        answer: What GR00T's policy gave: arrays or tensors. Shape (1, steps, dimension) each;
            releases before September 2025 leave out what is one, a gripper's dimension as well.
        profile: Says which keys there are.

    Raises:
        GrootError: If a key is missing or has no such shape.
    """
    return {
        key: _rows(f"action.{key}", answer, profile.horizon, len(names))
        for key, names in profile.action.items()
    }


def _rows(key: str, answer: Mapping[str, Any], horizon: int, dimension: int) -> np.ndarray:
    if key not in answer:
        raise GrootError(
            f"the model's answer has no {key}; it has {', '.join(answer) or 'nothing'}"
        )
    values = np.asarray(answer[key], dtype=np.float32)
    whole = (1, horizon, dimension)
    if values.squeeze().shape != np.empty(whole).squeeze().shape:
        raise GrootError(f"{key} of the model's answer is {values.shape}, expected {whole}")
    return values.reshape(horizon, dimension)
