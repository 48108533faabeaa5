"""The one contract between the arm with its cameras and a GR00T checkpoint."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.arm import JOINT_NAMES, NUM_JOINTS
from so101_ros.errors import GrootError, ObservationError
from so101_ros.groot.joint_map import JointMap
from so101_ros.groot.model_contract import Generation, ModelContract
from so101_ros.groot.profile_rules import (
    check_cameras,
    check_joint_names,
    check_keys,
    check_names,
    check_timing,
)
from so101_ros.groot.request import GrootAnswer, GrootRequest
from so101_ros.groot.video_map import VideoMap


class ActionMode(str, Enum):
    """What the rows of an answer are."""

    ABSOLUTE = "absolute"
    """Joint positions."""
    RELATIVE = "relative"
    """Offsets from the joint positions that the model was shown."""


@dataclass(frozen=True, eq=False)
class EmbodimentProfile:
    """Names, units, order and timing that a checkpoint was trained with.

    Attributes:
        name: What messages call the profile.
        generation: The model's release.
        embodiment_tag: Which of the model's robots this is.
        prompt: What the model is told to do.
        language_key: The model's name of the prompt.
        rate_hz: Rows per second.
        horizon: Rows of an answer.
        execution_steps: Rows that are used before the next answer should take over.
        first_step: Row i is the target for (i + first_step) / rate_hz after the observation.
        action_mode: Whether rows are positions or offsets.
        video: Cameras by video key, in the model's order.
        state: Joints by state key, in the order of the key's vector.
        action: Joints by action key, in the order of the key's vector.
        joints: Units by joint, for all six.
    """

    name: str
    generation: Generation
    embodiment_tag: str
    prompt: str
    language_key: str
    rate_hz: float
    horizon: int
    execution_steps: int
    first_step: int
    action_mode: ActionMode
    video: Mapping[str, VideoMap]
    state: Mapping[str, tuple[str, ...]]
    action: Mapping[str, tuple[str, ...]]
    joints: Mapping[str, JointMap]

    def __post_init__(self) -> None:
        """Refuse a profile that contradicts itself.

        Raises:
            ConfigError: If an entry is outside its allowed range; the message begins with its name.
        """
        check_timing(self.rate_hz, self.horizon, self.execution_steps, self.first_step)
        check_names(self.embodiment_tag, self.language_key, self.generation)
        for part in ("video", "state", "action"):
            check_keys(part, getattr(self, part))
        check_cameras(self.video, self.generation)
        check_joint_names("state", _joined(self.state), complete=False)
        check_joint_names("action", _joined(self.action), complete=True)
        check_joint_names("joints", tuple(self.joints), complete=True)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras that the model needs, in its order."""
        return tuple(each.camera for each in self.video.values())

    def contract(self, source: str) -> ModelContract:
        """Tell what a checkpoint that fits this profile says of itself.

        Args:
            source: Who says so.
        """
        return ModelContract(
            source=source,
            generation=self.generation,
            embodiment_tag=self.embodiment_tag,
            video={key: each.size for key, each in self.video.items()},
            state={key: len(names) for key, names in self.state.items()},
            action={key: len(names) for key, names in self.action.items()},
            language_keys=(self.language_key,),
            horizon=self.horizon,
        )

    def request(self, images: Mapping[str, np.ndarray], q: np.ndarray) -> GrootRequest:
        """Put an observation into the model's terms.

        Args:
            images: RGB pixels by camera. Shape (height, width, 3) each, uint8; further cameras are
                left out.
            q: Joint positions in [rad], in arm order. Shape (6,).

        Raises:
            ObservationError: If a camera is missing, or something is not what it must be.
        """
        return GrootRequest(self.show(images), self.tell(q), self.prompt)

    def show(self, images: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Put images into the model's terms: the video of a request.

        Args:
            images: As for :meth:`request`.

        Raises:
            ObservationError: If a camera is missing, or an image is none.
        """
        missing = [camera for camera in self.cameras if camera not in images]
        if missing:
            raise ObservationError(
                f"no image of the camera {', '.join(missing)}: profile {self.name!r} needs "
                f"{', '.join(self.cameras)}, got {', '.join(images) or 'none'}"
            )
        return {key: each.to_model(images[each.camera]) for key, each in self.video.items()}

    def tell(self, q: np.ndarray) -> dict[str, np.ndarray]:
        """Put joint positions into the model's terms: the state of a request.

        Args:
            q: Joint positions in [rad], in arm order. Shape (6,).

        Raises:
            ObservationError: If they are not six finite numbers.
        """
        values = self._to_model(_check_positions(q))
        return {
            key: values[_indices(names)].astype(np.float32) for key, names in self.state.items()
        }

    def targets(self, answer: GrootAnswer, q: np.ndarray) -> np.ndarray:
        """Read an answer as joint targets.

        Args:
            answer: The model's answer.
            q: Joint positions of the observation in [rad], in arm order. Shape (6,).

        Returns:
            Targets in [rad], in arm order; row i is for (i + first_step) / rate_hz after the
            observation. Shape (horizon, 6).

        Raises:
            GrootError: If the answer is not what the profile expects.
        """
        if set(answer) != set(self.action):
            raise self._refuse(answer, "its keys are not the profile's")
        values = np.empty((self.horizon, NUM_JOINTS))
        for key, names in self.action.items():
            values[:, _indices(names)] = self._read_rows(answer, key)
        if self.action_mode is ActionMode.RELATIVE:
            values += self._to_model(_check_positions(q))
        return self._to_rad(values) + self._biases

    def read_request(self, request: GrootRequest) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Undo :meth:`request`, for those who stand in for a model.

        Args:
            request: The observation in the model's terms.

        Returns:
            RGB pixels by camera, in the model's size, and joint positions in [rad], in arm order.

        Raises:
            GrootError: If it is not what the profile says, or leaves out a joint.
        """
        self._check_request(request)
        values = np.empty(NUM_JOINTS)
        for key, names in self.state.items():
            values[_indices(names)] = request.state[key]
        images = {
            each.camera: each.from_model(request.video[key]) for key, each in self.video.items()
        }
        return images, self._to_rad(values)

    def answer(self, targets: np.ndarray, q: np.ndarray) -> GrootAnswer:
        """Undo :meth:`targets`, for those who stand in for a model.

        Args:
            targets: Targets in [rad], in arm order. Shape (horizon, 6).
            q: Joint positions of the observation in [rad], in arm order. Shape (6,).

        Raises:
            GrootError: If the targets are not as many as the profile's horizon.
        """
        if np.shape(targets) != (self.horizon, NUM_JOINTS):
            raise GrootError(
                f"targets for profile {self.name!r} must have the shape "
                f"{(self.horizon, NUM_JOINTS)}, got {np.shape(targets)}"
            )
        values = self._to_model(np.asarray(targets, dtype=np.float64) - self._biases)
        if self.action_mode is ActionMode.RELATIVE:
            values -= self._to_model(_check_positions(q))
        return {
            key: values[:, _indices(names)].astype(np.float32) for key, names in self.action.items()
        }

    def _read_rows(self, answer: GrootAnswer, key: str) -> np.ndarray:
        """Rows of one key. Shape (horizon, dimension)."""
        rows = np.asarray(answer[key])
        if rows.ndim == 1 and len(self.action[key]) == 1:
            rows = rows[:, np.newaxis]  # releases before September 2025 squeeze such keys
        if rows.shape != (self.horizon, len(self.action[key])):
            raise self._refuse(answer, f"the shape of {key!r} is not the profile's")
        if rows.dtype.kind not in "fiu" or not np.isfinite(rows).all():
            raise self._refuse(answer, f"{key!r} has values that are no finite numbers")
        return rows

    def _refuse(self, answer: GrootAnswer, reason: str) -> GrootError:
        came = {key: np.shape(rows) for key, rows in answer.items()}
        expected = {key: (self.horizon, len(names)) for key, names in self.action.items()}
        return GrootError(
            f"the model's answer is refused: {reason}. It has {_list_shapes(came)}; profile "
            f"{self.name!r} expects {_list_shapes(expected)}"
        )

    def _check_request(self, request: GrootRequest) -> None:
        came = {
            **{f"video.{key}": np.shape(pixels) for key, pixels in request.video.items()},
            **{f"state.{key}": np.shape(values) for key, values in request.state.items()},
        }
        expected = {
            **{f"video.{key}": (*each.size[::-1], 3) for key, each in self.video.items()},
            **{f"state.{key}": (len(names),) for key, names in self.state.items()},
        }
        if came != expected:
            raise GrootError(
                f"the request is refused: it has {_list_shapes(came)}; profile {self.name!r} "
                f"expects {_list_shapes(expected)}"
            )
        if not all(np.isfinite(values).all() for values in request.state.values()):
            raise GrootError("the request is refused: its state has values that are not finite")
        untold = [name for name in JOINT_NAMES if name not in _joined(self.state)]
        if untold:
            raise GrootError(
                f"requests of profile {self.name!r} do not tell where {', '.join(untold)} is"
            )

    def _to_model(self, q: np.ndarray) -> np.ndarray:
        return (q - self._zeros) / self._gains

    def _to_rad(self, values: np.ndarray) -> np.ndarray:
        return self._gains * values + self._zeros

    @property
    def _gains(self) -> np.ndarray:
        return np.array([self.joints[name].rad_per_unit for name in JOINT_NAMES])

    @property
    def _zeros(self) -> np.ndarray:
        return np.array([self.joints[name].rad_at_zero for name in JOINT_NAMES])

    @property
    def _biases(self) -> np.ndarray:
        return np.array([self.joints[name].action_bias_rad for name in JOINT_NAMES])


def _check_positions(q: np.ndarray) -> np.ndarray:
    if np.shape(q) != (NUM_JOINTS,) or not all(map(math.isfinite, np.asarray(q).tolist())):
        raise ObservationError(f"joint positions must be {NUM_JOINTS} finite numbers, got {q}")
    return np.asarray(q, dtype=np.float64)


def _list_shapes(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "nothing"


def _joined(parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in parts.values() for name in names)


def _indices(names: tuple[str, ...]) -> list[int]:
    return [JOINT_NAMES.index(name) for name in names]
