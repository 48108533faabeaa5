"""A stand-in for NVIDIA's package ``gr00t``, which cannot be installed for tests.

It has the names and signatures that a local model uses, writes down what it is told, and answers
each action key with the state.
"""

# Methods are named by what they stand in for.
# ruff: noqa: D102

import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np


class Transform:
    """Any of GR00T's transforms; knows with what it was made."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    @property
    def name(self) -> str:
        return type(self).__name__


class ComposedModalityTransform(Transform):
    @property
    def transforms(self) -> list[Transform]:
        return self.options["transforms"]


class GR00TTransform(Transform):
    def get_embodiment_tag(self) -> int:
        return 31


class Gr00tPolicy:
    """GR00T's policy, with nothing behind it.

    Attributes:
        made: All of them, in order.
        squeezes: Whether answers lose every dimension of one, as in releases before September 2025.
        error: Raised instead of an answer, or of loading if it says so.
    """

    made: ClassVar[list["Gr00tPolicy"]] = []
    squeezes = False
    error: Exception | None = None
    fails_to_load = False

    def __init__(self, **options: Any) -> None:
        if self.fails_to_load and self.error is not None:
            raise self.error
        print("Tune backbone llm: False")
        self.options = options
        self.asked: list[dict[str, Any]] = []
        self.model = SimpleNamespace(
            action_head=SimpleNamespace(
                device="cpu", config=SimpleNamespace(action_horizon=16, action_dim=32)
            )
        )
        self.made.append(self)

    def get_action(self, observation: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(observation)
        if self.error is not None:
            raise self.error
        states = {key: value for key, value in observation.items() if key.startswith("state.")}
        answer = {
            key.replace("state.", "action."): np.repeat(value, 16, axis=1)
            for key, value in states.items()
        }
        if self.squeezes:
            return {key: np.squeeze(value) for key, value in answer.items()}
        return answer


_TRANSFORMS = {
    "gr00t.data.transform.video": ("VideoToTensor", "VideoCrop", "VideoResize", "VideoToNumpy"),
    "gr00t.data.transform.state_action": ("StateActionToTensor", "StateActionTransform"),
    "gr00t.data.transform.concat": ("ConcatTransform",),
}


def install(monkeypatch: Any) -> type[Gr00tPolicy]:
    """Make ``import gr00t`` find the stand-in; return its policy, forgetful of earlier tests."""
    fresh = type("Gr00tPolicy", (Gr00tPolicy,), {"made": []})
    modules: dict[str, dict[str, Any]] = {
        name: {each: type(each, (Transform,), {}) for each in names}
        for name, names in _TRANSFORMS.items()
    }
    modules |= {
        "gr00t": {},
        "gr00t.data": {},
        "gr00t.data.transform": {},
        "gr00t.data.transform.base": {"ComposedModalityTransform": ComposedModalityTransform},
        "gr00t.data.dataset": {"ModalityConfig": SimpleNamespace},
        "gr00t.model": {},
        "gr00t.model.transforms": {"GR00TTransform": GR00TTransform},
        "gr00t.model.policy": {"Gr00tPolicy": fresh},
    }
    for name, content in modules.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return fresh
