"""Find embodiment profiles by name or file, and read what their files say."""

import os
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from so101_ros.assets import find_share_file
from so101_ros.errors import ConfigError
from so101_ros.groot.joint_map import JointMap, JointUnit
from so101_ros.groot.model_contract import Generation
from so101_ros.groot.profile import ActionMode, EmbodimentProfile
from so101_ros.groot.video_map import ColourOrder, VideoFit, VideoMap
from so101_ros.randomization.entry_reader import read_range
from so101_ros.randomization.marked_yaml import MarkedNode, read_marked

_FOLDER = "config/groot"

_Choice = TypeVar("_Choice", bound=Enum)
_Read = TypeVar("_Read")


def profile_names() -> list[str]:
    """Names of the profiles that come with the package.

    Raises:
        AssetError: If they are not installed.
    """
    return sorted(path.stem for path in find_share_file(_FOLDER).glob("*.yaml"))


def load_profile(text: str) -> EmbodimentProfile:
    """Find a profile.

    Args:
        text: A name out of :func:`profile_names`, or the path of a YAML file like theirs.

    Raises:
        ConfigError: If there is no such profile, or its file describes none; the message begins
            with file and line.
        AssetError: If the package's profiles are not installed.
    """
    path = _find(text)
    root = read_marked(path)
    if root is None or not root.is_mapping:
        line = 1 if root is None else root.node.start_mark.line + 1
        given = "nothing" if root is None else repr(root.given)
        raise ConfigError(
            f"{path}:{line}: a profile must be a mapping with the entries "
            f"{', '.join(_ENTRIES)}, got {given}"
        )
    return _read_profile(path.stem, root)


def _find(text: str) -> Path:
    names = profile_names()
    if text in names:
        return find_share_file(f"{_FOLDER}/{text}.yaml")
    path = Path(os.path.expanduser(text))  # which leaves an unknown user as it is
    if not path.is_file():
        raise ConfigError(
            f"profile {text!r} is unknown. Allowed: {', '.join(names)}, or the path of a YAML file "
            f"like {find_share_file(_FOLDER) / names[0]}.yaml"
        )
    return path


def _read_profile(name: str, root: MarkedNode) -> EmbodimentProfile:
    nodes = _entries(root, "a profile", required=tuple(_ENTRIES))
    values = {entry: _ENTRIES[entry](node) for entry, node in nodes.items()}
    return _build(root, nodes, lambda: EmbodimentProfile(name=name, **values))


def _read_video(node: MarkedNode) -> VideoMap:
    nodes = _entries(node, "a camera", required=tuple(_VIDEO_ENTRIES))
    values = {entry: _VIDEO_ENTRIES[entry](each) for entry, each in nodes.items()}
    return _build(node, nodes, lambda: VideoMap(**values))


def _read_joint(node: MarkedNode) -> JointMap:
    nodes = _entries(node, "a joint", required=("unit",), optional=tuple(_JOINT_ENTRIES))
    values = {entry: _JOINT_ENTRIES[entry](each) for entry, each in nodes.items()}
    return _build(node, nodes, lambda: JointMap(**values))


def _build(node: MarkedNode, nodes: Mapping[str, MarkedNode], build: Callable[[], _Read]) -> _Read:
    """Build what the entries describe; if that is refused, name the line of the entry."""
    try:
        return build()
    except ConfigError as err:
        blamed = nodes.get(str(err).split()[0], node)
        path = node.path and f"{node.path}."
        raise blamed.refuse(f"{path}{err}") from err


def _entries(
    node: MarkedNode, what: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, MarkedNode]:
    """Entries of a mapping whose names are given."""
    known = tuple(dict.fromkeys((*required, *optional)))
    if not node.is_mapping:
        raise node.refuse(
            f"{node.path} must be a mapping with the entries {', '.join(known)}, got {node.given!r}"
        )
    nodes = node.entries()
    for name, each in nodes.items():
        if name not in known:
            raise each.refuse(f"{node.path or what} has no {name!r}. Allowed: {', '.join(known)}")
    missing = [name for name in required if name not in nodes]
    if missing:
        raise node.refuse(f"{node.path or what} lacks {', '.join(missing)}")
    return nodes


def _by_name(read: Callable[[MarkedNode], _Read]) -> Callable[[MarkedNode], dict[str, _Read]]:
    return lambda node: {name: read(each) for name, each in node.entries().items()}


def _choice(kind: type[_Choice]) -> Callable[[MarkedNode], _Choice]:
    def read(node: MarkedNode) -> _Choice:
        try:
            return kind(node.text())
        except ValueError as err:
            allowed = ", ".join(str(each.value) for each in kind)
            raise node.refuse(f"{node.path} must be one of {allowed}, got {node.given!r}") from err

    return read


def _read_names(node: MarkedNode) -> tuple[str, ...]:
    names = tuple(each.text() for each in node.items())
    if not names:
        raise node.refuse(f"{node.path} must name at least one joint, got {node.given!r}")
    return names


def _read_size(node: MarkedNode) -> tuple[int, int]:
    items = node.items() if node.is_list else []
    if len(items) != 2:
        raise node.refuse(f"{node.path} must be [width, height], got {node.given!r}")
    return items[0].whole_number(), items[1].whole_number()


_ENTRIES: dict[str, Callable[[MarkedNode], Any]] = {
    "generation": _choice(Generation),
    "embodiment_tag": MarkedNode.text,
    "prompt": MarkedNode.text,
    "language_key": MarkedNode.text,
    "rate_hz": MarkedNode.number,
    "horizon": MarkedNode.whole_number,
    "execution_steps": MarkedNode.whole_number,
    "first_step": MarkedNode.whole_number,
    "action_mode": _choice(ActionMode),
    "video": _by_name(_read_video),
    "state": _by_name(_read_names),
    "action": _by_name(_read_names),
    "joints": _by_name(_read_joint),
}

_VIDEO_ENTRIES: dict[str, Callable[[MarkedNode], Any]] = {
    "camera": MarkedNode.text,
    "size": _read_size,
    "fit": _choice(VideoFit),
    "colour": _choice(ColourOrder),
}

_JOINT_ENTRIES: dict[str, Callable[[MarkedNode], Any]] = {
    "unit": _choice(JointUnit),
    "sign": MarkedNode.whole_number,
    "offset_rad": MarkedNode.number,
    "scale": MarkedNode.number,
    "range_rad": read_range,
    "action_bias_rad": MarkedNode.number,
}
