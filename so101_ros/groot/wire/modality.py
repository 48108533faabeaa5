"""What a server says of its model's inputs and outputs, and how each release writes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from so101_ros.errors import GrootError
from so101_ros.groot.model_contract import Generation, ModelContract

MODALITIES = ("video", "state", "action", "language")


class ModalityStyle(Enum):
    """How a release marks a modality in a message; tells releases apart."""

    TEXT = ("__ModalityConfig_class__", str)
    """N1.5: JSON as a text; keys carry ``video.``, ``state.`` or ``action.``."""
    MAP = ("__ModalityConfig_class__", dict)
    """N1.6 and the first N1.7: a map; keys are bare."""
    NEW_MAP = ("__ModalityConfig__", dict)
    """N1.7: as N1.6, under another marker."""

    @property
    def marker(self) -> str:
        """Key of a message that announces a modality."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Modality:
    """Keys of video, state, action or language.

    Attributes:
        keys: As the server writes them.
        steps: Frames of an observation, or rows of an answer.
        style: How it was written; None if pickled.
    """

    keys: tuple[str, ...]
    steps: int
    style: ModalityStyle | None


def write_modality(modality: Modality, style: ModalityStyle) -> dict[str, Any]:
    """Mark a modality for a message.

    Args:
        modality: The modality.
        style: How.
    """
    fields: dict[str, Any] = {
        "delta_indices": list(range(modality.steps)),
        "modality_keys": list(modality.keys),
    }
    if style is ModalityStyle.TEXT:
        return {style.marker: True, "as_json": json.dumps(fields, separators=(",", ":"))}
    unset = ("sin_cos_embedding_keys", "mean_std_embedding_keys", "action_configs")
    return {style.marker: True, "as_json": {**fields, **dict.fromkeys(unset)}}


def read_modality(entry: Mapping[Any, Any]) -> Modality | None:
    """Read a modality in whichever style it is.

    Args:
        entry: A map of a message.

    Returns:
        The modality; None if the map is something else.

    Raises:
        GrootError: If it claims to be one and is not.
    """
    for style in ModalityStyle:
        if style.marker in entry and isinstance(entry.get("as_json"), style.value[1]):
            return _read_fields(entry["as_json"], style)
    if any(style.marker in entry for style in ModalityStyle):
        raise GrootError("a message holds a modality without its fields (as_json)")
    return None


def read_fields(fields: Mapping[str, Any], style: ModalityStyle | None) -> Modality:
    """Read the fields of a modality.

    Args:
        fields: By the names that all releases share.
        style: How they were written; None if pickled.

    Raises:
        GrootError: If keys or indices are missing.
    """
    keys, indices = fields.get("modality_keys"), fields.get("delta_indices")
    if (
        not isinstance(keys, list)
        or not isinstance(indices, list)
        or not all(isinstance(key, str) for key in keys)
    ):
        raise GrootError(f"a modality needs modality_keys and delta_indices, got {_quote(fields)}")
    return Modality(tuple(keys), len(indices), style)


def modalities_of(contract: ModelContract, *, prefixed: bool) -> dict[str, Modality]:
    """Say of a model what servers say.

    Args:
        contract: The model's keys.
        prefixed: Whether keys carry the modality's name, as in N1.5.

    Returns:
        Modalities by name.
    """
    parts = {"video": contract.video, "state": contract.state, "action": contract.action}
    steps = {"video": 1, "state": 1, "action": contract.horizon or 0}
    found = {
        name: Modality(
            tuple(f"{name}.{key}" if prefixed else key for key in keys), steps[name], None
        )
        for name, keys in parts.items()
    }
    found["language"] = Modality(contract.language_keys, 1, None)
    return found


def contract_of(
    modalities: Mapping[str, Modality], source: str, generation: Generation
) -> ModelContract:
    """Turn what a server says into a contract; sizes and dimensions are not among it.

    Args:
        modalities: By name.
        source: Who said so.
        generation: Of the model.
    """
    keys = {
        name: tuple(key.removeprefix(f"{name}.") for key in modalities[name].keys)
        if name in modalities
        else ()
        for name in MODALITIES
    }
    action = modalities.get("action")
    return ModelContract(
        source=source,
        generation=generation,
        embodiment_tag=None,
        video=dict.fromkeys(keys["video"]),
        state=dict.fromkeys(keys["state"]),
        action=dict.fromkeys(keys["action"]),
        language_keys=keys["language"],
        horizon=action.steps if action else None,
    )


def _read_fields(content: str | dict[str, Any], style: ModalityStyle) -> Modality:
    if isinstance(content, dict):
        return read_fields(content, style)
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as err:
        raise GrootError(f"a modality's fields are no JSON: {_quote(content)}") from err
    if not isinstance(fields, dict):
        raise GrootError(f"a modality's fields are {_quote(fields)}, not a map")
    return read_fields(fields, style)


def _quote(content: Any) -> str:
    return repr(content)[:120]
