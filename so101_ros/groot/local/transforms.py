"""What GR00T N1.5 does to an observation before its network, made from a profile.

The order and the numbers are those of every data configuration that N1.5 was released with; a
checkpoint that was trained with others is not what a profile describes.
"""

from dataclasses import dataclass
from typing import Any

from so101_ros.groot.local.lazy_import import import_groot
from so101_ros.groot.profile import EmbodimentProfile

CROP = 0.95
"""Share of both sides of an image that is kept."""

SIZE = (224, 224)
"""Height and width in [px] that the backbone looks at."""

MAX_STATE, MAX_ACTION = 64, 32
"""Numbers that the network has room for."""


@dataclass(frozen=True)
class LocalTransforms:
    """GR00T's transforms for one profile.

    Attributes:
        modalities: GR00T's modality configuration.
        whole: All transforms, composed.
        state: Those of them that normalise the state, in order.
    """

    modalities: dict[str, Any]
    whole: Any
    state: tuple[Any, ...]

    @classmethod
    def make(cls, profile: EmbodimentProfile) -> "LocalTransforms":
        """Make them.

        Args:
            profile: The profile.

        Raises:
            GrootError: If GR00T is not installed.
        """
        base = import_groot("gr00t.data.transform.base")
        state = _normalise(state_keys(profile))
        return cls(
            modalities=_modalities(profile),
            whole=base.ComposedModalityTransform(
                transforms=[
                    *_look(video_keys(profile)),
                    *state,
                    *_normalise(action_keys(profile)),
                    *_join(profile),
                ]
            ),
            state=state,
        )


def video_keys(profile: EmbodimentProfile) -> list[str]:
    """N1.5's names of the images, in the model's order.

    Args:
        profile: The profile.
    """
    return [f"video.{key}" for key in profile.video]


def state_keys(profile: EmbodimentProfile) -> list[str]:
    """N1.5's names of the states, in the model's order.

    Args:
        profile: The profile.
    """
    return [f"state.{key}" for key in profile.state]


def action_keys(profile: EmbodimentProfile) -> list[str]:
    """N1.5's names of the actions, in the model's order.

    Args:
        profile: The profile.
    """
    return [f"action.{key}" for key in profile.action]


def _modalities(profile: EmbodimentProfile) -> dict[str, Any]:
    config = import_groot("gr00t.data.dataset").ModalityConfig
    now, rows = [0], list(range(profile.horizon))
    return {
        "video": config(delta_indices=now, modality_keys=video_keys(profile)),
        "state": config(delta_indices=now, modality_keys=state_keys(profile)),
        "action": config(delta_indices=rows, modality_keys=action_keys(profile)),
        "language": config(delta_indices=now, modality_keys=[profile.language_key]),
    }


def _look(keys: list[str]) -> list[Any]:
    video = import_groot("gr00t.data.transform.video")
    height, width = SIZE
    return [
        video.VideoToTensor(apply_to=keys),
        video.VideoCrop(apply_to=keys, scale=CROP),
        video.VideoResize(
            apply_to=keys, height=height, width=width, interpolation="linear", antialias=True
        ),
        video.VideoToNumpy(apply_to=keys),
    ]


def _normalise(keys: list[str]) -> tuple[Any, ...]:
    module = import_groot("gr00t.data.transform.state_action")
    return (
        module.StateActionToTensor(apply_to=keys),
        module.StateActionTransform(
            apply_to=keys, normalization_modes=dict.fromkeys(keys, "min_max")
        ),
    )


def _join(profile: EmbodimentProfile) -> list[Any]:
    concat = import_groot("gr00t.data.transform.concat")
    model = import_groot("gr00t.model.transforms")
    return [
        concat.ConcatTransform(
            video_concat_order=video_keys(profile),
            state_concat_order=state_keys(profile),
            action_concat_order=action_keys(profile),
        ),
        model.GR00TTransform(
            state_horizon=1,
            action_horizon=profile.horizon,
            max_state_dim=MAX_STATE,
            max_action_dim=MAX_ACTION,
        ),
    ]
